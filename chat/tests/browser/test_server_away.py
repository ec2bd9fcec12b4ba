"""Servers that are killed and databases that are put back lose nothing and double nothing in open pages."""

import asyncio
import re

import pytest

from ..harness.menus import choose, confirm, entry, owns
from ..harness.pages import (
    INPUT,
    enter,
    is_connected,
    is_offline,
    numbered,
    say,
    sees,
    settled,
    shows,
    stay,
    turn,
    value,
)
from ..harness.servers import Daphne
from ..harness.watchers import until
from ..harness.windows import OpenWindow, Page, expect
from .conftest import OpenSocket


def of(who: str, texts: list[str]) -> list[str]:
    return [text for text in texts if text.startswith(who)]


async def show_the_same(alice: Page, bob: Page, texts: list[str]) -> None:
    """Both logs hold these texts in this order, and nothing else."""
    for page in (alice, bob):
        await shows(page, texts)


# --- The server ---


async def test_a_server_that_falls_silent_costs_no_message(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice = await enter(open_window, fragile, room)
    fragile.pause()
    await say(alice, "hello", "anybody here?")
    await expect(alice.locator(".entry.waiting")).to_have_count(2)
    await stay(1)
    fragile.resume()
    await shows(alice, ["hello", "anybody here?"])
    assert fragile.site.texts(room) == ["hello", "anybody here?"]


async def test_a_server_killed_under_load_comes_back_to_the_same_log_everywhere(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = [await enter(open_window, fragile, room) for _ in range(2)]

    async def talk(page: Page, who: str) -> None:
        for text in numbered(who, range(10)):
            await say(page, text)

    talking = asyncio.gather(talk(alice, "alice"), talk(bob, "bob"))
    await until(lambda: len(fragile.site.texts(room)) > 4)
    fragile.kill()
    await asyncio.gather(is_offline(alice), is_offline(bob))
    await talking
    await asyncio.to_thread(fragile.start)
    await asyncio.gather(settled(alice, 20), settled(bob, 20))
    log = fragile.site.texts(room)
    await show_the_same(alice, bob, log)
    assert of("alice", log) == numbered("alice", range(10))
    assert of("bob", log) == numbered("bob", range(10))
    assert await value(alice) == await value(bob) == "".join(f"{text}\n" for text in log)


async def test_what_a_closed_tab_could_not_send_the_next_one_sends_once(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    tab = await enter(open_window, fragile, room)
    fragile.kill()
    await is_offline(tab)
    await say(tab, "hello", "anybody here?")
    await expect(tab.locator(".entry.waiting")).to_have_count(2)
    keeper = await open_window(beside=tab)
    await tab.close()
    await asyncio.to_thread(fragile.start)
    await keeper.goto(fragile.room_url(room))
    await shows(keeper, ["hello", "anybody here?"])
    again = await enter(open_window, fragile, room, beside=keeper)
    await settled(again, 2)
    await stay(0.5)
    assert fragile.site.texts(room) == ["hello", "anybody here?"]


async def test_what_a_closed_tab_changed_while_the_server_was_away_is_so_for_everybody_when_it_is_back(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    tab = await enter(open_window, fragile, room)
    await say(tab, "helo", "oops", "nice")
    await settled(tab, 3)
    await owns(tab)
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
    await expect(entry(keeper, "hello").locator(".edited")).to_be_visible()
    await expect(keeper.locator(".entry[data-sequence='2'].deleted")).to_be_visible()
    await expect(entry(keeper, "nice").locator(".chip")).to_have_text("👍 1")
    await expect(keeper.locator(".waiting")).to_have_count(0)
    assert fragile.site.texts(room) == ["hello", "", "nice"]


async def test_a_restart_is_noticed_and_forgotten(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, fragile, room)
    await say(page, "before")
    await settled(page, 1)
    await asyncio.to_thread(fragile.terminate)
    await is_offline(page)
    await expect(page.locator("#status")).to_contain_text("The site does not answer.")
    await expect(page.locator("#status")).to_contain_text("Next try in")
    await asyncio.to_thread(fragile.start)
    await is_connected(page)
    await say(page, "after")
    await sees(page, "before", "after")
    await expect(page.locator("#status")).to_have_text("")


# --- The database ---


async def test_open_pages_start_afresh_when_the_database_is_emptied(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice = await enter(open_window, fragile, room)
    await say(alice, "one", "two", "three")
    await settled(alice, 3)
    await asyncio.to_thread(fragile.site.manage, "flush", "--noinput")
    await sees(alice)
    await expect(alice.locator(".nothing")).to_be_visible()
    await say(alice, "hello")
    await settled(alice, 1)
    await sees(alice, "hello")
    assert fragile.site.texts(room) == ["hello"]


@pytest.mark.parametrize("quiet", [True, False], ids=["and nobody speaks", "and somebody speaks at once"])
async def test_open_pages_show_what_a_restored_backup_holds(
    fragile: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str, quiet: bool
) -> None:
    alice = await enter(open_window, fragile, room)
    bob = await open_socket(fragile, room)
    await say(alice, "kept", "kept too")
    await settled(alice, 2)
    backup = fragile.site.backup()
    await say(alice, "lost", "lost too")
    await settled(alice, 4)
    fragile.site.restore(backup)
    if quiet:
        await sees(alice, "kept", "kept too")
    await bob.post("hello")
    await sees(alice, "kept", "kept too", "hello")
    assert fragile.site.texts(room) == ["kept", "kept too", "hello"]


# --- A page that slept ---


async def test_a_page_left_hidden_reads_on_and_is_back_when_it_is_looked_at(
    fragile: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice = await enter(open_window, fragile, room)
    bob = await open_socket(fragile, room)
    await turn(alice, "hidden")
    await bob.post("meanwhile")
    await sees(alice, "meanwhile")
    attempts: list[str] = []
    alice.on("websocket", lambda socket: attempts.append(socket.url))
    fragile.kill()
    await until(lambda: len(attempts) >= 2)
    await asyncio.to_thread(fragile.start)
    await turn(alice, "visible")
    await is_connected(alice)
    await say(alice, "hello")
    await shows(alice, ["meanwhile", "hello"])


async def test_one_may_reconnect_at_once_and_writes_on(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, fragile, room)
    fragile.kill()
    await is_offline(page)
    # It does not come back by itself: what connects is the press.
    await page.evaluate("() => { window.setTimeout = () => 0; }")
    await expect(page.locator("#status .retry")).to_have_text(re.compile(r"Next try in \d+ s"))
    await asyncio.to_thread(fragile.start)
    await page.get_by_role("button", name="Reconnect now").click()
    await is_connected(page)
    await expect(page.locator(INPUT)).to_be_focused()


async def test_a_browser_without_network_is_told_from_a_site_that_is_away(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, fragile, room)
    await page.context.set_offline(True)
    await expect(page.locator("#status")).to_contain_text("You are offline.")
    await expect(page.get_by_role("button", name="Reconnect now")).to_have_count(0)
    await page.context.set_offline(False)
    await is_connected(page)
    await expect(page.locator("#status")).to_have_text("Back online")
