"""Nothing is lost and nothing is doubled: reloads, cables pulled, servers killed, databases put back."""

import asyncio

import pytest

from ..harness.clients import ChatClient
from ..harness.menus import choose, confirm, entry
from ..harness.pages import (
    INPUT,
    enter,
    guest_cookies,
    is_connected,
    is_offline,
    say,
    sees,
    settled,
    shown,
    stay,
    turn,
    value,
    write,
)
from ..harness.servers import Daphne
from ..harness.watchers import until
from ..harness.windows import OpenWindow, Page, expect


def numbered(who: str, numbers: range) -> list[str]:
    return [f"{who} {number}" for number in numbers]


def of(who: str, texts: list[str]) -> list[str]:
    return [text for text in texts if text.startswith(who)]


async def show_the_same(alice: Page, bob: Page, texts: list[str]) -> None:
    """Both logs hold these texts in this order, and nothing else."""
    for page in (alice, bob):
        await settled(page, len(texts))
        assert await shown(page) == texts


# --- Reload ---


async def test_a_reload_keeps_everything(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    alice, bob = [await enter(open_window, lobby, room) for _ in range(2)]
    await say(alice, "hello", "two\nlines")
    await settled(bob, 2)
    await say(bob, "welcome")
    await settled(alice, 3)
    await alice.reload()
    await sees(alice, "hello", "two\nlines", "welcome")
    await expect(alice.locator(".entry.own")).to_have_count(2)
    await expect(alice.locator(".entry.waiting, .entry.failed")).to_have_count(0)


async def test_impatient_reloads_lose_nothing_and_double_nothing(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = [await enter(open_window, lobby, room) for _ in range(2)]
    for text in numbered("alice", range(5)):
        await say(alice, text)
        await alice.reload(wait_until="commit")
        await expect(alice.locator(INPUT)).to_be_focused()
    await show_the_same(alice, bob, numbered("alice", range(5)))


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
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = [await enter(open_window, lobby, room) for _ in range(2)]
    await say(alice, "hello")
    await settled(alice, 1)
    await alice.get_by_role("link", name="All rooms").click()
    await alice.wait_for_url(f"{lobby.url}/chat/")
    await say(bob, "are you there?")
    await alice.go_back()
    await sees(alice, "hello", "are you there?")
    await say(alice, "yes")
    await sees(bob, "hello", "are you there?", "yes")


# --- The cable ---


async def test_what_is_said_on_both_sides_of_a_pulled_cable_is_there_once_in_one_order(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = [await enter(open_window, fragile, room) for _ in range(2)]
    await say(alice, "before")
    await settled(bob, 1)
    await alice.context.set_offline(True)
    await is_offline(alice)
    await say(alice, *numbered("alice", range(5)))
    await say(bob, *numbered("bob", range(5)))
    async with ChatClient(fragile.ws_url(room), cookies=await guest_cookies(alice)) as same_alice:
        await same_alice.edit(1, "long before")
    await settled(bob, 6)
    await expect(alice.locator(".entry.waiting .body")).to_have_text(numbered("alice", range(5)))
    await expect(alice.locator(".entry[data-sequence]")).to_have_count(1)  # offline it is, then
    await alice.context.set_offline(False)
    said = ["long before", *numbered("bob", range(5)), *numbered("alice", range(5))]
    await show_the_same(alice, bob, said)
    await expect(alice.locator("#status")).to_have_text("Back online")
    assert fragile.site.texts(room) == said


async def test_a_server_that_falls_silent_costs_no_message(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = [await enter(open_window, fragile, room) for _ in range(2)]
    fragile.pause()
    await say(alice, "hello", "anybody here?")
    await expect(alice.locator(".entry.waiting")).to_have_count(2)
    await stay(1)
    fragile.resume()
    await show_the_same(alice, bob, ["hello", "anybody here?"])


# --- The server ---


async def test_a_server_killed_under_load_comes_back_to_the_same_log_everywhere(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = [await enter(open_window, fragile, room) for _ in range(2)]

    async def talk(page: Page, who: str) -> None:
        for text in numbered(who, range(20)):
            await say(page, text)

    talking = asyncio.gather(talk(alice, "alice"), talk(bob, "bob"))
    await until(lambda: len(fragile.site.texts(room)) >= 8)
    fragile.kill()
    await asyncio.gather(is_offline(alice), is_offline(bob))
    await talking
    await asyncio.to_thread(fragile.start)
    await asyncio.gather(settled(alice, 40), settled(bob, 40))
    log = fragile.site.texts(room)
    await show_the_same(alice, bob, log)
    assert of("alice", log) == numbered("alice", range(20))
    assert of("bob", log) == numbered("bob", range(20))
    assert await value(alice) == await value(bob) == "".join(f"{text}\n" for text in log)


async def test_what_a_closed_tab_could_not_send_the_next_one_sends_once(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    tab = await enter(open_window, fragile, room)
    bob = await enter(open_window, fragile, room)
    fragile.kill()
    await is_offline(tab)
    await say(tab, "hello", "anybody here?")
    await expect(tab.locator(".entry.waiting")).to_have_count(2)
    keeper = await open_window(beside=tab)
    await tab.close()
    await asyncio.to_thread(fragile.start)
    await keeper.goto(fragile.room_url(room))
    await show_the_same(keeper, bob, ["hello", "anybody here?"])
    again = await enter(open_window, fragile, room, beside=keeper)
    await settled(again, 2)
    await stay(0.5)
    assert fragile.site.texts(room) == ["hello", "anybody here?"]


async def test_what_a_closed_tab_changed_while_the_server_was_away_is_so_for_everybody_when_it_is_back(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    tab, bob = [await enter(open_window, fragile, room) for _ in range(2)]
    await say(tab, "helo", "oops", "nice")
    await settled(tab, 3)
    fragile.kill()
    await is_offline(tab)
    await choose(tab, "nice", "React: 👍")
    await choose(tab, "oops", "Delete…")
    await confirm(tab, "Delete")
    await choose(tab, "helo", "Edit")
    await say(tab, "hello")
    keeper = await open_window(beside=tab)
    await tab.close()
    await asyncio.to_thread(fragile.start)
    await keeper.goto(fragile.room_url(room))
    for page in (keeper, bob):
        await expect(entry(page, "hello").locator(".edited")).to_be_visible()
        await expect(page.locator("[data-sequence='2'].deleted")).to_be_visible()
        await expect(entry(page, "nice").locator(".chip")).to_have_text("👍 1")
        await expect(page.locator(".waiting")).to_have_count(0)
    assert fragile.site.texts(room) == ["hello", "", "nice"]


async def test_what_one_changes_offline_is_shown_as_waiting_and_what_is_refused_goes_again_on_a_press(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = [await enter(open_window, lobby, room) for _ in range(2)]
    await say(alice, "helo", "oops")
    await settled(alice, 2)
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
    await alice.locator(".entry.failed").get_by_role("button", name="Try again").click()
    await settled(alice, 2)
    for page in (alice, bob):
        await expect(page.locator("#chat-log .body")).to_have_text(["hello", "This message was deleted."])


async def test_a_restart_is_noticed_and_forgotten(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, fragile, room)
    await say(page, "before")
    await settled(page, 1)
    await asyncio.to_thread(fragile.terminate)
    await is_offline(page)
    await expect(page.locator("#status")).to_contain_text("Offline")
    await asyncio.to_thread(fragile.start)
    await is_connected(page, 15)
    await say(page, "after")
    await sees(page, "before", "after")
    await expect(page.locator("#status")).to_have_text("")


# --- The database ---


async def test_open_pages_start_afresh_when_the_database_is_emptied(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = [await enter(open_window, fragile, room) for _ in range(2)]
    await say(alice, "one", "two", "three")
    await settled(bob, 3)
    await asyncio.to_thread(fragile.site.manage, "flush", "--noinput")
    for page in (alice, bob):
        await sees(page)
        await expect(page.locator(".nothing")).to_be_visible()
    await say(bob, "hello")
    await sees(alice, "hello")
    await sees(bob, "hello")
    assert fragile.site.texts(room) == ["hello"]


@pytest.mark.parametrize("quiet", [True, False], ids=["and nobody speaks", "and somebody speaks at once"])
async def test_open_pages_show_what_a_restored_backup_holds(
    fragile: Daphne, open_window: OpenWindow, room: str, quiet: bool
) -> None:
    alice, bob = [await enter(open_window, fragile, room) for _ in range(2)]
    await say(alice, "kept", "kept too")
    await settled(bob, 2)
    backup = fragile.site.backup()
    await say(alice, "lost", "lost too")
    await settled(bob, 4)
    fragile.site.restore(backup)
    if quiet:
        for page in (alice, bob):
            await sees(page, "kept", "kept too")
    await say(bob, "hello")
    for page in (alice, bob):
        await sees(page, "kept", "kept too", "hello")
    assert fragile.site.texts(room) == ["kept", "kept too", "hello"]


# --- Others of the same guest, and a page that slept ---


async def test_edits_and_deletions_of_another_client_show_in_open_pages(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = [await enter(open_window, lobby, room) for _ in range(2)]
    await say(alice, "helo", "oops")
    await settled(bob, 2)
    async with ChatClient(lobby.ws_url(room), cookies=await guest_cookies(alice)) as same_alice:
        await same_alice.edit(1, "hello")
        await same_alice.delete(2)
    for page in (alice, bob):
        await expect(page.locator("[data-sequence='1'] .body")).to_have_text("hello")
        await expect(page.locator("[data-sequence='1'] .edited")).to_be_visible()
        await expect(page.locator("[data-sequence='2'].deleted")).to_be_visible()
        assert await value(page) == "hello\n"
        assert "oops" not in await page.content()
    await bob.reload()
    await settled(bob, 2)
    assert await value(bob) == "hello\n"


async def test_a_page_left_hidden_reads_on_and_comes_back_at_once_when_it_is_looked_at(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = [await enter(open_window, fragile, room) for _ in range(2)]
    await turn(alice, "hidden")
    await say(bob, "meanwhile")
    await sees(alice, "meanwhile")
    attempts: list[str] = []
    alice.on("websocket", lambda socket: attempts.append(socket.url))
    fragile.kill()
    await until(lambda: len(attempts) == 2)  # the third comes 2 to 4 s later
    await asyncio.to_thread(fragile.start)
    await turn(alice, "visible")
    await is_connected(alice, within=1.5)
    await say(alice, "hello")
    await show_the_same(alice, bob, ["meanwhile", "hello"])
