"""Nothing is lost and nothing is doubled: reloads, cables pulled, other clients of the same person."""

import asyncio

from ..harness.clients import ChatClient
from ..harness.menus import choose, confirm, owns
from ..harness.pages import (
    INPUT,
    enter,
    guest_cookies,
    is_connected,
    is_drawn,
    is_offline,
    numbered,
    say,
    sees,
    settled,
    shows,
    value,
    write,
)
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, expect
from .conftest import OpenSocket

# --- Reload ---


async def test_a_reload_keeps_everything(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice = await enter(open_window, lobby, room)
    bob = await open_socket(lobby, room)
    await say(alice, "hello", "two\nlines")
    await settled(alice, 2)
    await bob.post("welcome")
    await settled(alice, 3)
    await alice.reload()
    await sees(alice, "hello", "two\nlines", "welcome")
    await expect(alice.locator(".entry.own")).to_have_count(2)
    await expect(alice.locator(".entry.waiting, .entry.failed")).to_have_count(0)


async def test_impatient_reloads_lose_nothing_and_double_nothing(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice = await enter(open_window, lobby, room)
    for text in numbered("alice", range(5)):
        await say(alice, text)
        await alice.reload(wait_until="commit")
        await expect(alice.locator(INPUT)).to_be_focused()
    await shows(alice, numbered("alice", range(5)))
    assert lobby.site.texts(room) == numbered("alice", range(5))


async def test_what_is_half_written_survives_a_reload(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await write(page, "I was about\nto say")
    await page.reload()
    await expect(page.locator(INPUT)).to_have_value("I was about\nto say")
    await expect(page.locator(INPUT)).to_be_focused()
    await page.keyboard.press("Enter")
    await settled(page, 1)
    await page.reload()
    await settled(page, 1)
    await expect(page.locator(INPUT)).to_have_value("")


async def test_the_back_button_brings_the_room_back_with_what_was_said_meanwhile(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice = await enter(open_window, lobby, room)
    bob = await open_socket(lobby, room)
    await say(alice, "hello")
    await settled(alice, 1)
    await alice.get_by_role("link", name="All rooms").click()
    await alice.wait_for_url(f"{lobby.url}/chat/")
    await bob.post("are you there?")
    await alice.go_back()
    await sees(alice, "hello", "are you there?")
    await say(alice, "yes")
    await sees(alice, "hello", "are you there?", "yes")


# --- The cable ---


async def test_what_is_said_on_both_sides_of_a_pulled_cable_is_there_once_in_one_order(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice = await enter(open_window, lobby, room)
    bob = await open_socket(lobby, room)
    await say(alice, "before")
    await settled(alice, 1)
    await alice.context.set_offline(True)
    await is_offline(alice)
    await say(alice, *numbered("alice", range(5)))
    for text in numbered("bob", range(5)):
        await bob.post(text)
    async with ChatClient(lobby.ws_url(room), cookies=await guest_cookies(alice)) as same_alice:
        await same_alice.edit(1, "long before")
    await expect(alice.locator(".entry.waiting .body")).to_have_text(numbered("alice", range(5)))
    await expect(alice.locator(".entry[data-sequence]")).to_have_count(1)  # offline it is, then
    await alice.context.set_offline(False)
    said = ["long before", *numbered("bob", range(5)), *numbered("alice", range(5))]
    await shows(alice, said)
    await expect(alice.locator("#status")).to_have_text("Back online")
    await bob.wait_until(lambda bob: bob.texts == said)
    assert lobby.site.texts(room) == said


async def test_what_one_changes_offline_is_shown_as_waiting_and_what_is_refused_goes_again_on_a_press(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice = await enter(open_window, lobby, room)
    await say(alice, "helo", "oops")
    await settled(alice, 2)
    await owns(alice)
    await alice.context.set_offline(True)
    await is_offline(alice)
    await choose(alice, "helo", "React: 👍")
    await expect(alice.locator(".chip.waiting[aria-pressed=true]")).to_have_text("👍 1")
    await choose(alice, "oops", "Delete…")
    await confirm(alice, "Delete")
    await expect(alice.locator(".entry.deleted.waiting .sending")).to_have_count(1)
    await choose(alice, "helo", "Edit")
    await say(alice, "hello")
    await expect(alice.locator(".entry.waiting .body").first).to_have_text("hello")
    async with ChatClient(lobby.ws_url(room), cookies=await guest_cookies(alice)) as same_alice:
        await same_alice.edit(1, "hello from there")
    await alice.context.set_offline(False)
    await expect(alice.locator(".entry.failed .quote")).to_contain_text("hello from there")
    await expect(alice.locator(".entry.failed .body")).to_have_text("hello")
    await alice.reload()
    await is_connected(alice)
    await is_drawn(alice)
    await alice.locator(".entry.failed").get_by_role("button", name="Try again").click()
    await settled(alice, 2)
    await expect(alice.locator("#chat-log .body")).to_have_text(["hello", "This message was deleted."])
    assert lobby.site.texts(room) == ["hello", ""]


# --- Others of the same guest ---


async def test_edits_and_deletions_of_another_client_show_in_open_pages(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await asyncio.gather(*(enter(open_window, lobby, room) for _ in range(2)))
    await say(alice, "helo", "oops")
    await settled(bob, 2)
    async with ChatClient(lobby.ws_url(room), cookies=await guest_cookies(alice)) as same_alice:
        await same_alice.edit(1, "hello")
        await same_alice.delete(2)
    for page in (alice, bob):
        await expect(page.locator(".entry[data-sequence='1'] .body")).to_have_text("hello")
        await expect(page.locator(".entry[data-sequence='1'] .edited")).to_be_visible()
        await expect(page.locator(".entry[data-sequence='2'].deleted")).to_be_visible()
        assert await value(page) == "hello\n"
        assert "oops" not in await page.content()
    await bob.reload()
    await settled(bob, 2)
    assert await value(bob) == "hello\n"
