"""However long one scrolls or stays, the log has about 300 entries, and what is read does not move."""

import asyncio
from typing import Any

from ..harness.clients import ChatClient
from ..harness.pages import (
    enter,
    fill,
    has_read,
    has_read_beyond,
    is_offline,
    numbered,
    post_all,
    say,
    settled,
    turn,
)
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, Page, expect
from .conftest import OpenSocket
from .test_history import LOG, PAGE, distance_from_bottom, sequences

ENTRIES_MAX = 300
PATIENCE = 90.0  # seconds that a slow machine may take to scroll through them

SCROLL = """async step => {
    const log = document.querySelector("#chat-log");
    const newest = document.querySelector("#newest");
    const older = log.querySelector(".older");
    const lineOf = (entry) => entry.querySelector(".line").getBoundingClientRect().top;
    const inView = (entry) => entry.offsetTop >= log.scrollTop && entry.dataset.sequence;
    const frame = () => new Promise(requestAnimationFrame);
    const isThere = () =>
        step > 0 ? newest.hidden : log.scrollTop === 0 && older.dataset.state === "beginning";
    const found = { most: 0, moved: 0, holes: 0, steps: 0 };
    while (!isThere()) {
        const sequence = [...log.querySelectorAll(".entry")].find(inView).dataset.sequence;
        const entry = () => log.querySelector(`[data-sequence="${sequence}"]`);
        const before = log.scrollTop;
        const top = lineOf(entry());
        log.scrollTop += step;
        const expected = top - (log.scrollTop - before);
        for (let n = 0; n < 3; n++) {
            await frame();
            if (!newest.hidden) found.moved = Math.max(found.moved, Math.abs(lineOf(entry()) - expected));
            const shown = [...log.querySelectorAll("[data-sequence]")].map((e) => Number(e.dataset.sequence));
            found.most = Math.max(found.most, shown.length);
            found.holes += shown.filter((place, at) => at && place !== shown[at - 1] + 1).length;
        }
        found.steps++;
    }
    return found;
}"""


async def scroll(page: Page, step: int) -> None:
    """Scroll by so many pixels at a time to the beginning (step < 0) or to the end. In no frame are there
    more than 300 entries, has one a hole before it, or does what is read move by more than a pixel."""
    async with asyncio.timeout(PATIENCE):
        found: dict[str, Any] = await page.evaluate(SCROLL, step)
    assert found["most"] <= ENTRIES_MAX
    assert found["holes"] == 0
    assert found["moved"] <= 1, found


async def most_entries(page: Page) -> int:
    """From the second call on: the most that have been there since the first."""
    most: int = await page.evaluate(
        """() => {
            const count = () => document.querySelectorAll(".entry").length;
            if (!window.countedMost) {
                window.countedMost = count();
                const note = () => { countedMost = Math.max(countedMost, count()); };
                new MutationObserver(note).observe(document.querySelector(".entries"), { childList: true });
            }
            return countedMost;
        }"""
    )
    return most


async def test_from_the_beginning_the_end_key_leads_to_the_newest(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await fill(lobby, room, count := 350)
    page = await enter(open_window, lobby, room)
    await expect(page.locator(".entry[data-sequence]")).to_have_count(PAGE)
    await scroll(page, -1500)
    await page.locator(LOG).focus()
    await page.keyboard.press("End")
    await expect(page.locator(f".entry[data-sequence='{count}']")).to_be_in_viewport()
    await expect(page.locator("#newest")).to_be_hidden()
    await expect(page.locator(LOG)).to_be_focused()


async def test_without_the_server_one_reads_what_was_read_before_and_what_waits_stands_at_the_end(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await fill(lobby, room, count := 350)
    async with ChatClient(lobby.ws_url(room)) as bob:
        await bob.post("an answer", reply_to=5)
    page = await enter(open_window, lobby, room)
    await expect(page.locator(".entry[data-sequence]")).to_have_count(PAGE)
    quote = page.locator(f".entry[data-sequence='{count + 1}'] .quote")
    await scroll(page, -1500)
    await page.click("#newest")
    await expect(page.locator("#newest")).to_be_hidden()
    await page.context.set_offline(True)
    await is_offline(page)
    await say(page, "it waits")
    waiting = page.locator(".pendings .body", has_text="it waits")
    await expect(waiting).to_be_in_viewport()
    await quote.click()
    await expect(page.locator(".entry[data-sequence='5']")).to_be_in_viewport()
    await expect(waiting).to_be_hidden()
    await scroll(page, 1500)
    await expect(waiting).to_be_in_viewport()
    await quote.click()
    await expect(page.locator(".entry[data-sequence='5']")).to_be_in_viewport()
    await say(page, "it waits as well")
    await expect(page.locator(".pendings .body", has_text="it waits as well")).to_be_in_viewport()


async def test_who_stays_at_the_bottom_sees_what_is_said_and_has_no_more_than_300_entries(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice, bob = await enter(open_window, lobby, room), await open_socket(lobby, room)
    await bob.post("read")
    await has_read(alice, room, 1)
    await turn(alice, "hidden")
    await bob.post("new")
    await settled(alice, 2)
    await turn(alice, "visible")
    await expect(alice.locator(".new-line")).to_be_in_viewport()
    await has_read(alice, room, 2)  # the log no longer waits at the line
    await most_entries(alice)
    await alice.locator(".entry[data-sequence='2'] .more").focus()
    await post_all(bob, *numbered("line", range(400)))
    await expect(alice.locator(".entry[data-sequence='402']")).to_be_in_viewport()
    await expect(alice.locator(LOG)).to_be_focused()  # what had the focus is no longer there
    await expect(alice.locator(".entry[data-sequence='1']")).to_have_count(0)
    assert await most_entries(alice) <= ENTRIES_MAX
    assert await distance_from_bottom(alice) < 2
    await expect(alice.locator("#news-above")).to_be_hidden()  # they have read it
    shown = await sequences(alice)
    assert shown == list(range(shown[0], 403))
    await expect(alice.locator(".entry .day")).to_have_count(1)


async def test_who_was_away_finds_the_line_however_much_was_said(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice, bob = await enter(open_window, lobby, room), await open_socket(lobby, room)
    await bob.post("read")
    await has_read(alice, room, 1)
    title = await alice.title()
    await turn(alice, "hidden")
    await most_entries(alice)
    await post_all(bob, *numbered("line", range(400)))
    await expect(alice).to_have_title(f"(99+) {title}")
    await expect(alice.locator("#newest.has-news")).to_be_visible()
    await turn(alice, "visible")
    await expect(alice.locator(".entry:has(.new-line)")).to_have_attribute("data-sequence", "2")
    await expect(alice.locator(".new-line")).to_be_in_viewport()
    await has_read_beyond(alice, room, 1)  # the log no longer waits at the line
    await scroll(alice, 700)
    await expect(alice.locator(".entry[data-sequence='401']")).to_be_in_viewport()
    assert await most_entries(alice) <= ENTRIES_MAX


async def test_a_window_that_is_higher_than_a_page_is_filled_as_soon_as_the_socket_is_open(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await fill(lobby, room, 350)
    page = await open_window(viewport={"width": 800, "height": 6_000})
    await page.add_init_script(
        "{ const wait = setTimeout; window.setTimeout = (call, ms) => ms < 2_000 ? wait(call, ms) : 0; }"
    )
    await page.goto(lobby.room_url(room))
    await page.wait_for_function("() => document.querySelectorAll('.entry').length > 100")
    await expect(page.locator(".entry[data-sequence='350']")).to_be_in_viewport()
