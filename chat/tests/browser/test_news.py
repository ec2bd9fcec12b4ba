"""What is new to a person who comes back to a room: the line, the way to it, and the count in the title."""

import asyncio
import json
from typing import Any

from ..harness.clients import ChatClient
from ..harness.pages import (
    INPUT,
    PATIENCE,
    enter,
    fill,
    guest_cookies,
    has_read,
    has_read_beyond,
    is_connected,
    post_all,
    say,
    settled,
    stay,
    turn,
)
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, Page, expect
from .conftest import OpenSocket
from .test_history import PAGE, scroll_to, sequences
from .test_people import NARROW, SOME

FAR_UP = 10  # the place at which a reader has left
MANY = 400  # messages since


async def test_who_comes_back_finds_a_line_above_what_is_new(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice, bob = await enter(open_window, lobby, room), await open_socket(lobby, room)
    await bob.post("one")
    await settled(alice, 1)
    await expect(alice.locator(".new-line")).to_have_count(0)
    await has_read(alice, room, 1)
    await alice.goto(f"{lobby.url}/chat/")
    await post_all(bob, "two", "three")
    await alice.goto(lobby.room_url(room))
    await settled(alice, 3)
    await expect(alice.locator(".entry:has(.new-line) .body")).to_have_text("two")
    await say(alice, "four")
    await expect(alice.locator(".new-line")).to_have_count(0)
    await alice.reload()
    await settled(alice, 4)
    await is_connected(alice)
    await expect(alice.locator(".new-line")).to_have_count(0)


async def test_the_log_opens_at_the_line_when_more_is_new_than_fits(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice, bob = await enter(open_window, lobby, room), await open_socket(lobby, room)
    await bob.post("one")
    await has_read(alice, room, 1)
    await alice.goto(f"{lobby.url}/chat/")
    await post_all(bob, *(f"new {number}{SOME}." for number in range(12)))
    await alice.goto(lobby.room_url(room))
    await settled(alice, 13)
    await expect(alice.locator(".new-line")).to_be_in_viewport()
    await expect(alice.get_by_role("button", name="Go to the newest messages")).to_contain_text(
        "New messages: "
    )
    await has_read_beyond(alice, room, 1)
    await expect(alice.locator(".new-line")).to_be_in_viewport()
    await alice.reload()  # only what was on the screen was read
    await settled(alice, 13)
    below = alice.locator(".entry:has(.new-line) .body")
    await expect(below).to_contain_text("new ")
    assert 0 < int((await below.inner_text()).split()[1]) < 11
    await alice.click("#newest")
    await expect(alice.locator(".entry[data-sequence='13']")).to_be_in_viewport()


async def test_the_title_counts_what_comes_while_nobody_looks(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice, bob = await enter(open_window, lobby, room), await open_socket(lobby, room)
    await bob.post("one")
    await settled(alice, 1)
    title = await alice.title()
    await turn(alice, "hidden")
    await post_all(bob, "two", "three")
    await expect(alice).to_have_title(f"(2) {title}")
    await turn(alice, "visible")
    await expect(alice).to_have_title(title)
    await expect(alice.locator(".entry:has(.new-line) .body")).to_have_text("two")
    await bob.post("four")
    await settled(alice, 4)
    await expect(alice).to_have_title(title)
    await expect(alice.locator(".entry:has(.new-line) .body")).to_have_text("two")
    await turn(alice, "hidden")
    await expect(alice.locator(".new-line")).to_have_count(0)


async def test_what_was_read_in_one_browser_is_read_in_another(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice, bob = await enter(open_window, lobby, room), await open_socket(lobby, room)
    await say(alice, "one")
    await bob.post("two")
    await settled(alice, 2)
    name = await alice.locator("#you-here .name").inner_text()
    read = (
        "SELECT seen FROM chat_membership JOIN chat_participant p ON p.id = participant_id"
        " JOIN chat_room r ON r.id = room_id WHERE p.name = %s AND r.name = %s"
    )
    async with asyncio.timeout(PATIENCE):
        while (2,) not in await asyncio.to_thread(lobby.site.sql, read, name, room):
            await stay(0.1)
    await alice.close()
    await bob.post("three")
    other = await open_window(lobby.room_url(room), cookies=await guest_cookies(alice))
    await settled(other, 3)
    await expect(other.locator(".entry:has(.new-line) .body")).to_have_text("three")


# --- What is new begins far up ---


async def far_behind(
    lobby: Daphne, open_window: OpenWindow, room: str, **options: Any
) -> tuple[Page, list[dict[str, Any]]]:
    """Alice, who has read ten of four hundred messages, comes back: her page, and what it asks for."""
    alice = await enter(open_window, lobby, room, **options)
    await fill(lobby, room, FAR_UP)
    await settled(alice, FAR_UP)
    await has_read(alice, room, FAR_UP)
    await alice.goto(f"{lobby.url}/chat/")
    await fill(lobby, room, MANY - FAR_UP)
    asked = frames_sent(alice, "history")
    await alice.goto(lobby.room_url(room))
    await is_connected(alice)
    return alice, asked


def frames_sent(page: Page, kind: str) -> list[dict[str, Any]]:
    """What a page's socket says of this type from now on."""
    sent: list[dict[str, Any]] = []

    def note(payload: str | bytes) -> None:
        frame = json.loads(payload)
        if frame["type"] == kind:
            sent.append(frame)

    page.on("websocket", lambda socket: socket.on("framesent", note))
    return sent


async def test_a_button_leads_to_where_one_left_however_far_up_that_is(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page, asked = await far_behind(lobby, open_window, room)
    button = page.get_by_role("button", name="99+ new messages")
    await button.press("Enter")
    below = page.locator(".entry:has(.new-line)")
    await expect(below).to_have_attribute("data-sequence", f"{FAR_UP + 1}")
    await expect(below).to_be_in_viewport()
    await expect(button).to_be_hidden()
    await expect(page.locator("#chat-log")).to_be_focused()
    await stay(0.5)
    assert len(asked) <= 3, "what is between is not loaded"
    shown = await sequences(page)
    assert shown == list(range(shown[0], shown[-1] + 1))
    newest = page.get_by_role("button", name="Go to the newest messages")
    await scroll_to(page, 1_000_000)
    await expect(page.locator(f".entry[data-sequence='{shown[-1] + 1}']")).to_be_attached()
    await expect(newest).to_be_visible()
    await newest.click()
    await expect(page.locator(f".entry[data-sequence='{MANY}']")).to_be_in_viewport()
    await expect(newest).to_be_hidden()
    await expect(page.locator(".entry[data-sequence]")).to_have_count(PAGE)
    await button.click()
    await expect(below).to_be_in_viewport()


async def test_who_writes_far_up_is_back_at_the_newest(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page, _asked = await far_behind(lobby, open_window, room, **NARROW)
    button = page.get_by_role("button", name="99+ new messages")
    await button.click()
    await expect(page.locator(".new-line")).to_be_in_viewport()
    await say(page, "I am back")
    await expect(page.locator(f".entry[data-sequence='{MANY + 1}']")).to_be_in_viewport()
    assert (await sequences(page))[-2:] == [MANY, MANY + 1]
    await expect(button).to_be_hidden()
    async with ChatClient(lobby.ws_url(room)) as bob:
        await bob.post("an answer", reply_to=FAR_UP + 1)
    await page.locator(".quote").click()
    await expect(page.locator(f".entry[data-sequence='{FAR_UP + 1}']")).to_be_in_viewport()
    await page.locator(INPUT).focus()
    await page.keyboard.press("ArrowUp")
    await expect(page.locator(INPUT)).to_have_value("I am back")


async def test_the_way_up_can_be_put_away(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    page, _asked = await far_behind(lobby, open_window, room)
    button = page.get_by_role("button", name="99+ new messages")
    await expect(button).to_be_visible()
    await page.locator("#news-above").get_by_role("button", name="Dismiss").press("Enter")
    await expect(button).to_be_hidden()
    await expect(page.locator("#chat-log")).to_be_focused()
    await expect(page.locator(f".entry[data-sequence='{MANY}']")).to_be_in_viewport()
