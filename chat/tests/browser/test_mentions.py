"""Mentions in a real browser: by keyboard and by touch, marked, counted, and the way to the first."""

import re

from ..harness.pages import INPUT, enter, guest_cookies, has_read, is_connected, post_all, settled
from ..harness.servers import Daphne
from ..harness.windows import PHONE, OpenWindow, Page, expect
from .conftest import OpenSocket

OPTIONS = "#completions [role=option]"
HOSTILE = "<img src=x onerror=document.title='run'>"


async def who_has_left(
    open_window: OpenWindow, open_socket: OpenSocket, lobby: Daphne, room: str, name: str
) -> Page:
    """The window of somebody who has said something in the room, and looks at the list of rooms now."""
    page = await enter(open_window, lobby, room)
    them = await open_socket(lobby, room, name, cookies=await guest_cookies(page))
    await post_all(them, "hello")
    await has_read(page, room, 1)
    await page.goto(f"{lobby.url}/chat/")
    return page


async def test_a_mention_by_keyboard_reaches_who_is_away_and_leads_there(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    bob = await who_has_left(open_window, open_socket, lobby, room, "Bob Builder")
    alice = await enter(open_window, lobby, room)
    await is_connected(alice)
    await alice.locator(INPUT).focus()
    await alice.keyboard.type("see @bu")
    await expect(alice.locator(OPTIONS)).to_have_text(["@Bob Builder"])
    await alice.keyboard.press("Tab")
    await expect(alice.locator(INPUT)).to_have_value("see @Bob Builder ")
    await alice.keyboard.type("and `@Bob Builder`")
    await alice.keyboard.press("Enter")
    await settled(alice, 2)
    await expect(alice.locator(".mention")).to_have_text(["@Bob Builder"])
    await expect(alice.locator(".mention.me")).to_have_count(0)

    entry = bob.locator("#rooms li", has_text=room)
    await expect(entry.locator(".mentions .number")).to_have_text("@1")
    others = await open_socket(lobby, room)
    await post_all(others, *(f"message {n}\n\n\n" for n in range(40)))
    await bob.goto(lobby.room_url(room))
    await is_connected(bob)
    await expect(bob.locator(".mention.me")).to_have_text("@Bob Builder")
    await expect(bob.locator("#mentions")).to_be_hidden()
    await expect(bob).to_have_title(re.compile(rf"^{room}"))


async def test_a_bar_leads_to_the_first_mention_and_goes_when_it_is_read(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    bob = await who_has_left(open_window, open_socket, lobby, room, "Bob")
    alice = await open_socket(lobby, room)
    await post_all(alice, "@Bob, look", *(f"message {n}\n\n.\n\n." for n in range(80)))
    await bob.goto(lobby.room_url(room))
    bar = bob.locator("#mentions")
    await expect(bar).to_have_text(re.compile("1"))
    await expect(bob).to_have_title(re.compile(rf"^\(@1\) {room}"))
    await bar.click()
    await expect(bob.locator(".mention.me")).to_be_in_viewport()
    await expect(bar).to_be_hidden()
    await expect(bob).to_have_title(re.compile(rf"^{room}"))


async def test_a_mention_by_touch_means_the_one_who_was_chosen(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    one, two = await open_socket(lobby, room, "Sam"), await open_socket(lobby, room, "Sam")
    for sam in (one, two):
        await sam.post("hello")
    phone = await open_window(lobby.room_url(room), **PHONE)
    await settled(phone, 2)
    await is_connected(phone)
    await phone.locator(INPUT).tap()
    await phone.keyboard.type("@s")
    await expect(phone.locator(OPTIONS)).to_have_count(2)
    await phone.locator(OPTIONS).last.tap()
    await expect(phone.locator(INPUT)).to_have_value("@Sam ")
    await phone.locator("#chat-message-submit").tap()
    await settled(phone, 3)
    await expect(phone.locator(".mention")).to_have_text("@Sam")
    await two.wait_until(lambda two: 3 in two.log)
    last = max((one, two), key=lambda sam: sam.you["id"])
    assert two.log[3]["mentions"] == [{"id": last.you["id"], "name": "Sam"}]


async def test_a_name_is_text_wherever_it_is_shown(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    names = [HOSTILE[:40], "$& .* (x|y)", "a&amp;b"]
    for name in names:
        await (await open_socket(lobby, room, name)).post("hello")
    await settled(page, 3)
    await is_connected(page)
    await page.locator(INPUT).fill("")
    await page.locator(INPUT).focus()
    await page.keyboard.type("@")
    await expect(page.locator(OPTIONS)).to_have_count(3)
    for name in names:
        await page.locator(INPUT).fill(f"@{name}")
        await page.locator(INPUT).press("Enter")
    await settled(page, 6)
    await expect(page.locator(".mention")).to_have_text([f"@{name}" for name in names])
    await expect(page.locator("#chat-log img")).to_have_count(0)
