"""The pages for everyone: by keyboard, by ear, in 360 pixels, in the dark, and under the security policy."""

import json
from collections.abc import Sequence

from playwright.async_api import ConsoleMessage

from ..harness.admin_pages import PASSWORD, AdminPages
from ..harness.pages import INPUT, enter, rename, say, say_what_is_refused, sees, settled, write
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, Page, expect

NARROW = {"viewport": {"width": 360, "height": 640}}
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
LIGHTNESS = """() => {
    const { color, backgroundColor } = getComputedStyle(document.body);
    return [color, backgroundColor].map((c) => Number(c.match(/oklch\\(([\\d.]+)/)[1]));
}"""
FOCUSED = """() => {
    const { activeElement: e } = document;
    const { outlineStyle, outlineWidth } = getComputedStyle(e);
    return [e.id || e.className || e.href, outlineStyle === "solid" && parseFloat(outlineWidth) >= 2];
}"""


async def stops(page: Page, key: str, count: int) -> Sequence[str]:
    """What gets the focus, press by press; each must be marked."""
    names: list[str] = []
    for _ in range(count):
        await page.keyboard.press(key)
        name, is_marked = await page.evaluate(FOCUSED)
        assert is_marked, name
        names.append(name)
    return names


async def assert_no_sideways_scroll(page: Page) -> None:
    wide = await page.evaluate(
        "() => [...document.querySelectorAll('html, body, main, #chat-log')]"
        ".filter((e) => e.scrollWidth > e.clientWidth).map((e) => `${e.tagName} ${e.scrollWidth}`)"
    )
    assert wide == []
    outside = await page.evaluate(
        "() => [...document.querySelectorAll('body :is(button, input, textarea, a, .body, h1, time)')]"
        ".filter((e) => e.checkVisibility()).filter((e) => e.getBoundingClientRect().width > 0)"
        ".filter((e) => { const { left, right } = e.getBoundingClientRect();"
        " return right > innerWidth + 1 || left < -1; }).map((e) => e.outerHTML.slice(0, 80))"
    )
    assert outside == []


# --- By keyboard and by ear ---


