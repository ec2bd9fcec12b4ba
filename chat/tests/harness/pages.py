"""What a person does in a window and sees there: words for the tests of the pages."""

import asyncio
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse

from chat.access.identity import remember_guest
from chat.protocol.ids import new_key

from .clients import ChatClient
from .servers import ServerProcess
from .windows import OpenWindow, Page, expect

INPUT = "#chat-message-input"
PATIENCE = 20.0  # seconds that a slow machine is given
WRITES_AT_ONCE = 30  # a socket may have 32 in flight
FIRST_PAGE = [f"{number:03} {'word ' * 20}"[:100] for number in range(50)]
"""As many messages as come with a room's page, of 100 characters each."""


async def enter(open_window: OpenWindow, server: ServerProcess, room: str, **options: Any) -> Page:
    """A window in the room, connected. Options are those of `open_window`."""
    page = await open_window(server.room_url(room), **options)
    await is_connected(page)
    return page


def new_guest() -> dict[str, str]:
    """The cookie of a new guest."""
    remember_guest(response := HttpResponse(), new_key())
    return {key: cookie.value for key, cookie in response.cookies.items()}


async def a_guest(server: ServerProcess, room: str, name: str) -> dict[str, str]:
    """The cookie of a new guest who has taken this name."""
    cookies = new_guest()
    async with ChatClient(server.ws_url(room), cookies=cookies) as client:
        await client.rename(name)
    return cookies


async def fill(server: ServerProcess, room: str, count: int) -> None:
    """Somebody says "message 1" to "message <count>" there; every seventh has a second line."""
    await say_all(server, room, [f"message {n}" + "\nand more" * (n % 7 == 0) for n in range(1, count + 1)])


async def say_all(server: ServerProcess, room: str, texts: Sequence[str]) -> None:
    """Somebody says these things there."""
    async with ChatClient(server.ws_url(room)) as client:
        await post_all(client, *texts)


async def post_all(client: ChatClient, *texts: str) -> None:
    """In this order, and several at once."""
    for first in range(0, len(texts), WRITES_AT_ONCE):
        await asyncio.gather(*(client.post(text) for text in texts[first : first + WRITES_AT_ONCE]))


async def is_connected(page: Page, within: float = PATIENCE) -> None:
    await expect(page.locator("#room")).to_have_attribute("data-connection", "open", timeout=within * 1000)


async def is_offline(page: Page) -> None:
    await expect(page.locator("#status")).to_have_attribute("data-state", "offline")


async def write(page: Page, text: str) -> None:
    """Put the text where one writes, and do not send it."""
    await page.locator(INPUT).fill(text)


async def say(page: Page, *texts: str) -> None:
    for text in texts:
        await write(page, text)
        await page.keyboard.press("Enter")


async def say_what_is_refused(page: Page) -> None:
    """A text with a null character, which no keyboard types."""
    await page.evaluate("input => { document.querySelector(input).value = 'a\\0b'; }", INPUT)
    await page.keyboard.press("Enter")


async def sees(page: Page, *texts: str, within: float = PATIENCE) -> None:
    """The log shows exactly these texts in this order, to the eye and to `#chat-log.value`."""
    await expect(page.locator("#chat-log .body")).to_have_text(
        list(texts), use_inner_text=True, timeout=within * 1000
    )
    await page.wait_for_function(
        "value => document.querySelector('#chat-log').value === value",
        arg="".join(f"{text}\n" for text in texts),
        timeout=within * 1000,
    )


async def is_drawn(page: Page) -> None:
    """What has come is drawn. The log is drawn every 100 ms at most, and then another entry is pressed."""
    await page.evaluate(
        "() => new Promise((tell) => setTimeout(() => requestAnimationFrame(() => setTimeout(tell)), 120))"
    )


async def settled(page: Page, count: int, within: float = PATIENCE) -> None:
    """This many messages are in the log, none waits and none failed."""
    await expect(page.locator(".entry[data-sequence]")).to_have_count(count, timeout=within * 1000)
    unsettled = page.locator(".entry:not([data-sequence]), .entry.waiting, .entry.failed, .chip.waiting")
    await expect(unsettled).to_have_count(0, timeout=within * 1000)


async def has_read(page: Page, room: str, sequence: int) -> None:
    """The page has kept that everything up to this place was read."""
    await page.wait_for_function(
        "([key, sequence]) => JSON.parse(localStorage.getItem(key))?.seen === sequence",
        arg=[f"lobby:seen:{room}", sequence],
    )


async def has_read_beyond(page: Page, room: str, sequence: int) -> None:
    """The page has kept that something after this place was read."""
    await page.wait_for_function(
        "([key, sequence]) => JSON.parse(localStorage.getItem(key))?.seen > sequence",
        arg=[f"lobby:seen:{room}", sequence],
    )


async def shown(page: Page) -> Sequence[str]:
    """The text of each message in the log, from the top."""
    return await page.locator("#chat-log .body").all_inner_texts()


async def value(page: Page) -> str:
    text: str = await page.evaluate("() => document.querySelector('#chat-log').value")
    return text


async def stay(seconds: float) -> None:
    """Give what must not happen the time to happen."""
    await asyncio.sleep(seconds)


async def turn(page: Page, visibility: str) -> None:
    """Tell the page that it is now `hidden` or `visible`. Headless windows never are anything but visible."""
    await page.evaluate(
        """visibility => {
            const say = (name, value) =>
                Object.defineProperty(document, name, { configurable: true, get: () => value });
            say("visibilityState", visibility);
            say("hidden", visibility === "hidden");
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        visibility,
    )


async def guest_cookies(page: Page) -> dict[str, str]:
    """What makes another client the same guest as this window."""
    return {
        cookie["name"]: cookie["value"]
        for cookie in await page.context.cookies()
        if cookie["name"] == "guest"
    }


async def rename(page: Page, name: str) -> None:
    await page.locator(".name-button").click()
    await page.locator("#your-name").fill(name)
    await page.keyboard.press("Enter")


async def said_by(page: Page) -> list[tuple[str, str]]:
    """Author and text of each message in the log."""
    entries = page.locator("#chat-log .entry")
    authors = await entries.locator(".author").all_text_contents()
    texts = await entries.locator(".body").all_inner_texts()
    return list(zip(authors, texts, strict=True))


async def shows(page: Page, texts: list[str]) -> None:
    """The log holds these texts in this order and nothing else, and all of them are stored."""
    await settled(page, len(texts))
    assert await shown(page) == texts


def numbered(who: str, numbers: range) -> list[str]:
    return [f"{who} {number}" for number in numbers]
