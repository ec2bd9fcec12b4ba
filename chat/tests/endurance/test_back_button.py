"""The Back button brings a room from the browser's cache, and never to somebody else."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Playwright

from ..harness.pages import enter, is_connected, say, settled
from ..harness.people import Person
from ..harness.servers import Daphne
from ..harness.windows import PATIENCE_MS, OpenWindow, Page, add_cookies, expect, launch


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser_with_cache(playwright: Playwright) -> AsyncIterator[Browser]:
    """It keeps pages for the Back button, as browsers do when no test drives them."""
    browser = await launch(playwright, whole=True, ignore_default_args=["--disable-back-forward-cache"])
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page_with_cache(browser_with_cache: Browser) -> AsyncIterator[Page]:
    context = await browser_with_cache.new_context()
    context.set_default_timeout(PATIENCE_MS)
    yield await context.new_page()
    await context.close()


async def test_back_brings_the_room_as_it_was_and_its_socket_comes_back(
    lobby: Daphne, open_window: OpenWindow, page_with_cache: Page, room: str
) -> None:
    page = page_with_cache
    await page.goto(lobby.room_url(room))
    await is_connected(page)
    await say(page, "before")
    await settled(page, 1)
    await page.evaluate("() => addEventListener('pageshow', ({persisted}) => { window.isKept = persisted; })")
    await page.goto(f"{lobby.url}/accounts/log-in/")
    bob = await enter(open_window, lobby, room)
    await say(bob, "meanwhile")
    await settled(bob, 2)
    await page.evaluate("() => { setTimeout(() => history.back()); }")
    await page.wait_for_function("() => window.isKept === true")
    await settled(page, 2)
    await is_connected(page)
    await say(page, "after")
    await settled(bob, 3)


async def in_a_private_room(page: Page, alice: Person, room: str) -> None:
    """The window is that of alice, whose account owns the room, and she is in it."""
    alice.sign_up()
    async with alice.chat(room) as client:
        await client.post("for alice alone")
    alice.set(room, is_private="on")
    await add_cookies(page.context, alice.server.url, alice.cookies)
    await page.goto(f"{alice.server.url}/chat/{room}/")
    await is_connected(page)
    await settled(page, 1)


async def shows_nothing_of_the_room(page: Page) -> None:
    await expect(page.locator("h1")).to_have_text("This name is taken")
    await expect(page.get_by_text("for alice alone")).to_have_count(0)


async def test_after_a_log_out_back_does_not_show_a_private_room(
    lobby: Daphne, page_with_cache: Page, room: str
) -> None:
    page = page_with_cache
    await in_a_private_room(page, Person(lobby), room)
    await page.goto(f"{lobby.url}/accounts/")
    await page.get_by_role("button", name="Log out").click()
    await page.wait_for_url(f"{lobby.url}/chat/")
    await page.evaluate("() => { setTimeout(() => history.go(-2)); }")
    await page.wait_for_url(lobby.room_url(room))
    await shows_nothing_of_the_room(page)


async def test_a_page_of_somebody_else_is_loaded_anew_where_the_cache_was_not_emptied(
    lobby: Daphne, page_with_cache: Page, room: str
) -> None:
    page = page_with_cache
    alice = Person(lobby)
    await in_a_private_room(page, alice, room)
    alice.log_out()
    await page.goto(f"{lobby.url}/chat/")
    await page.evaluate("() => { setTimeout(() => history.back()); }")
    await page.wait_for_url(lobby.room_url(room))
    await shows_nothing_of_the_room(page)
