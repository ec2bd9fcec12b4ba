"""Alice owns the room and keeps order in her window; Bob and Charlie see what becomes of them in theirs."""

import asyncio

import pytest

from ..harness.clients import ChatClient
from ..harness.menus import QUESTION, choices, choose, company, confirm, entry, is_told, open_menu, owns
from ..harness.pages import INPUT, enter, guest_cookies, say, sees, settled, value, write
from ..harness.people import Person
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, Page, expect
from .conftest import OpenSocket

MORE = "More about this person…"
BAR = "#room-bar"


async def is_out(page: Page) -> None:
    await expect(page.locator("#sent-away")).to_be_visible()
    await expect(page.locator(INPUT)).to_be_hidden()


async def silent(page: Page, words: str) -> None:
    """Nothing can be said, and a line above the box says why."""
    await expect(page.locator("#silence")).to_have_text(words)
    await expect(page.get_by_role("button", name="Send")).to_be_disabled()


async def may_talk(page: Page) -> None:
    await expect(page.get_by_role("button", name="Send")).to_be_enabled()
    await expect(page.locator("#silence")).to_have_text("")


async def write_nothing_and_press_up(page: Page) -> None:
    await page.locator(INPUT).evaluate("input => { input.value = ''; input.focus(); }")
    await page.keyboard.press("ArrowUp")


# --- People ---


