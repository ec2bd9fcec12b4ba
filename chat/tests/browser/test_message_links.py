"""A link to a message opens its room there, however far up it stands."""

import asyncio

import pytest_asyncio

from ..harness.clients import ChatClient
from ..harness.pages import is_connected, post_all, say
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, Page, expect
from .conftest import OpenSocket
from .test_history import distance_from_bottom, sequences
from .test_long_log import PATIENCE, scroll
from .test_news import frames_sent

MANY = 1_000
MIDDLE = 500
FILL = """
from chat.journal.service import write
from chat.tests.harness.write_requests import ALICE, post
for start in range(1, {many} + 1, 500):
    write([post(f"message {{n}}", ALICE, {room!r}) for n in range(start, start + 500)])
"""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def longer_room(lobby: Daphne) -> str:
    await asyncio.to_thread(lobby.site.shell, FILL.format(many=MANY, room=(name := "a thousand")))
    return name


async def open_at(open_window: OpenWindow, server: Daphne, room: str, sequence: int) -> Page:
    page = await open_window(f"{server.room_url(room)}{sequence}/")
    await is_connected(page)
    return page


async def shows(page: Page, sequence: int) -> None:
    """The message is in view and marked, and no other is."""
    await expect(page.locator(f".entry[data-sequence='{sequence}'] .body")).to_be_in_viewport()
    await expect(page.locator(".linked")).to_have_attribute("data-sequence", str(sequence))


async def read_to(page: Page, sequence: int, step: int) -> None:
    """Scroll by so many pixels at a time until a message is there. What is shown has no hole."""
    async with asyncio.timeout(PATIENCE):
        await page.evaluate(
            """async ([sequence, step]) => {
                const log = document.querySelector("#chat-log");
                while (!log.querySelector(`[data-sequence="${sequence}"]`)) {
                    log.scrollTop += step;
                    await new Promise(requestAnimationFrame);
                }
            }""",
            [sequence, step],
        )
    places = await sequences(page)
    assert places == list(range(places[0], places[-1] + 1))


async def test_reload_and_back_lead_to_the_message_again(
    lobby: Daphne, open_window: OpenWindow, longer_room: str
) -> None:
    page = await open_at(open_window, lobby, longer_room, MIDDLE)
    await shows(page, MIDDLE)
    await page.reload()
    await is_connected(page)
    await shows(page, MIDDLE)
    await page.goto(f"{lobby.url}/chat/")
    await page.go_back()
    await is_connected(page)
    await shows(page, MIDDLE)


async def test_from_a_message_one_scrolls_to_the_newest_without_a_hole(
    lobby: Daphne, open_window: OpenWindow, longer_room: str
) -> None:
    page = await open_at(open_window, lobby, longer_room, MANY - 200)
    await shows(page, MANY - 200)
    await scroll(page, 700)
    assert (await sequences(page))[-1] == MANY
    assert await distance_from_bottom(page) < 2


async def test_what_is_said_meanwhile_does_not_move_the_reader_and_what_one_says_leads_to_the_end(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    bob = await open_socket(lobby, room)
    await post_all(bob, *(f"line {n}" for n in range(1, 201)))
    page = await open_window()
    asked = frames_sent(page, "resume")
    await page.goto(f"{lobby.room_url(room)}50/")
    await is_connected(page)
    await shows(page, 50)
    await bob.post("news")
    await expect(page.locator("#newest.has-news")).to_be_visible()
    await shows(page, 50)
    await bob.edit(50, "line 50, edited")
    await expect(page.locator(".linked .body")).to_have_text("line 50, edited")
    assert (await sequences(page))[-1] < 150
    await say(page, "an answer")
    await expect(page.locator(".entry[data-sequence='202'] .body")).to_have_text("an answer")
    await expect(page.locator(".entry[data-sequence='202']")).to_be_in_viewport()
    await expect(page.locator(".entry[data-sequence='201']")).to_be_in_viewport()
    assert "epoch" in asked[0], "it begins with what came with the page"


async def test_who_has_no_script_reads_around_the_message(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    async with ChatClient(lobby.ws_url(room)) as bob:
        await post_all(bob, *(f"line {n}" for n in range(1, 121)))
    page = await open_window(lobby.room_url(room), java_script_enabled=False)
    await page.get_by_role("link", name="Read what was said").click()
    await expect(page.get_by_text("line 120", exact=True)).to_be_in_viewport()
    await page.get_by_role("link", name="Earlier messages").click()
    await expect(page.get_by_text("line 70", exact=True)).to_be_attached()
    await page.goto(f"{lobby.room_url(room)}60/")
    await expect(page.locator("article.linked")).to_contain_text("line 60")
    await expect(page.locator("article.linked")).to_be_in_viewport()
    await page.get_by_role("link", name="Later messages").click()
    await expect(page.get_by_text("line 85", exact=True)).to_be_attached()


async def test_who_has_no_script_talks(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    async with ChatClient(lobby.ws_url(room)) as bob:
        await bob.post("hello")
        page = await open_window(lobby.room_url(room), java_script_enabled=False)
        await page.get_by_role("link", name="Read what was said").click()
        await page.get_by_label("Message", exact=True).fill("hello, Bob")
        await page.get_by_role("button", name="Send").click()
        await expect(page).to_have_url(f"{lobby.room_url(room)}2/")
        await expect(page.get_by_text("hello, Bob", exact=True)).to_be_in_viewport()
        await bob.wait_until(lambda client: client.texts == ["hello", "hello, Bob"])
        await page.get_by_label("Message", exact=True).fill("/dance")
        await page.get_by_role("button", name="Send").click()
        await expect(page.locator(".said")).to_contain_text("no command /dance")
        await page.get_by_label("Message", exact=True).fill("/me dances")
        await page.get_by_role("button", name="Send").click()
        await expect(page.locator("article.linked .action")).to_have_text("dances")


async def test_a_link_to_a_message_is_quoted_beneath_and_leads_there_in_the_same_window(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    bob = await open_socket(lobby, room, "Bob")
    await post_all(bob, *(f"**line** {n}" for n in range(1, 121)))
    page = await open_window(lobby.room_url(room))
    await is_connected(page)
    here, elsewhere = lobby.room_url(room), lobby.room_url(f"{room}-other")
    await bob.post(f"see {here}7/ and {elsewhere}1/ and {here}999/")
    entry = page.locator(".entry[data-sequence='121']")
    await expect(entry.locator(".quote")).to_have_count(1)
    await expect(entry.locator(".quote")).to_contain_text("Bob")
    await expect(entry.locator(".quote")).to_contain_text("line 7")
    await bob.edit(7, "another text")
    await expect(entry.locator(".quote")).to_contain_text("another text")
    await entry.locator(f"a[href='{here}7/']").click()
    await expect(page.locator(".entry[data-sequence='7']")).to_be_in_viewport()
    await page.click("#newest")
    await bob.do("delete", sequence=7)
    await expect(entry.locator(".quote")).to_have_count(0)
    await entry.locator(f"a[href='{elsewhere}1/']").click()
    await page.wait_for_url(f"{elsewhere}1/")
