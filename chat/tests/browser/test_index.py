"""The list of rooms: live, in place, with what one has not read; and without scripts or sockets."""

import asyncio
from typing import Any

from playwright.async_api import Locator

from ..harness.pages import (
    PATIENCE,
    enter,
    guest_cookies,
    has_read,
    is_connected,
    new_guest,
    say,
    settled,
    stay,
    turn,
)
from ..harness.people import Person
from ..harness.servers import Daphne
from ..harness.visitors import Visitor
from ..harness.windows import OpenWindow, Page, add_cookies, expect
from .conftest import OpenSocket

MARK_OF_ANOTHER_LIFE = """room => {
    const key = `lobby:seen:${room}`;
    const mark = { ...JSON.parse(localStorage.getItem(key)), seen: 900, epoch: "another" };
    localStorage.setItem(key, JSON.stringify(mark));
}"""


async def index(open_window: OpenWindow, lobby: Daphne, **options: Any) -> Page:
    return await open_window(f"{lobby.url}/chat/", **options)


def entry(page: Page, room: str) -> Locator:
    return page.locator(f"li[data-room='{room}']")


def tell_of_frames(page: Page, told: asyncio.Event) -> None:
    """Set the event once the page's socket has received something."""
    page.on("websocket", lambda socket: socket.on("framereceived", lambda _: told.set()))


async def expect_seen(lobby: Daphne, room: str, sequence: int) -> None:
    """Wait until the read mark of somebody who has spoken is stored."""
    marks = "SELECT seen FROM chat_membership m JOIN chat_room r ON r.id = m.room_id WHERE r.name = %s"
    async with asyncio.timeout(PATIENCE):
        while (sequence,) not in await asyncio.to_thread(lobby.site.sql, marks, room):
            await stay(0.1)


