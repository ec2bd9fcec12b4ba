"""What the Channels chat tutorial promises, in a real browser."""

import asyncio

from playwright.async_api import APIResponse, Route

from ..harness.clients import PlainClient
from ..harness.pages import INPUT, enter, is_connected, say, sees, settled, stay, value, write
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, Page, expect

GOOD_NAMES = ["日本語", "my room", "a.b"]
MADE_OF = "can have letters"
BAD_NAMES = {
    "   ": "Type the name",
    "..": "dots",
    **dict.fromkeys(["a/b", "#general", "%2e%2e", "😀"], MADE_OF),
    "日" * 81: "at most 80",
}


class Scripts:
    """The page's scripts, as the window was first given them. On a later visit they come when told to."""

    def __init__(self) -> None:
        self._may_come = asyncio.Event()
        self._may_come.set()
        self._copies: dict[str, APIResponse] = {}

    async def __call__(self, route: Route) -> None:
        url = route.request.url
        if url not in self._copies:
            self._copies[url] = await route.fetch()
        await self._may_come.wait()
        await route.fulfill(response=self._copies[url])

    def hold(self) -> None:
        self._may_come.clear()

    def release(self) -> None:
        self._may_come.set()


async def open_index(open_window: OpenWindow, server: Daphne) -> Page:
    return await open_window(f"{server.url}/chat/")


# --- T1: the index ---


async def test_the_index_asks_for_a_room_and_is_ready_for_typing(
    lobby: Daphne, open_window: OpenWindow
) -> None:
    page = await open_index(open_window, lobby)
    assert await page.title() == "Chat Rooms"
    await expect(page.get_by_role("heading", level=1)).to_have_text("What chat room would you like to enter?")
    await expect(page.locator("#room-name-input")).to_be_focused()
    await expect(page.locator("#room-name-input")).to_have_attribute("type", "text")
    await expect(page.locator("#room-name-submit")).to_have_text("Enter")


async def test_a_name_typed_on_the_index_leads_into_the_room(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await open_index(open_window, lobby)
    await page.keyboard.type(room)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lobby.room_url(room))
    await page.goto(f"{lobby.url}/chat/")
    await page.keyboard.type(f"  {room} ")
    await page.click("#room-name-submit")
    await page.wait_for_url(lobby.room_url(room))
    await is_connected(page)


async def test_a_name_that_no_room_can_have_is_told_in_the_form_and_kept(
    lobby: Daphne, open_window: OpenWindow
) -> None:
    page = await open_index(open_window, lobby)
    box, hint = page.locator("#room-name-input"), page.locator("#room-name-hint")
    for name, reason in BAD_NAMES.items():
        await box.fill(name)
        await expect(hint).to_have_text("")
        await page.keyboard.press("Enter")
        await expect(hint).to_contain_text(reason)
        await expect(box).to_have_value(name)
        await expect(box).to_be_focused()
        assert page.url == f"{lobby.url}/chat/"
        await box.fill("x")


# --- T2 to T5: the room ---


