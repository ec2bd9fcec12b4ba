"""Slash commands in a window: offered, completed, answered for oneself."""

from chat.protocol.slash_commands import COMMANDS

from ..harness.menus import choose, company, entry, is_told
from ..harness.pages import INPUT, say, sees, settled, shown
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, expect


async def test_commands_are_listed_completed_and_answered_for_oneself(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [bob] = await company(open_window, lobby, room, "Alice", "Bob", absent=["Alice"])
    await bob.locator(INPUT).focus()
    await bob.keyboard.type("/")
    await expect(bob.locator("#completions [role=option]")).to_have_count(3)
    await bob.keyboard.type("h")
    await bob.keyboard.press("Tab")
    await expect(bob.locator(INPUT)).to_have_value("/help ")
    await bob.keyboard.press("Enter")
    await is_told(bob, "/nick name")
    await expect(bob.locator(".aside")).not_to_contain_text("/ban")
    await expect(bob.locator(".entry:not([data-sequence])")).to_have_count(0)
    await bob.get_by_role("button", name="Dismiss").click()
    await expect(bob.locator(".aside")).to_have_count(0)
    await expect(bob.locator(INPUT)).to_be_focused()
    assert await shown(bob) == ["hello"]


async def test_a_notice_makes_way_for_the_next_one_and_for_what_is_said(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await say(alice, "/help")
    await is_told(alice, "/nick name")
    await choose(alice, "hello", "Pin")
    await is_told(alice, "The message is pinned.")
    await say(alice, "tea is ready")
    await expect(alice.locator(".aside")).to_have_count(0)


async def test_the_page_offers_every_command_that_the_server_knows(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await alice.locator(INPUT).focus()
    await alice.keyboard.type("/")
    offered = await alice.locator("#completions .completion").all_inner_texts()
    not_an_owners = {"accept", "leave"}
    assert set(offered) == {"/help", *(f"/{word}" for word in COMMANDS.keys() - not_an_owners)}


async def test_a_command_that_is_refused_is_given_back_with_the_reason(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [bob] = await company(open_window, lobby, room, "Alice", "Bob", absent=["Alice"])
    for command, reason in {
        "/kick Alice": "not allowed",
        "/shrug hello": "no command /shrug",
        "/nick": "/nick name",
    }.items():
        await say(bob, command)
        await is_told(bob, reason)
        await expect(bob.locator(INPUT)).to_have_value(command)
        await expect(bob.locator(".entry.failed")).to_have_count(0)
    await say(bob, "//kick is a command", "/etc/passwd is a file")
    await sees(bob, "hello", "/kick is a command", "/etc/passwd is a file")


async def test_who_says_me_is_named_in_the_message_and_in_what_answers_it(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await say(alice, "/me waves **hard**")
    await expect(alice.locator(".entry[data-sequence='2'] .body")).to_have_text("* Alice waves hard")
    await choose(alice, "* Alice waves hard", "Reply")
    await say(alice, "//me")
    await settled(alice, 3)
    await expect(entry(alice, "/me").locator(".quote")).to_contain_text("* Alice waves hard")
    await choose(alice, "* Alice waves hard", "Edit")
    await expect(alice.locator(INPUT)).to_have_value("/me waves **hard**")
    await say(alice, "/me nods")
    await expect(alice.locator(".entry[data-sequence='2'] .body")).to_have_text("* Alice nods")