async def test_the_list_follows_what_happens_in_the_rooms(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    page = await index(open_window, lobby)
    await page.evaluate("() => { window.isTheSamePage = true; }")
    other = f"{room}-other"
    alice = await open_socket(lobby, room)
    await alice.post("hello")
    tile = entry(page, room)
    await expect(tile.locator(".messages")).to_have_text("1 message")
    await expect(tile.locator(".here")).to_have_text("1 here")
    await expect(tile.locator("time")).to_have_text("just now")
    bob = await open_socket(lobby, room)
    await bob.post("hello")
    await expect(tile.locator(".messages")).to_have_text("2 messages")
    await expect(tile.locator(".here")).to_have_text("2 here")
    charlie = await open_socket(lobby, other)
    await charlie.post("hello")
    names = page.locator("#rooms .name")
    await expect(names.first).to_have_text(other)
    await alice.post("again")
    await expect(names.first).to_have_text(room)
    await bob.close()
    await alice.close()
    await expect(tile.locator(".here")).to_be_hidden()
    assert await page.evaluate("() => window.isTheSamePage")
    await tile.get_by_role("link").click()
    await page.wait_for_url(lobby.room_url(room))
    await settled(page, 3)


async def test_a_list_that_was_read_before_the_page_takes_nothing_from_it(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    first = await index(open_window, lobby)  # somebody listens, so that the list has been read just now
    for number in range(3):
        other = f"{room}-{number}"
        alice = await open_socket(lobby, other)
        await alice.post("hello")
        told = asyncio.Event()
        page = await open_window(beside=first)
        tell_of_frames(page, told)
        await page.goto(f"{lobby.url}/chat/")
        async with asyncio.timeout(PATIENCE):
            await told.wait()
        await stay(0.1)
        assert await entry(page, other).count() == 1
        await page.close()


async def test_the_focus_stays_where_it_is_while_rooms_change_places(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    others = [f"{room}-{number}" for number in range(3)]
    speakers = [await open_socket(lobby, other) for other in others]
    for speaker in speakers:
        await speaker.post("hello")
    page = await index(open_window, lobby)
    link = entry(page, others[1]).get_by_role("link")
    await link.focus()
    for speaker, other in zip(speakers, others, strict=True):
        await speaker.post("again")
        await expect(page.locator("#rooms .name").first).to_have_text(other)
        await expect(link).to_be_focused()


async def test_what_is_unread_is_counted_in_rooms_where_one_has_been(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    foreign = f"{room}-foreign"
    alice, reader = [await enter(open_window, lobby, room) for _ in range(2)]
    bob, stranger = await open_socket(lobby, room), await open_socket(lobby, foreign)
    await say(alice, "one")
    await stranger.post("one")
    await settled(reader, 1)
    for page in (alice, reader):
        await has_read(page, room, 1)
        await page.goto(f"{lobby.url}/chat/")
        await expect(entry(page, room).locator(".unread")).to_be_hidden()
    for text in ("two", "three"):
        await bob.post(text)
    await stranger.post("two")
    for page in (alice, reader):  # one who has spoken, and one who has only read
        badge = entry(page, room).locator(".unread .number")
        await expect(badge).to_have_text("2")
        await expect(entry(page, foreign).locator(".unread")).to_be_hidden()
        await page.reload()
        await expect(badge).to_have_text("2")
        if page is alice:
            await page.evaluate(MARK_OF_ANOTHER_LIFE, room)
            await page.reload()
            await expect(badge).to_have_text("2")
        await entry(page, room).get_by_role("link").first.click()
        await is_connected(page)
        await settled(page, 3)
        await has_read(page, room, 3)
        await page.get_by_role("link", name="All rooms").click()
        await expect(entry(page, room).locator(".unread")).to_be_hidden()


async def test_what_was_read_elsewhere_counts_here_too(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice, bob = await enter(open_window, lobby, room), await open_socket(lobby, room)
    await say(alice, "one")
    await expect_seen(lobby, room, 1)
    await alice.goto("about:blank")
    for text in ("two", "three"):
        await bob.post(text)
    other = await index(open_window, lobby, cookies=await guest_cookies(alice))
    badge = entry(other, room).locator(".unread .number")
    await expect(badge).to_have_text("2")
    await bob.post("four")
    await expect(badge).to_have_text("3")


async def test_without_scripts_the_list_is_there(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice = await open_socket(lobby, room)
    await alice.post("hello")
    page = await index(open_window, lobby, java_script_enabled=False)
    await expect(entry(page, room).locator(".messages")).to_have_text("1 message")
    await expect(page.get_by_role("link", name="Log in")).to_be_visible()
    await expect(page.locator(".empty")).to_be_hidden()
    await entry(page, room).get_by_role("link").click()
    await expect(page).to_have_url(lobby.room_url(room))


async def test_the_list_goes_on_when_the_server_was_away_for_a_while(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    page = await index(open_window, lobby)
    await page.context.set_offline(True)
    alice = await open_socket(lobby, room)
    await alice.post("hello")
    await stay(1)
    await expect(entry(page, room)).to_have_count(0)
    await page.context.set_offline(False)
    await expect(entry(page, room).locator(".here")).to_have_text("1 here")


async def test_names_and_topics_of_rooms_are_text(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    page = await index(open_window, lobby)
    name, topic = f"it's & (so) on! {room}", "<img src=x onerror=alert(1)> &amp;"
    alice = await open_socket(lobby, name)
    for text in ("hello", f"/topic {topic}"):
        await alice.post(text)
    tile = page.locator("#rooms li", has_text=name)
    await expect(tile.locator(".name")).to_have_text(name)
    await expect(tile.locator(".topic")).to_have_text(topic)
    await page.reload()
    await expect(tile.locator(".topic")).to_have_text(topic)
    await tile.get_by_role("link").click()
    await is_connected(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)


async def test_a_private_room_is_listed_for_its_members_alone(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    owner = Person(lobby, new_guest())
    async with owner.chat(room) as client:
        await client.post("hello")
    await asyncio.to_thread(owner.set, room, is_private="on")
    alice = await index(open_window, lobby, cookies=owner.cookies)
    bob = await index(open_window, lobby)
    await expect(alice.locator("#your-rooms .name")).to_contain_text([room])
    await expect(alice.locator("#other-rooms .name", has_text=room)).to_have_count(0)
    await expect(bob.get_by_text(room)).to_have_count(0)


async def test_ones_own_rooms_are_as_live_as_the_others(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    bob = await open_socket(lobby, room)
    alice = await open_socket(lobby, room, cookies=(guest := new_guest()))
    await bob.post("hello")
    await alice.post("hello")
    await alice.send({"type": "seen", "sequence": 2})
    await expect_seen(lobby, room, 2)
    page = await index(open_window, lobby, cookies=guest)
    await expect(page.get_by_role("heading", name="Your rooms")).to_be_visible()
    mine = page.locator("#your-rooms li")
    await expect(mine.locator(".name")).to_have_text(room)
    await expect(mine.locator(".lock")).to_be_hidden()
    lobby.site.sql("UPDATE chat_room SET password = 'x' WHERE name = %s", room)
    await expect(mine.locator(".lock")).to_be_visible()
    await expect(page.locator("#other-rooms .name", has_text=room)).to_have_count(0)
    await alice.close()
    for text in ("one", "two"):
        await bob.post(text)
    await expect(mine.locator(".unread .number")).to_have_text("2")
    await expect(mine.locator(".messages")).to_have_text("4 messages")
    await expect(mine.locator(".here")).to_have_text("1 here")
    lobby.site.sql("UPDATE chat_room SET password = '' WHERE name = %s", room)
    await expect(mine.locator(".lock")).to_be_hidden()
    await mine.get_by_role("link", name="Leave").click()
    await page.get_by_role("button", name="Leave").click()
    await expect(page.get_by_role("heading", name="Your rooms")).to_be_hidden()
    await expect(page.locator("#other-rooms .name", has_text=room)).to_have_text(room)


async def test_what_one_types_offers_the_rooms_that_are_there_and_says_when_it_makes_a_new_one(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    alice = await open_socket(lobby, room)
    await alice.post("hello")
    page = await index(open_window, lobby)
    box, hint = page.get_by_role("combobox"), page.locator("#room-name-hint")
    options = page.get_by_role("option")
    await page.keyboard.type(room.upper()[:-1])
    await expect(hint).to_contain_text("New room: ")
    await expect(options.last).to_contain_text(f"New room: \u2068{room.upper()[:-1]}\u2069")
    await expect(options.first).to_have_text(room)
    await expect(box).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("Escape")
    await expect(options).to_have_count(0)
    await page.keyboard.type(room.upper()[-1])
    await expect(hint).to_have_text("This room exists: you will join it.")
    await expect(options).to_have_text([room])
    await page.keyboard.press("ArrowDown")
    await expect(options).to_have_attribute("aria-selected", "true")
    chosen = await options.get_attribute("id")
    await expect(box).to_have_attribute("aria-activedescendant", chosen or "none")
    await page.keyboard.press("Enter")
    await page.wait_for_url(lobby.room_url(room))


async def test_without_scripts_the_form_says_what_is_wrong_with_a_name_and_keeps_it(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await index(open_window, lobby, java_script_enabled=False)
    box = page.locator("#room-name-input")
    await box.fill("#general")
    await page.click("#room-name-submit")
    await expect(page.locator("#room-name-hint")).to_contain_text("can have letters")
    await expect(box).to_have_value("#general")
    await box.fill(f" {room} ")
    await page.click("#room-name-submit")
    await page.wait_for_url(lobby.room_url(room))


async def test_the_rooms_beside_a_room_are_live_and_lead_there(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    mine, other, guest = f"{room}-mine", f"{room}-other", new_guest()
    alice = await open_socket(lobby, mine, cookies=guest)
    bob = await open_socket(lobby, other)
    for person in (alice, bob):
        await person.post("hello")
    page = await enter(open_window, lobby, room, cookies=guest)
    yours, others = page.locator("#your-rooms li"), page.locator("#other-rooms")
    await expect(yours.locator(".name")).to_have_text([mine])
    await expect(others.locator(".name", has_text=other)).to_be_visible()
    await say(page, "hello")
    await expect(page.locator("[aria-current=page] .name")).to_have_text(room)
    await bob.close()
    carol = await open_socket(lobby, mine)
    await carol.post("news")
    await expect(yours.filter(has_text=mine).locator(".unread .number")).to_have_text("1")
    await page.keyboard.press("Control+k")
    box = page.get_by_role("combobox")
    await expect(box.and_(page.locator(":focus"))).to_have_count(1)
    await page.keyboard.type(mine.upper())
    await expect(page.get_by_role("option", selected=True)).to_have_text(mine)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lobby.room_url(mine))
    await expect(page.locator("[aria-current=page] .name")).to_have_text(mine)


async def test_a_page_that_is_not_looked_at_is_sent_no_rooms(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await open_window()
    told: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: told.append(str(frame))))
    await page.goto(lobby.room_url(room))
    await is_connected(page)
    await expect(page.locator("#rooms .others")).to_be_visible()
    await turn(page, "hidden")
    await turn(page, "visible")
    await say(page, "hello")
    await settled(page, 1)
    watched = ["false" not in frame for frame in told if "watch_rooms" in frame]
    assert watched[-3:] == [True, False, True]


async def test_who_logs_out_in_one_tab_is_a_guest_in_the_list_too(
    lobby: Daphne, open_window: OpenWindow
) -> None:
    alice = Visitor(lobby)
    name = alice.sign_up()
    page = await open_window()
    await add_cookies(page.context, lobby.url, alice.cookies)
    told = asyncio.Event()
    tell_of_frames(page, told)
    await page.goto(f"{lobby.url}/chat/")
    await expect(page.get_by_role("button", name=name)).to_be_visible()
    async with asyncio.timeout(PATIENCE):
        await told.wait()
    await asyncio.to_thread(alice.log_out)
    await expect(page.get_by_role("link", name="Log in")).to_be_visible()
    await expect(page.get_by_text(name)).to_have_count(0)