async def test_the_tab_key_reaches_everything_and_shows_where_it_is(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await say(page, "look: https://example.org/")
    await settled(page, 1)
    await expect(page.locator(INPUT)).to_be_focused()
    head = ["name-button", "people-button", "search-button", "invite-button", "room-button", "rooms-button"]
    assert await stops(page, "Shift+Tab", 7) == ["chat-log", *head]
    await page.locator(INPUT).focus()
    await say(page, "and https://example.com/a and https://example.com/b")
    await settled(page, 2)
    assert await stops(page, "Shift+Tab", 1) == ["chat-log"]
    assert await stops(page, "ArrowUp", 1) == ["more"]
    assert await stops(page, "ArrowLeft", 4) == [
        "reply",
        "like",
        "https://example.com/b",
        "https://example.com/a",
    ]
    assert await stops(page, "ArrowUp", 1) == ["more"]
    assert await stops(page, "ArrowLeft", 3) == ["reply", "like", "https://example.org/"]
    assert await stops(page, "Shift+Tab", 1) == ["name-button"]
    await page.locator(INPUT).focus()
    await page.locator("#rooms-button").focus()
    buttons = ["attach-button", "format-button", "emoji-button", "chat-message-submit"]
    assert (await stops(page, "Tab", 12))[6:] == ["chat-message-input", *buttons, "close"]
    await page.goto(f"{lobby.url}/chat/")
    assert await stops(page, "Tab", 2) == ["room-name-submit", lobby.room_url(room)]


async def test_a_person_with_a_keyboard_alone_can_do_everything(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await open_window(f"{lobby.url}/chat/")
    await page.keyboard.type(room)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url(lobby.room_url(room))
    await page.keyboard.type("hello")
    for _ in range(4):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await sees(page, "hello")
    await settled(page, 1)  # a message that waits has no menu to stop at
    await expect(page.locator(INPUT)).to_be_focused()
    for _ in range(2):
        await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#your-name")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator(".name-button")).to_be_focused()
    await page.keyboard.press("Space")
    await page.keyboard.type("Alice")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#you-here .name")).to_have_text("Alice")
    await expect(page.locator(".name-button")).to_be_focused()
    all_rooms = page.get_by_role("link", name="All rooms").and_(page.locator(":focus"))
    for _ in range(80):
        await page.keyboard.press("Shift+Tab")
        if await all_rooms.count():
            break
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{lobby.url}/chat/")


async def test_a_button_that_goes_away_hands_the_focus_on(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room, **NARROW)
    focused = page.locator("#chat-log, #chat-message-input").and_(page.locator(":focus"))
    await say_what_is_refused(page)
    await page.get_by_role("button", name="Discard").press("Enter")
    await expect(page.locator(".entry.failed")).to_have_count(0)
    await expect(focused).to_be_visible()
    await say(page, *("tall\n\n\nmessage" for _ in range(8)))
    await settled(page, 8)
    await page.evaluate("() => { document.querySelector('#chat-log').scrollTop = 0; }")
    await expect(page.locator("#newest")).to_be_visible()
    await page.locator("#newest").press("Enter")
    await expect(page.locator("#newest")).to_be_hidden()
    await expect(focused).to_be_visible()


async def test_a_screen_reader_hears_what_is_said_and_names_for_everything(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await say(page, "hello")
    await settled(page, 1)
    log = page.get_by_role("log", name="Messages")
    await expect(log).to_have_attribute("aria-live", "off")  # what is new is read out by another region
    await expect(page.locator("#read-out")).to_have_attribute("aria-live", "polite")
    await expect(log.get_by_role("article")).to_contain_text("hello")
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    await expect(page.get_by_role("button", name="Send")).to_be_enabled()
    await expect(page.get_by_role("link", name="All rooms")).to_be_visible()
    await expect(page.get_by_role("button", name="Change your name")).to_be_visible()
    await expect(page.locator("#status[role=status]")).to_be_attached()
    await page.goto(f"{lobby.url}/chat/")
    question = "What chat room would you like to enter?"
    await expect(page.get_by_role("combobox", name=question)).to_be_focused()


# --- Narrow, dark, still ---


async def test_360_pixels_are_enough_by_day_and_by_night(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room, **NARROW)
    await say(page, LONG_WORD, f"https://example.org/{LONG_WORD}", "日本語" * 60, "שלום" * 40)
    await settled(page, 4)
    await rename(page, "W" * 40)
    await expect(page.locator("#you-here .name")).to_have_text("W" * 40)
    await say(page, "hello")
    await settled(page, 5)
    await assert_no_sideways_scroll(page)
    await rename(page, "W" * 41)
    await expect(page.get_by_role("alert")).to_be_visible()
    await assert_no_sideways_scroll(page)
    await page.keyboard.press("Escape")
    await write(page, f"{LONG_WORD}\n" * 20)
    await assert_no_sideways_scroll(page)
    await expect(page.locator("#chat-message-submit")).to_be_in_viewport(ratio=1)
    for path in ("/chat/", f"/chat/{'x' * 81}/", "/nowhere"):
        await page.goto(lobby.url + path)
        await assert_no_sideways_scroll(page)
        await page.emulate_media(color_scheme="light")
        ink, paper = await page.evaluate(LIGHTNESS)
        assert paper > 0.9 > 0.4 > ink
        await page.emulate_media(color_scheme="dark")
        ink, paper = await page.evaluate(LIGHTNESS)
        assert ink > 0.8 > 0.3 > paper


async def test_who_wants_no_motion_sees_none(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    page = await enter(open_window, lobby, room, reduced_motion="reduce", **NARROW)
    await say(page, *(f"message {number}\n\n\n" + "." for number in range(12)))
    await settled(page, 12)
    await page.evaluate("() => { document.querySelector('#chat-log').scrollTop = 0; }")
    await page.click("#newest")
    gap = "() => { const e = document.querySelector('#chat-log');"
    assert await page.evaluate(gap + " return e.scrollHeight - e.clientHeight - e.scrollTop; }") < 2
    await write(page, "x" * 4001)
    await page.keyboard.press("Enter")
    moving = "() => document.getAnimations().filter((a) => a.animationName !== 'appear').length"
    assert await page.evaluate(moving) == 0


# --- The security policy ---


INLINE = """html => new DOMParser().parseFromString(html, "text/html")
    .querySelectorAll("style, [style], [onclick], [onload], [onsubmit]").length"""


async def test_no_page_breaks_its_own_security_policy(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await open_window()
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{page.url} {message.type}: {message.text}")

    page.on("console", listen)
    for path in ("/chat/", f"/chat/{room}/", "/chat/a%2Fb/", "/nowhere", "/admin/login/"):
        answer = await page.goto(lobby.url + path, wait_until="networkidle")
        assert answer
        nonces = await page.evaluate(
            "() => [...document.scripts].filter((s) => !s.src && s.type !== 'application/json')"
            ".map((s) => `'nonce-${s.nonce}'`)"
        )
        policy = answer.headers["content-security-policy"]
        allowed = [part.split() for part in policy.split(";") if part.split()[0] == "script-src"]
        assert allowed in ([["script-src", "'self'", *set(nonces)]], [["script-src", "'self'"]])
        assert "unsafe" not in policy
        # As it was served: scripts may set styles.
        assert await page.evaluate(INLINE, await answer.text()) == 0
    assert [line for line in complaints if "status of 404" not in line] == []


async def test_the_admin_works_and_what_is_purged_there_leaves_open_pages(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    charlie = AdminPages(lobby.site, lobby)
    alice = await enter(open_window, lobby, room)
    await say(alice, "hello", "spam")
    await settled(alice, 2)
    admin = await open_window(f"{lobby.url}/admin/")
    await admin.fill("#id_username", charlie.name)
    await admin.fill("#id_password", PASSWORD)
    await admin.keyboard.press("Enter")
    for model in ("Rooms", "Participants"):
        await admin.get_by_role("link", name=model, exact=True).first.click()
        await expect(admin.locator("#result_list")).to_be_visible()
    await admin.goto(f"{lobby.url}/admin/chat/message/?q={room}")
    await expect(admin.locator("#result_list tr", has_text="spam")).to_be_visible()
    alice_id = json.loads(await alice.locator("#you").text_content() or "")["id"]
    await admin.goto(f"{lobby.url}/admin/chat/participant/?q={alice_id}")
    await admin.locator("#result_list tbody tr").get_by_role("checkbox").check()
    await admin.locator("select[name=action]").select_option("purge_everywhere")
    await admin.get_by_role("button", name="Run").or_(admin.get_by_role("button", name="Go")).click()
    await expect(alice.locator(".entry.deleted")).to_have_count(2)
