"""States of files, sent and to be sent."""

from collections.abc import Awaitable, Callable

from playwright.async_api import FilePayload, Page, Route

from chat.tests.harness.media import notes

from .rooms import ALLOTMENT, photograph
from .table import state
from .world import Window


async def hang(route: Route) -> None:
    """Takes the bytes and does not answer."""
    if route.request.method != "PUT":
        await route.continue_()


async def cut(route: Route) -> None:
    await route.abort("connectionreset")


def picture() -> FilePayload:
    return {"name": "hills.jpg", "mimeType": "image/jpeg", "buffer": photograph("JPEG", 8)}


async def with_attachments(
    window: Window, state: str, broken: Callable[[Route], Awaitable[None]] | None = None
) -> Page:
    """Two files are chosen, and in this state of an upload."""
    page = await window.enter(ALLOTMENT)
    if broken:
        await page.route("**/files/**", broken)
    await page.set_input_files("#composer input[type=file]", [picture(), notes("a list of seeds.txt")])
    await page.locator(f".attachment .upload[data-state={state}]").nth(1).wait_for()
    return page


@state
async def files(window: Window) -> Page:
    page = await window.enter(ALLOTMENT)
    await page.locator(".picture img").first.wait_for()
    return page


@state
async def files_chosen(window: Window) -> Page:
    return await with_attachments(window, "stored")


@state
async def files_uploading(window: Window) -> Page:
    return await with_attachments(window, "sending", hang)


@state
async def files_cut(window: Window) -> Page:
    return await with_attachments(window, "waiting", cut)


@state
async def files_refused(window: Window) -> Page:
    async def refuse(route: Route) -> None:
        await route.fulfill(status=413, json={"code": "too_large", "text": "A file has at most 10 MB."})

    return await with_attachments(window, "failed", refuse)


@state
async def lightbox(window: Window) -> Page:
    page = await files(window)
    await page.locator(".picture").nth(1).click()
    await page.locator(".lightbox img").wait_for()
    return page
