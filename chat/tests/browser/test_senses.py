"""The room by ear, by key and by eye: what is read out, where the keys lead, what can be seen."""

from typing import Literal

from ..harness.menus import company, confirm, entry, open_menu
from ..harness.pages import INPUT, enter, is_connected, is_offline, say, say_what_is_refused, settled, write
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, Page, expect
from .conftest import OpenSocket

PHONE = {"viewport": {"width": 360, "height": 640}}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LONG_TOPIC = "What grows where, who waters it this week, and when we meet to taste it: " * 3


# --- By ear ---

LISTEN = """() => {
    window.heard = [];
    const listen = (root, isSpoken) => new MutationObserver((changes) => {
        for (const { addedNodes } of changes)
            for (const node of addedNodes) heard.push(...isSpoken(node).map((one) => one.textContent));
    }).observe(root, { childList: true, subtree: true });
    listen(document.querySelector("#read-out"), (line) => [line]);
    const alerts = (node) => [...(node.querySelectorAll?.("[role=alert]") ?? [])];
    listen(document.querySelector("#chat-log"), alerts);
}"""


async def hears(page: Page, *lines: str) -> None:
    """Since `LISTEN` a screen reader was told these things, in this order, and nothing else."""
    await page.wait_for_function("count => heard.length >= count", arg=len(lines))
    assert await page.evaluate("heard") == list(lines)


