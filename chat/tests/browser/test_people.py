"""The others in a room, as a person sees them: who is here, who types, who one is."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import ViewportSize

from ..harness.clients import PlainClient
from ..harness.menus import company
from ..harness.pages import INPUT, a_guest, enter, is_connected, say, settled, stay
from ..harness.servers import Daphne
from ..harness.talk import together
from ..harness.visitors import PASSWORD
from ..harness.watchers import Watcher
from ..harness.windows import OpenWindow, Page, expect
from .conftest import OpenSocket

PHONE: ViewportSize = {"width": 360, "height": 640}
NARROW: dict[str, Any] = {"viewport": PHONE}
SOME = "\n\n\n\n"


async def are_here(page: Page, *names: str) -> None:
    await expect(page.locator(".people-list .name")).to_have_text(list(names))
    await expect(page.locator("#people-button .number")).to_have_text(str(len(names)))


async def named(open_window: OpenWindow, lobby: Daphne, room: str, *names: str) -> list[Page]:
    """A window for each, in the room under that name."""
    guests = [await a_guest(lobby, room, name) for name in names]
    return await asyncio.gather(*(enter(open_window, lobby, room, cookies=guest) for guest in guests))


# --- Who is here ---


async def test_everybody_sees_who_comes_who_goes_and_who_is_renamed(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    (bob,) = await named(open_window, lobby, room, "Bob")
    await are_here(bob, "Bob")
    alice = await open_socket(lobby, room, "Alice")
    await are_here(bob, "Bob", "Alice")
    await expect(bob.locator(".people-list li").first.locator(".you")).to_have_text("you")
    await expect(bob.locator(".people-list li").last.locator(".you")).to_have_count(0)
    await alice.rename("Alicia")
    await are_here(bob, "Bob", "Alicia")
    await alice.close()
    await are_here(bob, "Bob")


@pytest.mark.waits
async def test_two_tabs_are_one_person_until_both_are_closed(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    (bob,) = await named(open_window, lobby, room, "Bob")
    alice = Watcher(lobby.ws_url(room), cookies=await a_guest(lobby, room, "Alice"))
    await alice.open()
    tab = await enter(open_window, lobby, room, beside=bob)
    await are_here(tab, "Bob", "Alice")
    await bob.close()
    await stay(3)
    await alice.sees_named("Alice", "Bob")
    await tab.close()
    await alice.sees_named("Alice")
    await alice.close()


async def test_the_first_speaker_is_marked_as_the_owner(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    (bob,) = await named(open_window, lobby, room, "Bob")
    alice = await open_socket(lobby, room, "Alice")
    await alice.post("hello")
    await expect(bob.locator(".people-list li").last.locator(".role")).to_have_text("owner")
    await expect(bob.locator(".people-list li").first.locator(".role")).to_be_hidden()


async def test_beyond_a_hundred_people_one_is_found_by_name(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    async with together(*(PlainClient(lobby.ws_url(room)) for _ in range(105))):
        page = await enter(open_window, lobby, room)
        await open_socket(lobby, room, "Zoë the Last")
        count = page.locator("#people-button .number")
        await expect(count).to_have_text("107")
        search = page.get_by_role("searchbox", name="Find a person")
        await search.fill("the last")
        await expect(page.locator(".people-list .name")).to_have_text(["Zoë the Last"])
        await search.fill("nobody at all")
        await expect(page.get_by_text("Nobody of that name is here.")).to_be_visible()
        await search.fill("")
        await expect(page.locator(".people-list li")).to_have_count(100)
    await expect(count).to_have_text("2", timeout=30_000)
    await expect(search).to_be_hidden()
    assert len(await page.locator(".people-list .name").all_text_contents()) == 2


# --- The column and the sheet ---


async def test_the_column_can_be_hidden_and_stays_hidden(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    button, column = page.locator("#people-button"), page.locator("#people")
    await expect(column).to_be_visible()
    await expect(button).to_have_attribute("aria-expanded", "true")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    landmark = page.get_by_role("complementary", name="Who is here")
    await landmark.get_by_role("button", name="Close").press("Enter")
    await expect(column).to_be_hidden()
    await expect(button).to_be_focused()
    await expect(button).to_have_attribute("aria-expanded", "false")
    await page.reload(wait_until="commit")
    # The page comes without it: it is not there first and gone then.
    await expect(page.locator("#people[hidden]")).to_be_attached()
    await is_connected(page)
    await expect(column).to_be_hidden()
    await button.click()
    await expect(column).to_be_visible()
    await page.reload()
    await expect(column).to_be_visible()


async def test_on_a_narrow_screen_people_are_a_sheet_that_escape_closes(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room, **NARROW)
    button, sheet = page.get_by_role("button", name="Who is here: 1"), page.locator("#people")
    await expect(sheet).to_be_hidden()
    await button.press("Enter")
    await expect(sheet).to_be_visible()
    await expect(page.get_by_role("dialog", name="Who is here").and_(page.locator(":modal"))).to_be_visible()
    assert await page.evaluate("() => document.querySelector('#people').contains(document.activeElement)")
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await expect(button).to_be_focused()
    await expect(button).to_have_attribute("aria-expanded", "false")
    await button.click()
    await page.mouse.click(180, 30)  # beside it
    await expect(sheet).to_be_hidden()
    await button.click()
    await page.set_viewport_size({"width": 1200, "height": 640})
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(sheet).to_be_visible()
    await page.set_viewport_size(PHONE)
    await expect(sheet).to_be_hidden()


async def test_a_screen_reader_hears_how_many_are_here(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    told = page.locator("#people-told[role=status]")
    await expect(told).to_have_text("1 here")
    await expect(page.get_by_role("button", name="Who is here: 1 here")).to_be_visible()


# --- Typing ---


@contextlib.asynccontextmanager
async def going_on(*acts: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Each is done again and again: who types is shown for 5 s, which a slow machine may need."""

    async def go_on() -> None:
        while True:
            for act in acts:
                await act()
            await asyncio.sleep(0.5)

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_who_types_is_shown_to_the_others_until_it_is_said(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice, bob = await named(open_window, lobby, room, "Alice", "Bob")
    charlie = await open_socket(lobby, room, "Charlie")
    height = "() => document.querySelector('#chat-log').clientHeight"
    before = await alice.evaluate(height)
    await bob.locator(INPUT).press_sequentially("hel")
    await expect(alice.locator("#typing")).to_have_text("Bob is typing…")
    assert await alice.evaluate(height) == before
    async with going_on(lambda: bob.keyboard.press("l"), lambda: charlie.send({"type": "typing"})):
        await expect(alice.locator("#typing")).to_have_text("Bob and Charlie are typing…")
        await expect(bob.locator("#typing")).to_have_text("Charlie is typing…")
    await bob.keyboard.press("Enter")
    await settled(alice, 1)
    await expect(alice.locator("#typing")).not_to_contain_text("Bob")
    await expect(alice.locator("#typing")).to_have_text("")


# --- Who one is ---


async def test_the_panel_leads_to_an_account_and_back_to_the_room(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    name = f"alice{uuid4().hex[:6]}"
    page = await enter(open_window, lobby, room, **NARROW)
    await page.get_by_role("button", name="Change your name").click()
    await page.get_by_role("link", name="Sign up").click()
    await page.locator("[name=username]").fill(name)
    await page.locator("[name=password1]").fill(PASSWORD)
    await page.locator("[name=password2]").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lobby.room_url(room))
    await is_connected(page)
    tab = await enter(open_window, lobby, room, beside=page)
    await page.get_by_role("button", name="Change your name").click()
    await expect(page.get_by_role("link", name="Your account")).to_be_visible()
    await page.get_by_role("button", name="Log out").click()
    await expect(tab.locator("#status")).to_contain_text("You are not logged in any more.")
    await tab.locator("#status").get_by_role("link", name="Log in").click()
    await tab.locator("[name=username]").fill(name)
    await tab.locator("[name=password]").fill(PASSWORD)
    await tab.keyboard.press("Enter")
    await tab.wait_for_url(lobby.room_url(room))
    await is_connected(tab)


async def test_the_settings_of_a_room_are_offered_to_its_owner_alone(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    for page in (alice, bob):
        await page.locator("#room-button").click()
    await expect(bob.get_by_role("link", name="Room settings")).to_be_hidden()
    await alice.get_by_role("link", name="Room settings").click()
    await expect(alice).to_have_url(f"{lobby.url}/manage/{room}/")


async def test_the_panel_opens_on_the_name_and_closes_with_escape(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await page.locator(".name-button").press("Enter")
    await expect(page.locator("#your-name")).to_be_focused()
    await page.keyboard.type("Alice")
    await page.keyboard.press("Escape")
    await expect(page.locator("#you-panel")).to_be_hidden()
    await expect(page.locator(".name-button")).to_be_focused()
    assert await page.locator("#you-here .name").inner_text() != "Alice"
    finger = await enter(open_window, lobby, room, has_touch=True, is_mobile=True, **NARROW)
    await finger.locator(".name-button").tap()
    await expect(finger.locator("#you-panel")).to_be_visible()
    await expect(finger.locator("#your-name")).not_to_be_focused()  # no keyboard over the panel


async def test_nothing_moves_while_a_page_loads(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    alice = await enter(open_window, lobby, room)
    await say(alice, *(f"message {number}{SOME}." for number in range(6)))
    await settled(alice, 6)
    moved = """() => new Promise((tell) => {
        let sum = 0;
        new PerformanceObserver((list) => { for (const { value } of list.getEntries()) sum += value; })
            .observe({ type: "layout-shift", buffered: true });
        setTimeout(() => tell(sum), 500);
    })"""
    for size in (PHONE, {"width": 1200, "height": 700}):
        page = await enter(open_window, lobby, room, viewport=size)
        await settled(page, 6)
        # A head of 24 pixels more would be 0.03.
        assert await page.evaluate(moved) < 0.03
        await page.goto(f"{lobby.url}/chat/")
        # The list may have changed since the page was drawn: 0.1 is what browsers call good.
        assert await page.evaluate(moved) < 0.1
