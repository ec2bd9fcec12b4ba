"""A room with a past opens at once; older messages come while one scrolls, and the reader's place stays."""

import asyncio

import pytest_asyncio

from ..harness.clients import ChatClient
from ..harness.menus import is_told
from ..harness.pages import enter, fill, is_offline, stay, write
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, Page, expect
from .conftest import OpenSocket

PAGE = 50
LOG = "#chat-log"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def old_room(lobby: Daphne) -> str:
    """A room of two hundred messages."""
    await fill(lobby, name := "a room of two hundred", 200)
    return name


async def sequences(page: Page) -> list[int]:
    numbers: list[int] = await page.evaluate(
        "() => [...document.querySelectorAll('.entry[data-sequence]')].map((e) => Number(e.dataset.sequence))"
    )
    return numbers


async def scroll_to(page: Page, top: int) -> None:
    await page.evaluate("top => { document.querySelector('#chat-log').scrollTop = top; }", top)


async def distance_from_bottom(page: Page) -> float:
    distance: float = await page.evaluate(
        "() => { const log = document.querySelector('#chat-log');"
        " return log.scrollHeight - log.clientHeight - log.scrollTop; }"
    )
    return distance


async def watch(page: Page, sequence: int) -> None:
    """From now on note in every frame where this message is."""
    await page.evaluate(
        """sequence => {
            window.seenAt = [];
            const look = () => {
                const line = document.querySelector(`[data-sequence='${sequence}'] .line`);
                seenAt.push(line.getBoundingClientRect().top);
                requestAnimationFrame(look);
            };
            look();
        }""",
        sequence,
    )


async def seen_at(page: Page) -> list[float]:
    """Where it stood in each frame, and in some more from now on."""
    await page.evaluate("() => { window.seenBefore = seenAt.length; }")
    await page.wait_for_function("() => seenAt.length > seenBefore + 10")
    places: list[float] = await page.evaluate("() => seenAt")
    return places


async def test_a_room_with_a_past_opens_with_the_newest_fifty(
    lobby: Daphne, open_window: OpenWindow, old_room: str
) -> None:
    page = await enter(open_window, lobby, old_room)
    await expect(page.locator(".entry[data-sequence]")).to_have_count(PAGE)
    assert await sequences(page) == list(range(151, 201))
    await expect(page.locator(".entry[data-sequence='200']")).to_be_in_viewport()
    assert await distance_from_bottom(page) < 2
    await stay(0.5)
    assert await sequences(page) == list(range(151, 201))  # the rest only on demand


async def test_older_messages_come_without_a_jump(
    lobby: Daphne, open_window: OpenWindow, old_room: str
) -> None:
    page = await enter(open_window, lobby, old_room)
    await expect(page.locator(".entry[data-sequence]")).to_have_count(PAGE)
    await scroll_to(page, 300)
    await watch(page, 165)
    await expect(page.locator(".entry[data-sequence]")).to_have_count(2 * PAGE)
    places = await seen_at(page)
    assert await sequences(page) == list(range(101, 201))
    assert max(places) - min(places) <= 1


async def test_who_has_just_scrolled_is_not_taken_back_before_the_browser_tells_of_it(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    await fill(lobby, room, PAGE - 1)
    alice, bob = await enter(open_window, lobby, room), await open_socket(lobby, room)
    await expect(alice.locator(".entry[data-sequence]")).to_have_count(PAGE - 1)
    await alice.evaluate("window.addEventListener('scroll', (event) => event.stopPropagation(), true)")
    await scroll_to(alice, 300)
    await bob.post("another")
    await expect(alice.locator(".entry[data-sequence]")).to_have_count(PAGE)
    assert await alice.evaluate("document.querySelector('#chat-log').scrollTop") == 300


async def test_scrolling_up_leads_to_the_beginning(
    lobby: Daphne, open_window: OpenWindow, old_room: str
) -> None:
    page = await enter(open_window, lobby, old_room)
    await page.locator(LOG).focus()
    async with asyncio.timeout(60):
        while len(await sequences(page)) < 200:
            await page.keyboard.press("Home")
            await stay(0.1)
    await page.keyboard.press("Home")
    await expect(page.locator(".older .beginning")).to_be_in_viewport()
    assert await sequences(page) == list(range(1, 201))
    await page.keyboard.press("End")
    await expect(page.locator(".entry[data-sequence='200']")).to_be_in_viewport()


async def test_who_reads_further_up_sees_that_there_are_new_messages_and_is_not_moved(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    await fill(lobby, room, PAGE)
    alice, bob = await enter(open_window, lobby, room), await open_socket(lobby, room)
    await expect(alice.locator(".entry[data-sequence]")).to_have_count(PAGE)
    await expect(alice.locator("#newest")).to_be_hidden()
    await scroll_to(alice, 200)
    await watch(alice, 10)
    await bob.post("hello")
    await (
        alice.get_by_role("button", name="Go to the newest messages")
        .get_by_text("New messages: 1")
        .wait_for()
    )
    places = await seen_at(alice)
    assert max(places) - min(places) <= 1
    await alice.click("#newest")
    await expect(alice.locator(f".entry[data-sequence='{PAGE + 1}']")).to_be_in_viewport()
    await expect(alice.locator("#newest")).to_be_hidden()
    await bob.post("hello again")
    await expect(alice.locator(f".entry[data-sequence='{PAGE + 2}']")).to_be_in_viewport()


async def test_what_one_says_oneself_is_seen_even_while_one_scrolls(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await fill(lobby, room, 2 * PAGE)
    page = await enter(open_window, lobby, room)
    await expect(page.locator(".entry[data-sequence]")).to_have_count(PAGE)
    await write(page, "hello")
    await page.evaluate(
        "() => { document.querySelector('#chat-log').scrollTop = 200;"
        " document.querySelector('#composer').requestSubmit(); }"
    )
    await expect(page.locator(".entry .body", has_text="hello").last).to_be_in_viewport()
    assert await distance_from_bottom(page) < 2


async def test_in_older_messages_only_what_is_new_is_announced_and_the_button_leads_to_the_end(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await fill(lobby, room, 320)
    async with ChatClient(lobby.ws_url(room)) as bob:
        await bob.post("an answer", reply_to=1)
        page = await enter(open_window, lobby, room)
        quote = page.locator(".entry[data-sequence='321'] .quote")
        await quote.click()
        await expect(page.locator(".entry[data-sequence='1']")).to_be_in_viewport()
        await scroll_to(page, 1_000_000)
        await expect(page.locator(".entry[data-sequence='60']")).to_be_attached()
        news = page.locator("#newest.has-news")
        await expect(page.locator("#newest")).to_be_visible()
        await expect(news).to_have_count(0)
        await bob.post("news")
        await expect(news).to_have_count(1)
        talking = asyncio.create_task(talk(bob, 60))
        await page.click("#newest")
        await talking
        await bob.post("another answer", reply_to=200)
        await expect(page.locator(".entry[data-sequence='383']")).to_be_in_viewport()
        await expect(page.locator("#newest")).to_be_hidden()
    await page.context.set_offline(True)
    await is_offline(page)
    await page.locator(".entry[data-sequence='383'] .quote").click()
    await is_told(page, "The message could not be loaded.")


async def talk(person: ChatClient, count: int) -> None:
    """Say something about thirty times a second."""
    for number in range(count):
        await person.post(f"line {number}")
        await stay(0.03)
