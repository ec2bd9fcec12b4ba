"""The room's page under the fingers: writing, names, markup, keyboard, narrow windows."""

import asyncio

from ..harness.menus import owns
from ..harness.pages import (
    INPUT,
    enter,
    is_connected,
    is_offline,
    rename,
    said_by,
    say,
    say_what_is_refused,
    sees,
    settled,
    stay,
    value,
    write,
)
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, expect
from .conftest import OpenSocket

TEXT_MAX = 4000
TAKEN_BY_INPUT_METHOD = 229  # the keyCode of such a key


NO_SITE_DATA = """
for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
    const get = () => { throw new DOMException("The operation is insecure.", "SecurityError"); };
    Object.defineProperty(window, name, { get });
}
window.BroadcastChannel = class { constructor() { throw new DOMException("", "SecurityError"); } };
"""


async def test_a_browser_that_keeps_no_data_of_sites_is_good_enough(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await open_window()
    await page.add_init_script(NO_SITE_DATA)
    await page.goto(f"{lobby.url}/chat/")
    await page.locator("#room-name-input").fill(room)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lobby.room_url(room))
    await is_connected(page)
    await say(page, "hello")
    await settled(page, 1)
    await rename(page, "Alice")
    await expect(page.locator("#you-here .name")).to_have_text("Alice")


# --- Writing ---


async def test_enter_while_an_input_method_composes_does_not_send(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    keyboard = await page.context.new_cdp_session(page)

    async def press_enter(key_code: int) -> None:
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": key_code}
        await keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
        await keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})

    await keyboard.send(
        "Input.imeSetComposition", {"text": "にほんご", "selectionStart": 4, "selectionEnd": 4}
    )
    await press_enter(13)  # chooses a candidate
    await keyboard.send("Input.insertText", {"text": "日本語"})
    await press_enter(TAKEN_BY_INPUT_METHOD)  # Safari: the same key once more, after the composition
    await stay(0.3)
    assert await value(page) == ""
    await expect(page.locator(INPUT)).to_have_value("日本語")
    await press_enter(13)
    await sees(page, "日本語")


