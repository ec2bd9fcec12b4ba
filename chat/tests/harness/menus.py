"""What a person does with the menus of messages and people, and sees of it: words for tests of the page."""

import asyncio
from collections.abc import Sequence

from playwright.async_api import Locator

from .clients import ChatClient
from .pages import a_guest, enter, is_drawn, settled
from .servers import ServerProcess
from .windows import OpenWindow, Page, expect

QUESTION = ".ask"  # the dialog that asks before something is done


async def company(
    open_window: OpenWindow, server: ServerProcess, room: str, *names: str, absent: Sequence[str] = ()
) -> list[Page]:
    """A window each, under these names, but for those who are `absent`. The first one has said hello and owns
    the room."""
    guests = [await a_guest(server, room, name) for name in names]
    async with ChatClient(server.ws_url(room), cookies=guests[0]) as first:
        await first.post("hello")
    here = [guest for guest, name in zip(guests, names, strict=True) if name not in absent]
    pages = await asyncio.gather(*(enter(open_window, server, room, cookies=guest) for guest in here))
    for page in pages:
        await settled(page, 1)
    if names[0] not in absent:
        await owns(pages[0])
    return pages


async def owns(page: Page) -> None:
    """The page knows that its person keeps order here, and has drawn its messages anew."""
    await expect(page.locator("#room-settings")).not_to_have_attribute("hidden", "")
    await is_drawn(page)


def entry(page: Page, text: str) -> Locator:
    """The message with exactly this text."""
    return page.locator(".entry[data-sequence]").filter(
        has=page.locator(".body").get_by_text(text, exact=True)
    )


async def open_menu(page: Page, text: str) -> None:
    message = entry(page, text)
    await message.hover()
    await message.locator(".more").click()


async def open_menu_by_touch(page: Page, text: str) -> None:
    await entry(page, text).locator(".body").tap()
    await entry(page, text).locator(".more").tap()


async def choose(page: Page, text: str, *choices: str) -> None:
    """Open the message's menu and choose in it, and in the menu that this opens."""
    await open_menu(page, text)
    for choice in choices:
        await page.get_by_role("menuitem", name=choice, exact=True).click()


async def choices(page: Page) -> list[str]:
    """What the open menu offers, without the emoji."""
    return await page.locator(".menu-group [role=menuitem]").all_inner_texts()


async def confirm(page: Page, action: str) -> None:
    await page.locator(QUESTION).get_by_role("button", name=action, exact=True).click()


async def is_told(page: Page, words: str) -> None:
    """The one line that only this person sees says so."""
    await expect(page.locator(".aside")).to_contain_text(words)
