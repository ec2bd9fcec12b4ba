"""Reactions in a window: whose they are, and the picker of emoji."""

import asyncio
from contextlib import AsyncExitStack

from ..harness.clients import ChatClient
from ..harness.menus import choose, company, entry, open_menu, open_menu_by_touch
from ..harness.pages import INPUT, enter, is_connected, is_drawn, settled
from ..harness.servers import Daphne
from ..harness.windows import PHONE, OpenWindow, expect

PICKER = ".emoji-picker"
SEARCH = "Find an emoji"
ACTIVE = f"{PICKER} [aria-selected=true]"
NAMED = 20  # people under an emoji, in a message


async def test_a_chip_is_pressed_also_when_one_is_not_among_those_who_are_named(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    async with AsyncExitStack() as stack:
        others = [ChatClient(lobby.ws_url(room)) for _ in range(NAMED + 1)]
        await asyncio.gather(*map(stack.enter_async_context, others))
        await asyncio.gather(*(other.do("react", sequence=1, emoji="👍") for other in others))
    chip = alice.locator(".chip:not(.waiting)")
    await expect(chip).to_have_text("👍 21")
    await expect(chip).to_have_attribute("aria-pressed", "false")
    await chip.click()
    await expect(chip).to_have_text("👍 22")
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await alice.reload()
    await is_connected(alice)
    await is_drawn(alice)
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await chip.click()
    await expect(chip).to_have_text("👍 21")
    await expect(chip).to_have_attribute("aria-pressed", "false")
    await alice.reload()
    await expect(chip).to_have_attribute("aria-pressed", "false")


async def test_an_emoji_is_found_and_chosen_with_the_keyboard_alone(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [bob] = await company(open_window, lobby, room, "Alice", "Bob", absent=["Alice"])
    loaded: list[str] = []
    bob.on("request", lambda request: loaded.append(request.url))
    await entry(bob, "hello").locator(".more").focus()
    await bob.keyboard.press("Enter")
    assert not [url for url in loaded if "emoji" in url]
    await bob.get_by_role("menuitem", name="React with another emoji").focus()
    await bob.keyboard.press("Enter")
    search = bob.get_by_role("combobox", name=SEARCH)
    await expect(search).to_be_focused()
    await expect(bob.get_by_role("group", name="Animals and nature")).to_have_count(1)
    assert all(url.startswith(lobby.url) for url in loaded)
    assert len([url for url in loaded if "emoji" in url]) == 1
    await bob.keyboard.type("fox")
    await expect(bob.locator(ACTIVE)).to_have_text("🦊")
    await expect(search).to_have_attribute("aria-activedescendant", "emoji-active")
    await bob.keyboard.press("Enter")
    await expect(bob.locator(PICKER)).to_have_count(0)
    await expect(entry(bob, "hello").locator(".chip:not(.waiting)")).to_have_text("🦊 1")
    await expect(entry(bob, "hello").locator(".more")).to_be_focused()
    await bob.keyboard.press("Enter")
    for key, name in (("Down", "React: 🦊"), ("Down", "Reply"), ("Up", "React: 🦊"), ("Down", "Reply")):
        await bob.keyboard.press(f"Arrow{key}")
        await expect(bob.get_by_role("menuitem", name=name)).to_be_focused()
    await bob.keyboard.press("Escape")
    await choose(bob, "hello", "React with another emoji")
    await expect(bob.get_by_role("group", name="Recently used").get_by_role("option")).to_have_text(["🦊"])
    await expect(bob.get_by_role("group", name="Animals and nature")).to_have_count(1)
    await expect(bob.locator(ACTIVE)).to_have_text("🦊")
    await bob.keyboard.press("ArrowDown")
    await expect(bob.locator(ACTIVE)).to_have_text("😀")
    await bob.keyboard.press("ArrowRight")
    await expect(bob.locator(ACTIVE)).to_have_text("😃")
    await bob.keyboard.press("Escape")
    await expect(bob.locator(PICKER)).to_have_count(0)


async def test_an_emoji_is_chosen_by_touch_in_fields_that_a_finger_meets(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    async with ChatClient(lobby.ws_url(room)) as alice:
        await alice.post("hello")
    bob = await enter(open_window, lobby, room, **PHONE)
    await settled(bob, 1)
    await open_menu_by_touch(bob, "hello")
    await bob.get_by_role("menuitem", name="React with another emoji").tap()
    fox = bob.get_by_role("option", name="fox face")
    await fox.scroll_into_view_if_needed()
    await expect(bob.get_by_role("combobox", name=SEARCH)).not_to_be_focused()
    box = await fox.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 44
    await fox.tap()
    await expect(bob.locator(PICKER)).to_have_count(0)
    await expect(bob.locator(".chip:not(.waiting)")).to_have_text("🦊 1")


async def test_what_is_not_in_the_list_can_be_typed_and_what_is_no_emoji_finds_none(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [bob] = await company(open_window, lobby, room, "Alice", "Bob", absent=["Alice"])
    await choose(bob, "hello", "React with another emoji")
    search = bob.get_by_role("combobox", name=SEARCH)
    await search.fill("nosuchthing")
    await expect(bob.locator(".emoji-note")).to_have_text("No emoji was found.")
    await search.press("Enter")
    await search.fill("👍🏽")
    await search.press("Enter")
    await expect(bob.locator(".chip:not(.waiting)")).to_have_text("👍🏽 1")


async def test_without_the_list_those_used_last_are_still_there(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [bob] = await company(open_window, lobby, room, "Alice", "Bob", absent=["Alice"])
    await bob.route("**/emoji*.json", lambda route: route.abort())
    await choose(bob, "hello", "React: 🎉")
    await choose(bob, "hello", "React with another emoji")
    await expect(bob.locator(".emoji-note")).to_have_text("The emoji could not be loaded.")
    await bob.unroute("**/emoji*.json")
    await bob.keyboard.press("Escape")
    await choose(bob, "hello", "React with another emoji")
    await bob.get_by_role("option", name="fox face").click()
    await expect(bob.locator(".chip:not(.waiting)")).to_have_text(["🎉 1", "🦊 1"])


async def test_a_menu_stays_usable_when_its_message_is_drawn_anew(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [bob] = await company(open_window, lobby, room, "Alice", "Bob", absent=["Alice"])
    await open_menu(bob, "hello")
    async with ChatClient(lobby.ws_url(room)) as client:
        await client.do("react", sequence=1, emoji="🎉")
        await expect(bob.locator(".chip")).to_have_text("🎉 1")
        await bob.get_by_role("menuitem", name="React with another emoji").click()
        await expect(bob.get_by_role("combobox", name=SEARCH)).to_be_focused()
        await client.do("react", sequence=1, emoji="🎉", on=False)
        await expect(bob.locator(".chip")).to_have_count(0)
    await bob.keyboard.press("Escape")
    await expect(entry(bob, "hello").locator(".more")).to_be_focused()


async def test_an_emoji_is_put_where_one_writes(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    alice = await enter(open_window, lobby, room)
    text = alice.locator(INPUT)
    await text.fill("good morning")
    await text.evaluate("input => input.setSelectionRange(4, 5)")
    await alice.get_by_role("button", name="Emoji").click()
    await alice.get_by_role("combobox", name=SEARCH).fill("sunny")
    await expect(alice.locator(ACTIVE)).to_have_text("☀️")
    await alice.keyboard.press("Enter")
    await expect(text).to_have_value("good☀️morning")
    await expect(text).to_be_focused()
    await alice.keyboard.type("!")
    await expect(text).to_have_value("good☀️!morning")