async def test_the_menu_offers_what_one_may_do(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await say(bob, "hi")
    await settled(alice, 2)
    await open_menu(bob, "hello")
    assert await choices(bob) == ["Reply", "Quote", "Copy text", "Copy link", "Report…", "Block"]
    await bob.keyboard.press("Escape")
    await open_menu(alice, "hi")
    copying = ["Quote", "Copy text", "Copy link"]
    assert await choices(alice) == ["Reply", *copying, "Pin", "Delete…", "Report…", "Block", MORE]
    await alice.get_by_role("menuitem", name=MORE).click()
    offered = await choices(alice)
    assert {"Kick", "Ban…", "Make a moderator"} <= set(offered)
    await expect(alice.locator("main .menu")).to_have_count(1)  # the first one is gone
    await expect(entry(alice, "hi").locator(".more")).to_have_attribute("aria-expanded", "true")
    assert "Remove as moderator" not in offered


async def test_who_is_muted_from_a_message_or_the_list_of_people_reads_on_and_sees_why(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await say(bob, "noise")
    await write(bob, "more noise")
    await choose(alice, "noise", MORE, "Mute for 10 minutes")
    await is_told(alice, "Bob")
    await expect(bob.get_by_role("button", name="Send")).to_be_disabled()
    await expect(bob.locator("#silence")).to_contain_text("You are muted in this room until ")
    await expect(bob.locator("#silence")).to_be_visible()
    await expect(bob.locator(INPUT)).to_have_value("more noise")
    await write_nothing_and_press_up(bob)
    await expect(bob.locator("#purpose")).to_be_hidden()
    await say(alice, "quiet now")
    await settled(bob, 3)
    await choose(alice, "noise", MORE, "Unmute")
    await may_talk(bob)
    await alice.locator("#people").get_by_role("button", name="Bob").click()
    await alice.get_by_role("menuitem", name="Mute permanently").click()
    await silent(bob, "You are muted in this room.")


async def test_who_is_kicked_sees_why_and_leaves_the_room(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await say(bob, "noise")
    await choose(alice, "noise", MORE, "Kick")
    await is_out(bob)
    await expect(bob.locator("#sent-away")).to_contain_text("You were kicked out of this room")
    await expect(bob.locator("#sent-away")).to_contain_text("You may come back at")
    await say(alice, "peace")
    await settled(alice, 3)
    assert "peace" not in await value(bob)
    await bob.locator("#sent-away").get_by_role("link", name="All rooms").click()
    await bob.wait_for_url("**/chat/")


async def test_a_ban_says_what_it_means_and_holds_over_a_reload_and_a_second_tab(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, charlie = await company(open_window, lobby, room, "Alice", "Charlie")
    await say(charlie, "spam")
    await settled(alice, 2)
    tab = await enter(open_window, lobby, room, beside=charlie)
    await choose(alice, "spam", MORE, "Ban…")
    dialog = alice.locator(QUESTION)
    await expect(dialog).to_contain_text("A guest can get around a ban")
    await dialog.get_by_label("Duration").select_option("1 day")
    await dialog.get_by_label("Reason (they will see it)").fill("spam")
    await confirm(alice, "Ban")
    for page in (charlie, tab):
        await is_out(page)
    await charlie.reload()
    await expect(charlie.locator("#chat-log")).to_have_count(0)
    await say(alice, "gone")
    await settled(alice, 3)


async def test_a_question_that_is_called_off_does_nothing(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    bob = await open_socket(lobby, room, "Bob")
    await bob.post("hi")
    for question in ("Ban…", "Delete all messages…"):
        await choose(alice, "hi", MORE, question)
        await alice.keyboard.press("Escape")
        await expect(alice.locator(QUESTION)).to_have_count(0)
    await bob.post("still here")
    await sees(alice, "hello", "hi", "still here")


async def test_everything_a_spammer_said_is_emptied_for_everybody(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    charlie = await open_socket(lobby, room, "Charlie")
    for text in ("buy", "this", "now"):
        await charlie.post(text)
    await settled(alice, 4)
    await choose(alice, "this", MORE, "Delete all messages…")
    await confirm(alice, "Delete all")
    await expect(bob.locator(".entry.deleted")).to_have_count(3)
    assert await value(bob) == "hello\n"


async def test_a_moderator_is_made_and_unmade_by_the_owner_at_once(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    charlie = await open_socket(lobby, room, "Charlie")
    await say(bob, "hi")
    await charlie.post("yo")
    await settled(alice, 3)
    await choose(alice, "hi", MORE, "Make a moderator")
    await owns(bob)
    await choose(bob, "yo", "Delete…")
    await confirm(bob, "Delete")
    await expect(alice.locator(".entry.deleted")).to_have_count(1)
    await expect(alice.locator("#people")).to_contain_text("moderator")
    await choose(alice, "hi", MORE, "Remove as moderator")
    await expect(bob.locator("#room-settings")).to_have_attribute("hidden", "")


# --- The room ---


async def owner_and_window(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> tuple[ChatClient, Page]:
    """Alice, who owns the room and has said hello there, over a socket; Bob in a window."""
    alice = await open_socket(lobby, room, "Alice")
    await alice.post("hello")
    bob = await enter(open_window, lobby, room)
    await settled(bob, 1)
    return alice, bob


async def test_a_pinned_message_stands_above_the_log_and_leads_to_its_place(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await choose(alice, "hello", "Pin")
    await expect(bob.locator(f"{BAR} .pin")).to_contain_text("Pinned hello")
    await expect(bob.get_by_role("button", name="Unpin")).to_have_count(0)
    await bob.locator(".pin-text").click()
    await expect(entry(bob, "hello").locator(".more")).to_be_focused()
    await alice.get_by_role("button", name="Unpin").click()
    await expect(alice.get_by_text("It is unpinned for everybody in the room.")).to_be_visible()
    await confirm(alice, "Unpin")
    await expect(bob.locator(BAR)).to_be_hidden()


@pytest.mark.waits
async def test_slow_mode_is_announced_and_a_message_that_is_too_soon_goes_by_itself(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice, bob = await owner_and_window(lobby, open_window, open_socket, room)
    await alice.post("/slow 10")
    await expect(bob.locator(BAR)).to_contain_text("Slow mode: a message every 10 s")
    await say(bob, "one", "two")
    await expect(bob.locator(".held-back")).to_contain_text("Slow mode: one message every 10 s. Sent in")
    await settled(bob, 3)
    assert lobby.site.texts(room) == ["hello", "one", "two"]


async def test_a_topic_and_a_read_only_room_are_set_by_command_and_shown_to_all_at_once(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice, bob = await owner_and_window(lobby, open_window, open_socket, room)
    await alice.post("/topic Picnic on Sunday")
    await expect(bob.locator("#topic")).to_have_text("Picnic on Sunday")
    await alice.post("/readonly on")
    await silent(bob, "Only moderators can write in this room.")
    await expect(bob.locator(BAR)).to_contain_text("Read-only")
    await alice.post("an announcement")
    await settled(bob, 2)
    await choose(bob, "an announcement", "React: 👍")
    await expect(bob.locator(".chip:not(.waiting)")).to_have_text("👍 1")
    await alice.post("/readonly off")
    await may_talk(bob)


async def test_whom_a_command_means_is_completed_when_one_is_here_or_has_spoken(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    bob = await open_socket(lobby, room, "Amber Otter")
    await bob.post("hi")
    await settled(alice, 2)
    await alice.locator(INPUT).focus()
    await alice.keyboard.type("/kick a")
    await expect(alice.locator("#completions .completion")).to_have_text(["Amber Otter"])  # not oneself
    await alice.keyboard.press("Tab")
    await expect(alice.locator(INPUT)).to_have_value('/kick "Amber Otter" ')
    await alice.keyboard.press("Enter")
    await is_told(alice, "Amber Otter")
    assert await bob.wait_closed() == 4403


async def test_whom_a_command_means_is_completed_by_the_name_they_spoke_under(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    bob = await open_socket(lobby, room, "Amber Otter")
    await bob.post("hi")
    await settled(alice, 2)
    await bob.rename("Zoe")
    await alice.locator("#people-button").click()
    await expect(alice.locator("#people")).to_contain_text("Zoe")
    await alice.locator(INPUT).focus()
    for begun, name in (("a", "Amber Otter"), ("z", "Zoe")):
        await alice.locator(INPUT).fill("")
        await alice.keyboard.type(f"/kick {begun}")
        await expect(alice.locator("#completions .completion")).to_have_text([name])


async def test_when_the_room_becomes_private_a_visitor_sees_that(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    owner = Person(lobby, await guest_cookies(alice))
    await asyncio.to_thread(owner.set, room, is_private="on")
    await is_out(bob)
    await expect(bob.locator("#sent-away")).to_contain_text("no longer open to everyone")
    await expect(alice.locator(BAR)).to_contain_text("Private")


async def test_a_closed_room_can_be_read_and_says_why_nobody_talks(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    owner = Person(lobby, await guest_cookies(alice))
    await asyncio.to_thread(owner.manage, room, do="close", name=room)
    for page in (alice, bob):
        await silent(page, "This room is closed. You can still read it.")
        await expect(page.locator(BAR)).to_contain_text("Closed")
    await sees(bob, "hello")


async def test_what_the_room_no_longer_keeps_goes_from_open_and_returning_pages(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await say(alice, "two")
    await choose(bob, "two", "Reply")
    await settled(bob, 2)
    await bob.context.set_offline(True)
    lobby.site.shell(EXPIRE.format(room=room))
    await expect(alice.locator(".entry")).to_have_count(0)
    await bob.context.set_offline(False)
    await expect(bob.locator(".entry")).to_have_count(0)
    await say(bob, "three")
    await settled(alice, 1)
    await expect(alice.locator(".quote")).to_have_text("The message is no longer there.")


EXPIRE = """
from chat.models import Message, Room
from chat.journal.retention import purge_expired
room = Room.objects.filter(name={room!r})
room.update(retention_days=1)
Message.objects.filter(room__in=room).update(sent_at="2020-01-01T00:00Z")
print(purge_expired())
"""