async def test_shift_and_enter_begin_a_new_line(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    page = await enter(open_window, lobby, room)
    low = await page.locator(INPUT).bounding_box()
    await page.keyboard.type("two")
    for _ in range(3):
        await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("lines")
    await expect(page.locator(INPUT)).to_have_value("two\n\n\nlines")
    high = await page.locator(INPUT).bounding_box()
    assert low
    assert high
    assert high["height"] > low["height"] + 40
    await page.keyboard.press("Enter")
    await sees(page, "two\n\n\nlines")


async def test_a_text_that_is_too_long_is_refused_in_sight_and_kept(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await write(page, "🦊" * (TEXT_MAX + 1))
    await page.keyboard.press("Enter")
    await expect(page.locator(".counter")).to_have_text("Too long by 1")
    told = page.locator(".counter-told[role=status]")
    await expect(told).to_have_text("Too long by 1")
    await expect(page.locator(INPUT)).to_have_attribute("aria-invalid", "true")
    await expect(page.locator(INPUT)).to_have_value("🦊" * (TEXT_MAX + 1))
    assert await value(page) == ""
    await page.keyboard.press("End")
    await page.keyboard.press("Backspace")
    await expect(page.locator(".counter")).to_have_text("Characters left: 0")
    await page.keyboard.press("Enter")
    await settled(page, 1)
    assert await value(page) == "🦊" * TEXT_MAX + "\n"
    await expect(page.locator(".counter")).to_be_hidden()
    await expect(told).to_have_text("")


async def test_what_the_server_refuses_stays_in_sight_until_it_is_discarded(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await say_what_is_refused(page)
    failed = page.locator(".entry.failed")
    await expect(failed).to_contain_text("Not sent: ")
    await expect(failed.locator(".body")).to_contain_text("b")
    await say(page, "hello")
    await expect(page.locator(".entry[data-sequence] .body")).to_have_text(["hello"])
    await owns(page)
    await failed.get_by_role("button", name="Discard").click()
    await sees(page, "hello")


async def test_white_space_alone_is_not_sent(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    page = await enter(open_window, lobby, room)
    await say(page, "   ", "\n\n", "\u3000", " hello ")
    await sees(page, "hello")


# --- Names ---


async def test_a_new_name_stands_over_later_messages_everywhere_and_stays(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice = await enter(open_window, lobby, room)
    bob = await open_socket(lobby, room)
    generated = await alice.locator("#you-here .name").inner_text()
    await say(alice, "before")
    await rename(alice, "Alice")
    await expect(alice.locator("#you-here .name")).to_have_text("Alice")
    await say(alice, "after")
    await settled(alice, 2)
    assert await said_by(alice) == [(generated, "before"), ("Alice", "after")]
    await alice.reload()
    await expect(alice.locator("#you-here .name")).to_have_text("Alice")
    await say(alice, "later")
    await bob.wait_until(lambda bob: len(bob.log) == 3)
    assert [message["author"]["name"] for message in bob.messages] == [generated, "Alice", "Alice"]


async def test_a_wrong_name_says_why_and_can_be_put_right(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    generated = await page.locator("#you-here .name").inner_text()
    await rename(page, "x" * 41)
    await expect(page.get_by_role("alert")).to_have_text("A name can have at most 40 characters.")
    await expect(page.locator("#your-name")).to_be_focused()
    await expect(page.locator("#your-name")).to_have_value("x" * 41)
    await page.keyboard.type("   ")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("A name needs at least one character.")
    await page.keyboard.press("Escape")
    await expect(page.locator("#you-here .name")).to_have_text(generated)
    await rename(page, "Alice")
    await expect(page.locator("#you-here .name")).to_have_text("Alice")


async def test_a_new_name_can_be_taken_back_before_it_is_saved(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice = await enter(open_window, lobby, room)
    name = await alice.locator("#you-here .name").inner_text()
    await alice.context.set_offline(True)
    await is_offline(alice)
    await rename(alice, "Alcie")
    await expect(alice.locator("#you-here.saving .name")).to_have_text("Alcie")
    await rename(alice, name)
    await expect(alice.locator("#you-here.saving .name")).to_have_text(name)
    await alice.context.set_offline(False)
    await is_connected(alice)
    await expect(alice.locator("#you-here.saving")).to_have_count(0)
    await expect(alice.locator("#you-here .name")).to_have_text(name)
    await alice.reload()
    await expect(alice.locator("#you-here .name")).to_have_text(name)


async def test_two_tabs_of_one_guest_are_one_person(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    first = await enter(open_window, lobby, room)
    second = await enter(open_window, lobby, room, beside=first)
    bob = await open_socket(lobby, room)
    await say(first, "one")
    await settled(second, 1)
    await expect(second.locator(".entry.own")).to_have_count(1)
    await first.context.set_offline(True)
    await asyncio.gather(is_offline(first), is_offline(second))
    await say(first, "two")
    await say(second, "three")
    await first.context.set_offline(False)
    for page in (first, second):
        await settled(page, 3)
        assert sorted((await value(page)).split()) == ["one", "three", "two"]
    await bob.wait_until(lambda bob: len(bob.texts) == 3)
    assert await value(first) == await value(second) == "".join(f"{text}\n" for text in bob.texts)


async def test_a_name_taken_in_one_tab_is_the_name_in_the_other(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    first = await enter(open_window, lobby, room)
    second = await enter(open_window, lobby, room, beside=first)
    await rename(first, "Alice")
    await expect(first.locator("#you-here .name")).to_have_text("Alice")
    await say(first, "one")
    await settled(second, 1)
    await say(second, "two")
    await settled(first, 2)
    assert await said_by(first) == [("Alice", "one"), ("Alice", "two")]
    await expect(second.locator("#you-here .name")).to_have_text("Alice")
    await say(second, "/nick Alice B.")
    for page in (first, second):
        await expect(page.locator("#you-here .name")).to_have_text("Alice B.")


# --- Markup ---


async def test_markup_in_a_message_is_text(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    bob = await enter(open_window, lobby, room)
    mallory = await open_socket(lobby, room, "<b>Mallory</b>")
    dialogs: list[str] = []
    bob.on("dialog", lambda dialog: dialogs.append(dialog.message))
    hostile = [
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        "https://example.org/\"onmouseover='alert(1)'",
        "</div></article><h1>hello</h1>",
        "&lt;b&gt; &amp; {{ 7*7 }} %s ${x}",
    ]
    for text in hostile:
        await mallory.post(text)
    await settled(bob, len(hostile))
    await sees(bob, *hostile)
    await bob.reload()
    await sees(bob, *hostile)
    await expect(bob.locator("#chat-log :is(img, script, h1, b, [onerror], [onmouseover])")).to_have_count(0)
    await expect(bob.locator("#chat-log a:not([href^='https://example.org/'])")).to_have_count(0)
    await expect(bob.locator(".author").first).to_have_text("<b>Mallory</b>")
    assert dialogs == []


async def test_links_open_in_a_tab_of_their_own_that_knows_nothing_of_the_room(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await page.context.route(
        "https://example.org/**", lambda route: route.fulfill(body="hello", content_type="text/html")
    )
    await say(page, "look: https://example.org/a?b=c&d=e, will you?")
    await owns(page)
    link = page.locator("#chat-log .entry[data-sequence] a")
    await expect(link).to_have_text("https://example.org/a?b=c&d=e")
    await expect(link).to_have_attribute("target", "_blank")
    assert "nofollow" in (await link.get_attribute("rel") or "")
    async with page.expect_popup() as opening:
        await link.click()
    tab = await opening.value
    await tab.wait_for_load_state()
    assert tab.url == "https://example.org/a?b=c&d=e"
    assert await tab.evaluate("() => [window.opener, document.referrer]") == [None, ""]
    assert page.url == lobby.room_url(room)
