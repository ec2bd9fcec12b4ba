"""Long rooms in a browser: however far one scrolls, about 300 entries, without a hole."""

import asyncio

from ..browser.test_history import PAGE, distance_from_bottom, sequences
from ..browser.test_long_log import scroll
from ..browser.test_message_links import FILL, open_at, read_to, shows
from ..browser.test_news import frames_sent
from ..harness.pages import enter, fill, value
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, expect

THOUSAND = 1_000
MANY = 10_000
MIDDLE = 5_000


async def test_a_thousand_messages_are_scrolled_through_and_never_more_than_300_are_there(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await fill(lobby, room, THOUSAND)
    page = await enter(open_window, lobby, room)
    await expect(page.locator(".entry[data-sequence]")).to_have_count(PAGE)
    asked = frames_sent(page, "history")
    await scroll(page, -700)
    assert (await sequences(page))[0] == 1
    requests = len(asked)
    await scroll(page, 700)
    assert (await sequences(page))[-1] == THOUSAND
    assert await distance_from_bottom(page) < 2
    assert len(asked) == requests, "what is held is not asked for again"
    shown = await sequences(page)
    texts = (await value(page)).replace("\nand more", "").splitlines()
    assert texts == [f"message {n}" for n in shown]


async def test_in_the_middle_of_ten_thousand_messages_one_reads_on_in_both_directions(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await asyncio.to_thread(lobby.site.shell, FILL.format(many=MANY, room=room))
    page = await open_at(open_window, lobby, room, MIDDLE)
    await shows(page, MIDDLE)
    await expect(page.locator("#newest")).to_be_visible()
    await expect(page.locator("#way-back")).to_be_hidden()  # one has come, not jumped
    await read_to(page, MIDDLE - 400, -700)
    await read_to(page, MIDDLE + 400, 700)
    await page.click("#newest")
    await expect(page.locator(f".entry[data-sequence='{MANY}']")).to_be_in_viewport()
    await expect(page.locator("#newest")).to_be_hidden()
    await expect(page.locator(".linked")).to_have_count(0)
    places = await sequences(page)
    assert places == list(range(places[0], MANY + 1))