async def test_a_room_is_ready_for_typing_and_what_is_sent_leaves_the_input(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    assert "Chat Room" in await page.title()
    assert room in await page.title()
    await expect(page.locator(INPUT)).to_be_focused()
    await expect(page.locator("#chat-message-submit")).to_have_text("Send")
    name = "() => JSON.parse(document.querySelector('#room-name').textContent)"
    assert await page.evaluate(name) == room
    await page.keyboard.type("by key")
    await page.keyboard.press("Enter")
    await expect(page.locator(INPUT)).to_have_value("")
    await page.keyboard.type("by button")
    await page.click("#chat-message-submit")
    await expect(page.locator(INPUT)).to_have_value("")
    await expect(page.locator(INPUT)).to_be_focused()
    await sees(page, "by key", "by button")


async def test_what_is_sent_before_the_script_is_here_is_sent_and_what_is_typed_joins_the_draft(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await write(page, "half a thought")
    scripts = Scripts()
    scripts.hold()
    await page.route("**/*.js", scripts)
    await page.reload(wait_until="commit")
    await expect(page.locator(INPUT)).to_be_focused()
    await page.keyboard.type("hello\nanybody here?")
    await page.click("#chat-message-submit")
    await expect(page.locator(INPUT)).to_have_value("")
    await page.keyboard.press("Enter")
    await page.click("#you-here .name-button")
    await page.click("#you-panel [type=submit]")
    await page.keyboard.press("Escape")
    await page.locator(INPUT).focus()
    await page.keyboard.insert_text("pasted\nline by line\nI was abou")
    scripts.release()
    await settled(page, 2)
    await sees(page, "hello", "anybody here?")
    await page.keyboard.type("t to say")
    draft = "half a thought\npasted\nline by line\nI was about to say"
    await expect(page.locator(INPUT)).to_have_value(draft)
    assert page.url == lobby.room_url(room)
    await page.unroute_all(behavior="ignoreErrors")
    await page.reload()
    await expect(page.locator(INPUT)).to_have_value(draft)


async def test_what_is_typed_before_the_socket_opens_is_sent(
    fragile: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await open_window()
    scripts = Scripts()
    await page.route("**/*.js", scripts)
    await page.goto(fragile.room_url(room))
    scripts.hold()
    await page.reload(wait_until="commit")
    await expect(page.locator(INPUT)).to_be_focused()
    fragile.pause()
    scripts.release()
    await expect(page.locator("#status")).to_have_attribute("data-state", "connecting")
    await page.keyboard.type("hello\nanybody here?\n")
    await expect(page.locator(".entry.waiting .body")).to_have_text(["hello", "anybody here?"])
    assert await value(page) == "hello\nanybody here?\n"
    fragile.resume()
    await settled(page, 2)
    await sees(page, "hello", "anybody here?")
    assert fragile.site.texts(room) == ["hello", "anybody here?"]
    await page.unroute_all(behavior="ignoreErrors")


async def test_nothing_stands_between_the_address_and_the_first_word(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    dialogs: list[str] = []
    page = await open_window()
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await page.goto(lobby.room_url(room))
    await page.keyboard.type("hello\n")
    await settled(page, 1)
    assert dialogs == []
    await expect(
        page.locator("dialog, [role=dialog], [aria-modal], [popover]").filter(visible=True)
    ).to_have_count(0)
    await expect(page.locator("#you-here .name")).to_have_text(
        await page.locator(".entry .author").inner_text()
    )


async def test_t4_the_log_can_be_read_as_a_text(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    page = await enter(open_window, lobby, room)
    assert await value(page) == ""
    await say(page, "hello", "two\nlines", "<b>&amp;</b>")
    await settled(page, 3)
    assert await value(page) == "hello\ntwo\nlines\n<b>&amp;</b>\n"


async def test_t5_the_socket_is_as_safe_as_the_page(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    async def terminate_tls(route: Route) -> None:
        url = route.request.url.replace("https://", "http://", 1)
        await route.fulfill(response=await route.fetch(url=url))

    async def socket_of(page: Page, url: str) -> str:
        network = await page.context.new_cdp_session(page)
        urls: asyncio.Queue[str] = asyncio.Queue()
        network.on("Network.webSocketCreated", lambda socket: urls.put_nowait(socket["url"]))
        await network.send("Network.enable")
        await page.goto(url, wait_until="commit")
        return await urls.get()

    plain, safe = await open_window(), await open_window()
    await safe.route("**/*", terminate_tls)
    page_url, socket_url = lobby.room_url(room), lobby.ws_url(room)
    assert await socket_of(plain, page_url) == socket_url
    safe_url = page_url.replace("http:", "https:", 1)
    assert await socket_of(safe, safe_url) == socket_url.replace("ws:", "wss:", 1)
    await safe.unroute_all(behavior="ignoreErrors")


# --- T14: two windows ---


async def test_t14_what_one_says_both_windows_of_a_room_show(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = [await enter(open_window, lobby, room) for _ in range(2)]
    await alice.keyboard.type("hello\n")
    await asyncio.gather(sees(alice, "hello"), sees(bob, "hello"))
    await bob.keyboard.type("hello yourself\n")
    await asyncio.gather(*(sees(page, "hello", "hello yourself") for page in (alice, bob)))
    await expect(alice.locator(".entry.own .body")).to_have_text(["hello"])
    await expect(bob.locator(".entry.own .body")).to_have_text(["hello yourself"])


async def test_t14_what_is_said_in_one_room_never_shows_in_another(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = [await enter(open_window, lobby, name) for name in (f"{room}_1", f"{room}_2")]
    await alice.keyboard.type("hello\n")
    await sees(alice, "hello")
    await bob.keyboard.type("world\n")
    await sees(bob, "world")
    await stay(2)  # long enough for the check of revisions too
    await sees(alice, "hello")
    await sees(bob, "world")


async def test_rooms_of_good_names_are_entered_and_talked_in(lobby: Daphne, open_window: OpenWindow) -> None:
    page = await open_index(open_window, lobby)
    for name in GOOD_NAMES:
        await page.keyboard.insert_text(name)
        await page.keyboard.press("Enter")
        await page.wait_for_url(lobby.room_url(name))
        await is_connected(page)
        await expect(page.get_by_role("heading", level=1)).to_have_text(name)
        async with PlainClient(lobby.ws_url(name)) as bob:
            await say(page, "hello")
            await bob.wait_until(lambda bob: bob.texts == ["hello"])
        await page.goto(f"{lobby.url}/chat/")
    for name in GOOD_NAMES:
        await expect(page.locator("#rooms .name").get_by_text(name, exact=True)).to_be_visible()
