"""States of the pages beside a room's, and of a room's without a script."""

from typing import Any

from playwright.async_api import Page

from .rooms import GARDEN
from .table import STATES, state
from .world import Window


@state
async def index_empty(window: Window) -> Page:
    return await window.open("/chat/", "", window.world.empty_server())


@state
async def index(window: Window) -> Page:
    return await window.open("/chat/", "Yuki")


@state
async def index_typed(window: Window) -> Page:
    page = await window.open("/chat/", "Yuki")
    await page.fill("#room-name-input", "Sun")
    return page


@state
async def index_refused(window: Window) -> Page:
    page = await window.open("/chat/", "Yuki")
    await page.fill("#room-name-input", "a/b")
    await page.press("#room-name-input", "Enter")
    return page


def page_at(name: str, path: str, who: str = "Mateo", **options: Any) -> None:
    async def reach(window: Window) -> Page:
        return await window.open(path, who, **options)

    STATES[name] = reach


page_at("not_found", "/chat/a/b/")
page_at("no_message", f"/chat/{GARDEN}/999/")
page_at("banned", "/chat/banned/")
page_at("private", "/chat/private/", "")
page_at("password", "/chat/password/", "")
page_at("leave", f"/leave/?room={GARDEN}")
page_at("search_page", "/search/?q=water")
page_at("search_page_none", "/search/?q=xylophone")
page_at("manage", f"/manage/{GARDEN}/", "Amina")
page_at("manage_people", f"/manage/{GARDEN}/people/", "Amina")
page_at("manage_invites", f"/manage/{GARDEN}/invites/", "Amina")
page_at("manage_reports", f"/manage/{GARDEN}/reports/", "Amina")
page_at("manage_log", f"/manage/{GARDEN}/log/", "Amina")
page_at("sign_up", "/accounts/sign-up/", "")
page_at("log_in", "/accounts/log-in/", "")
page_at("password_reset", "/accounts/reset/", "")
page_at("no_script", f"/chat/{GARDEN}/", java_script_enabled=False)
page_at("no_script_message", f"/chat/{GARDEN}/7/", java_script_enabled=False)
page_at("no_script_write", f"/chat/{GARDEN}/?write", java_script_enabled=False)


@state
async def kicked(window: Window) -> Page:
    await window.world.moderate("kicked", "kick", "Mateo")
    return await window.open("/chat/kicked/")


@state
async def no_script_refused(window: Window) -> Page:
    page = await window.open("/chat/readonly/?write", java_script_enabled=False)
    await page.fill("textarea", "Water the tomatoes")
    await page.click("button[type=submit]")
    return page


@state
async def account(window: Window) -> Page:
    page = await window.open("/accounts/sign-up/", "")
    await page.fill("[name=username]", f"dora{len(window.world.people)}{id(page)}")
    for field in ("password1", "password2"):
        await page.fill(f"[name={field}]", "correct horse battery staple")
    await page.click("main button[type=submit]")
    await page.goto(f"{window.world.server.url}/accounts/")
    return page