async def test_what_others_say_and_what_is_refused_is_read_out_once(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    bob = await open_socket(lobby, room, "Bob")
    await alice.evaluate(LISTEN)
    await say(alice, "my own words")
    await settled(alice, 2)
    await bob.do("react", sequence=2, emoji="👍", on=True)
    await expect(alice.locator(".chip")).to_have_count(1)
    await say_what_is_refused(alice)
    await expect(alice.locator(".failure")).to_be_visible()
    [refusal] = await alice.evaluate("heard")
    assert refusal.startswith("Not sent: ")
    await bob.post("an **answer**")
    await hears(alice, refusal, "Bob: an answer")
    await bob.edit(3, "another answer")
    await expect(entry(alice, "another answer")).to_be_visible()
    await bob.post("and more")
    await hears(alice, refusal, "Bob: an answer", "Bob: and more")


async def test_of_many_messages_those_that_mention_one_are_read_out_and_the_others_counted(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    bob = await open_socket(lobby, room, "Bob")
    await alice.evaluate(LISTEN)
    await alice.context.set_offline(True)
    await is_offline(alice)
    for text in ("one", "two", "and you, @Alice?", "three", "four"):
        await bob.post(text)
    await alice.context.set_offline(False)
    await settled(alice, 6)
    await hears(alice, "Bob mentions you: and you, @Alice?", "New messages: 4")


async def test_a_button_says_what_it_is_about(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    [bob] = await company(open_window, lobby, room, "Alice", "Bob", absent=["Alice"])
    await open_menu(bob, "hello")
    await bob.get_by_role("menuitem", name="Reply").click()
    await say(bob, "good morning")
    await expect(entry(bob, "good morning").locator(".quote")).to_have_accessible_name(
        "In reply to Alice : hello"
    )
    menu = entry(bob, "hello").locator(".more")
    await expect(menu).to_have_accessible_name("Message menu")
    await expect(menu).to_have_accessible_description("hello")


# --- By key ---


async def stop_after(page: Page, key: str) -> str:
    await page.keyboard.press(key)
    stop: str = await page.evaluate("() => document.activeElement.className || document.activeElement.id")
    return stop


async def test_the_log_is_one_stop_and_the_arrow_keys_lead_through_it(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await say(alice, "second", "third")
    await settled(alice, 3)
    for text in ("hello", "second", "third"):
        await open_menu(alice, text)
        await alice.keyboard.press("Enter")
        await expect(entry(alice, text).locator(".chip:not(.waiting)")).to_have_count(1)
    await alice.locator(INPUT).focus()
    assert await stop_after(alice, "Shift+Tab") == "chat-log"
    await alice.keyboard.press("ArrowUp")
    await expect(entry(alice, "third").locator(".more")).to_be_focused()
    await alice.keyboard.press("ArrowUp")
    await expect(entry(alice, "second").locator(".more")).to_be_focused()
    await alice.keyboard.press("ArrowRight")
    await expect(entry(alice, "second").locator(".chip")).to_be_focused()
    await alice.keyboard.press("Enter")
    await expect(alice.locator(".chip")).to_have_count(2)
    await expect(entry(alice, "second").locator(".more")).to_be_focused()
    assert await stop_after(alice, "Tab") == "chat-message-input"
    assert await stop_after(alice, "Shift+Tab") == "chat-log"
    await alice.keyboard.press("ArrowDown")
    await expect(entry(alice, "second").locator(".more")).to_be_focused()
    assert await stop_after(alice, "Shift+Tab") == "name-button"
    await entry(alice, "second").locator(".more").focus()
    await alice.keyboard.press("Home")
    await alice.keyboard.press("ArrowDown")
    await expect(entry(alice, "second").locator(".more")).to_be_focused()
    await alice.keyboard.press("Escape")
    await expect(alice.locator(INPUT)).to_be_focused()


async def test_whatever_is_typed_goes_where_one_writes_and_a_question_mark_in_the_log_shows_the_keys(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    text = alice.locator(INPUT)
    await entry(alice, "hello").locator(".more").focus()
    await alice.keyboard.type("/me?")
    await expect(text).to_have_value("/me?")
    await text.fill("")
    await alice.locator("#people-button").focus()
    await alice.keyboard.type("é and more")
    await expect(text).to_have_value("é and more")
    await alice.locator("#chat-log").focus()
    await alice.keyboard.press("Space")
    await alice.keyboard.press("?")
    sheet = alice.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(sheet).to_contain_text("Go from message to message")
    await alice.keyboard.type("x")
    await alice.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await expect(alice.locator("#chat-log")).to_be_focused()
    await expect(text).to_have_value("é and more")
    await alice.locator(".name-button").click()
    await alice.get_by_role("button", name="Keyboard shortcuts").click()
    await expect(sheet).to_be_visible()


async def test_down_from_the_emoji_of_a_menu_are_its_words(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await open_menu(alice, "hello")
    await expect(alice.get_by_role("menuitem", name="React: 👍")).to_be_focused()
    await alice.keyboard.press("ArrowRight")
    await expect(alice.get_by_role("menuitem", name="React: ❤️")).to_be_focused()
    await alice.keyboard.press("ArrowDown")
    await expect(alice.get_by_role("menuitem", name="Reply")).to_be_focused()
    await alice.keyboard.press("Escape")
    await alice.evaluate("() => { document.documentElement.dir = 'rtl'; }")
    await open_menu(alice, "hello")
    await alice.keyboard.press("ArrowLeft")
    await expect(alice.get_by_role("menuitem", name="React: ❤️")).to_be_focused()


async def test_a_pin_that_goes_away_hands_the_focus_on(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await say(alice, "/pin 1", "/slow 1")
    await expect(alice.locator("#room-bar .badges")).to_be_visible()
    pinned = alice.locator("#room-bar .pin-text")
    await pinned.focus()
    tab = await open_window(lobby.room_url(room), beside=alice)
    await is_connected(tab)
    await say(tab, "/slow off")
    await expect(alice.locator("#room-bar .badges")).to_have_count(0)
    await expect(pinned).to_be_focused()
    await alice.get_by_role("button", name="Unpin").press("Enter")
    await confirm(alice, "Unpin")
    await expect(pinned).to_have_count(0)
    await expect(alice.locator("#chat-log")).to_be_focused()


# --- By eye ---

IS_CUT = "topic => topic.scrollHeight > topic.clientHeight + 1"


async def test_the_topic_is_there_before_the_socket_and_can_be_read_to_its_end(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await say(alice, f"/topic {LONG_TOPIC}")
    await expect(alice.locator("#topic")).to_have_text(LONG_TOPIC.strip())
    await alice.set_viewport_size({"width": 360, "height": 640})
    await expect(alice.locator("#topic")).to_have_attribute("tabindex", "0")
    await alice.locator("#rooms-button").focus()
    await alice.keyboard.press("Tab")
    await expect(alice.locator("#topic")).to_be_focused()
    assert not await alice.locator("#topic").evaluate(IS_CUT)
    bob = await open_window(**PHONE, java_script_enabled=False, has_touch=True)
    await bob.goto(lobby.room_url(room))
    topic = bob.locator("#topic")
    await expect(topic).to_have_text(LONG_TOPIC.strip())
    assert await topic.evaluate(IS_CUT)
    await topic.tap()
    assert not await topic.evaluate(IS_CUT)


async def test_the_dot_before_the_word_offline_stands_in_its_line(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room, **PHONE)
    await page.context.set_offline(True)
    await is_offline(page)
    lines = """status => {
        const range = document.createRange();
        range.selectNodeContents(status);
        return [range.getBoundingClientRect().height, status.clientHeight];
    }"""
    words, line = await page.locator("#status").evaluate(lines)
    assert line < words + 8


async def test_what_is_chosen_can_be_told_where_colours_are_forced(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room, forced_colors="active")
    await page.locator(INPUT).press_sequentially("/")
    await page.keyboard.press("ArrowDown")
    outline = "(row) => getComputedStyle(row).outlineStyle"
    rows = page.locator("#completions [role=option]")
    assert await rows.nth(0).evaluate(outline) == "solid"
    assert await rows.nth(1).evaluate(outline) == "none"
    await say(page, "hello")
    await settled(page, 1)
    await page.goto(f"{lobby.url}/chat/")
    kept = "(mark) => getComputedStyle(mark, '::before').forcedColorAdjust"
    assert await page.locator("#rooms .here").first.evaluate(kept) == "none"


FAINT = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const rgba = (color) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (top, below) => [0, 1, 2].map((n) => top[n] * top[3] + below[n] * (1 - top[3])).concat(1);
    const luminance = (color) => {
        const [r, g, b] = color.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paperOf = (element) => {
        const color = rgba(getComputedStyle(element).backgroundColor);
        return color[3] === 1 ? color : over(color, paperOf(element.parentElement));
    };
    const contrast = (element, ink) => {
        const paper = paperOf(element);
        const [a, b] = [over(rgba(ink), paper), paper].map(luminance);
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    };
    const texts = document.evaluate("//body//text()[normalize-space()]", document, null, 7);
    const faint = [];
    for (let at = 0; at < texts.snapshotLength; at++) {
        const element = texts.snapshotItem(at).parentElement;
        if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        const { color, fontSize } = getComputedStyle(element);
        const needed = parseFloat(fontSize) >= 24 ? 3 : 4.5;
        if (contrast(element, color) < needed) faint.push(element.outerHTML.slice(0, 120));
    }
    const small = [...document.querySelectorAll("button, input, textarea, select")].filter((control) => {
        const { width, height } = control.getBoundingClientRect();
        return control.checkVisibility() && Math.min(width, height) < 23.9;
    });
    return [...faint, ...small.map((control) => control.outerHTML.slice(0, 120))];
}"""


async def test_every_word_has_contrast_and_every_button_a_size(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await say(alice, "/topic Tea", "/pin 1", "see https://example.org/")
    bob = await enter(open_window, lobby, room, reduced_motion="reduce")
    await open_menu(bob, "hello")
    await bob.get_by_role("menuitem", name="Reply").click()
    await say(bob, "good morning")
    await say_what_is_refused(bob)
    await expect(bob.locator(".failure")).to_be_visible()
    await say(bob, "/kick Alice")
    await expect(bob.locator(".refusal")).to_be_visible()
    await open_menu(bob, "good morning")
    await bob.keyboard.press("Enter")
    await expect(bob.locator(".chip")).to_be_visible()
    await write(bob, "x" * 4001)
    await is_clear(bob)
    await bob.locator("#format-button").click()
    await expect(bob.get_by_role("button", name="Bold")).to_be_visible()
    await write(bob, "")
    await bob.locator(INPUT).press_sequentially(":fox")
    await expect(bob.locator("#completions [role=option]").first).to_be_visible()
    await is_clear(bob)
    await write(bob, "")
    await bob.locator("#chat-log").focus()
    await bob.keyboard.press("?")
    await is_clear(bob)
    await bob.keyboard.press("Escape")
    await open_menu(bob, "hello")
    await is_clear(bob)
    for path in ("/chat/", "/nowhere", "/accounts/sign-up/"):
        await bob.goto(lobby.url + path)
        await is_clear(bob)


async def is_clear(page: Page) -> None:
    """By day and by night."""
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await settled_style(page)
        assert await page.evaluate(FAINT) == [], scheme


async def settled_style(page: Page) -> None:
    """Nothing fades in any more."""
    await page.evaluate(
        "() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))"
    )


def test_an_address_that_is_none_says_where_the_rooms_are(lobby: Daphne) -> None:
    response = lobby.get("/nowhere")
    assert response.status == 404
    assert response.text.count("There is nothing at this address") == 1
    assert "Rooms are at /chat/" in response.text
