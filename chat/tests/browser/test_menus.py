"""The menu of a message in a window: block, report, copy; with the keyboard alone, and on a phone."""

import asyncio

from ..harness.clients import ChatClient
from ..harness.menus import choose, company, confirm, entry, is_told, open_menu_by_touch
from ..harness.pages import INPUT, enter, is_offline, sees, settled, value, write
from ..harness.servers import Daphne
from ..harness.windows import PHONE, OpenWindow, expect
from .conftest import OpenSocket

MENU = ".menu"


# --- Blocking and reporting ---


async def test_a_blocked_persons_messages_are_folded_for_oneself_until_one_looks(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice = await open_socket(lobby, room, "Alice")
    await alice.post("hello")
    bob = await enter(open_window, lobby, room)
    await choose(bob, "hello", "Block")
    folded = bob.locator(".entry.folded")
    await expect(folded.locator(".body")).to_have_text("Message from a blocked person")
    assert await value(bob) == ""
    await alice.post("are you there?")
    await expect(folded).to_have_count(2)
    await bob.reload()
    await expect(folded).to_have_count(2)
    await bob.set_viewport_size({"width": 360, "height": 740})
    box = await folded.first.get_by_role("button", name="Show").bounding_box()
    assert box
    assert box["height"] < 45, "one line"
    await folded.first.get_by_role("button", name="Show").click()
    await expect(entry(bob, "hello")).to_be_visible()
    await choose(bob, "hello", "Unblock")
    await sees(bob, "hello", "are you there?")


async def test_a_message_is_reported_with_a_reason(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    [bob] = await company(open_window, lobby, room, "Alice", "Bob", absent=["Alice"])
    await choose(bob, "hello", "Report…")
    await bob.get_by_label("What is wrong with it").fill("unfriendly")
    await confirm(bob, "Report")
    await is_told(bob, "The moderators will take a look.")


async def test_the_text_of_a_message_is_copied(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    async with ChatClient(lobby.ws_url(room)) as bob:
        await asyncio.gather(*(bob.post(f"line {number}") for number in range(30)))
    await settled(alice, 31)
    await choose(alice, "hello", "Copy text")
    await is_told(alice, "Copied.")
    await expect(alice.locator(".aside")).to_be_in_viewport()
    await expect(entry(alice, "hello")).to_be_in_viewport()  # the reader stays where they are
    assert await alice.evaluate("() => navigator.clipboard.readText()") == "hello"


async def test_the_link_to_a_message_is_copied_offline_too(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await alice.context.set_offline(True)
    await is_offline(alice)
    await choose(alice, "hello", "Copy link")
    await is_told(alice, "Copied.")
    assert await alice.evaluate("() => navigator.clipboard.readText()") == f"{lobby.room_url(room)}1/"


# --- Keyboard and touch ---


async def test_all_of_it_is_done_with_the_keyboard_alone(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [bob] = await company(open_window, lobby, room, "Alice", "Bob", absent=["Alice"])
    async with ChatClient(lobby.ws_url(room)) as alice:
        for text in ("one", "two"):
            await alice.post(text)
    await settled(bob, 3)
    await bob.locator(INPUT).focus()
    await bob.keyboard.press("Shift+Tab")
    await bob.keyboard.press("ArrowUp")
    await expect(entry(bob, "two").locator(".more")).to_be_focused()
    await bob.keyboard.press("ArrowUp")
    await expect(entry(bob, "one").locator(".more")).to_be_focused()
    await bob.keyboard.press("Shift+F10")
    await expect(bob.locator(MENU)).to_be_visible()
    await bob.keyboard.press("ArrowUp")
    await expect(bob.get_by_role("menuitem", name="Block")).to_be_focused()
    await bob.keyboard.press("Escape")
    await expect(bob.locator(MENU)).to_have_count(0)
    await expect(entry(bob, "one").locator(".more")).to_be_focused()
    await bob.keyboard.press("Enter")
    await bob.keyboard.press("Enter")  # the first emoji
    await expect(entry(bob, "one").locator(".chip:not(.waiting)")).to_have_text("👍 1")
    await expect(entry(bob, "one").locator(".more")).to_be_focused()


async def test_on_a_phone_a_tap_shows_the_button_and_the_menu_is_a_sheet(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    async with ChatClient(lobby.ws_url(room)) as alice:
        await alice.post("hello")
    bob = await enter(open_window, lobby, room, **PHONE)
    await settled(bob, 1)
    await open_menu_by_touch(bob, "hello")
    sheet = bob.locator(MENU)
    await expect(sheet).to_be_visible()
    await sheet.evaluate("menu => Promise.all(menu.getAnimations().map((one) => one.finished))")
    box = await sheet.bounding_box()
    assert box
    assert (box["x"], box["width"]) == (0, 360)
    assert round(box["y"] + box["height"]) == 740
    await bob.get_by_role("menuitem", name="Reply").tap()
    await write(bob, "from the")
    await bob.keyboard.press("Enter")  # a new line on a touch keyboard
    await bob.keyboard.type("train")
    await bob.get_by_role("button", name="Send", exact=True).tap()
    answer = bob.locator(".entry[data-sequence='2']")
    await expect(answer.locator(".quote")).to_be_visible()
    await expect(answer.locator(".body")).to_have_text("from the\ntrain", use_inner_text=True)
    await expect(bob.locator(INPUT)).to_be_focused()
    await bob.keyboard.type("with a keyboard")
    await bob.keyboard.press("Control+Enter")
    await expect(entry(bob, "with a keyboard")).to_be_visible()


async def test_new_messages_do_not_take_the_focus(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    [bob] = await company(open_window, lobby, room, "Alice", "Bob", absent=["Alice"])
    await entry(bob, "hello").locator(".more").focus()
    await bob.evaluate("() => document.activeElement.blur()")
    alice = await open_socket(lobby, room)
    await alice.post("news")
    await settled(bob, 2)
    await alice.do("react", sequence=1, emoji="👍", on=True)
    await expect(bob.locator(".chip")).to_have_count(1)
    assert await bob.evaluate("() => document.activeElement === document.body")
