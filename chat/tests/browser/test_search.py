"""Finding messages: from a room, over all rooms, and on the page of searches."""

from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from ..harness.clients import ChatClient
from ..harness.pages import INPUT, enter, fill, is_connected, post_all, say_all, settled
from ..harness.servers import Daphne
from ..harness.windows import PHONE, OpenWindow, Page, expect
from .conftest import OpenSocket

SHORTCUT = "Control+Shift+F"
DESK = {"viewport": {"width": 1000, "height": 700}}


async def search(page: Page, words: str) -> None:
    """From wherever one is, by keyboard."""
    await page.keyboard.press(SHORTCUT)
    await expect(page.locator("#search [type=search]")).to_be_focused()
    await page.keyboard.type(words)
    await page.keyboard.press("Enter")


async def finds(page: Page, *texts: str) -> None:
    await expect(page.locator("#search .hit .context")).to_have_text(list(texts))


async def is_told(page: Page, words: str) -> None:
    await expect(page.locator("#search [role=status]")).to_have_text(words)


async def test_a_japanese_word_is_found_and_its_message_opened_by_keyboard(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await say_all(lobby, room, ["日本の**お茶**はいかがですか", "お茶 <b>一杯</b>"])
    await fill(lobby, room, 200)
    page = await enter(open_window, lobby, room, **DESK)
    await expect(page.locator(INPUT)).to_be_focused()
    await search(page, "お茶")
    await finds(page, "お茶 <b>一杯</b>", "日本のお茶はいかがですか")
    await is_told(page, "Found: 2")
    await expect(page.locator("#search mark")).to_have_text(["お茶", "お茶"])
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
        await page.keyboard.press(key)
    opened = page.locator(".entry[data-sequence='1']")
    await expect(opened.locator(".body")).to_be_in_viewport()
    await expect(opened.locator(".more")).to_be_focused()
    # Back to what was found, and to where one was reading.
    await page.keyboard.press(SHORTCUT)
    await expect(page.locator("#search .hit").last).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(page.locator("#search .hit").first).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#search")).to_be_hidden()
    await page.click("#way-back")
    await expect(page.locator(".entry[data-sequence='202'] .body")).to_be_in_viewport()


async def test_on_a_phone_it_is_over_the_log_and_one_gets_back_to_it(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await say_all(lobby, room, ["green tea"])
    await fill(lobby, room, 100)
    page = await enter(open_window, lobby, room, **PHONE)
    await page.tap("#search-button")
    dialog = page.get_by_role("dialog", name="Search").and_(page.locator(":modal"))
    await expect(dialog).to_be_visible()
    await page.locator("#search [type=search]").fill("TEA")
    await dialog.get_by_role("button", name="Search").tap()
    await page.locator("#search .hit").tap()
    await expect(dialog).to_be_hidden()
    await expect(page.locator(".entry[data-sequence='1'] .body")).to_be_in_viewport()
    await page.tap("#to-results")
    await expect(dialog).to_be_visible()
    await expect(page.locator("#search .hit")).to_be_focused()
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= 360
    await dialog.get_by_role("button", name="Close").tap()
    await expect(dialog).to_be_hidden()
    await expect(page.locator("#to-results")).to_be_hidden()


async def test_a_result_of_another_room_opens_there_and_back_leads_to_the_results(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    word = uuid4().hex
    await say_all(lobby, room, [f"here {word}"])
    await say_all(lobby, other := f"{room} two", ["first", f"there {word}"])
    page = await enter(open_window, lobby, room, **DESK)
    await search(page, word)
    await finds(page, f"here {word}")
    await page.get_by_label("Everywhere").check()
    await finds(page, f"there {word}", f"here {word}")
    await expect(page.locator("#search .hit-room")).to_have_text([other])
    await page.locator("#search .hit").first.click()
    await page.wait_for_url(f"{lobby.room_url(other)}2/")
    await page.go_back()
    await page.wait_for_url(lobby.room_url(room))
    await finds(page, f"there {word}", f"here {word}")
    await expect(page.get_by_label("Everywhere")).to_be_checked()


async def test_more_is_found_page_by_page_and_what_is_deleted_goes(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    bob = await open_socket(lobby, room)
    await post_all(bob, *(f"tea {n}" for n in range(1, 26)))
    page = await enter(open_window, lobby, room, **DESK)
    await search(page, "tea")
    await is_told(page, "Found: 20, and there are more.")
    await page.get_by_role("button", name="Older results").press("Enter")
    await finds(page, *(f"tea {n}" for n in range(25, 0, -1)))
    await expect(page.locator("#search .hit").nth(20)).to_be_focused()
    await is_told(page, "Found: 25")
    await bob.do("delete", sequence=25)
    await finds(page, *(f"tea {n}" for n in range(24, 0, -1)))


async def test_nothing_found_and_what_cannot_be_looked_for_are_said(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room, **DESK)
    await search(page, "tea")
    await is_told(page, "Nothing found.")
    await search(page, "before:noon")
    await is_told(page, "Write a date as year, month and day, for example 2026-11-28.")
    await expect(page.locator("#search .refusal")).to_be_visible()


async def test_it_is_beside_the_people_where_there_is_room_and_else_in_their_place(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room, viewport={"width": 1300, "height": 700})
    await page.click("#search-button")
    await expect(page.locator("#people")).to_be_visible()
    await page.set_viewport_size({"width": 1000, "height": 700})
    await expect(page.locator("#people")).to_be_hidden()
    await page.click("#people-button")
    await expect(page.get_by_role("dialog", name="Who is here")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.set_viewport_size({"width": 360, "height": 700})
    await expect(page.locator("#search:modal")).to_be_visible()
    await page.set_viewport_size({"width": 1000, "height": 700})
    await expect(page.locator("#search:not(:modal)")).to_be_visible()
    await page.click("#search-button")
    await expect(page.locator("#search")).to_be_hidden()
    await expect(page.locator("#people")).to_be_visible()


async def test_who_has_no_script_searches_on_a_page(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    async with ChatClient(lobby.ws_url(room)) as bob:
        await post_all(bob, *(f"tea {n}" for n in range(1, 26)))
    page = await open_window(lobby.room_url(room), java_script_enabled=False)
    await page.locator("#search-button").click()
    await page.get_by_role("searchbox").fill("TEA")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator(".hit")).to_have_count(20)
    await page.get_by_role("link", name="Older results").click()
    await expect(page.locator(".hit mark")).to_have_text(["tea"] * 5)
    await page.locator(".hit").last.click()
    await page.wait_for_url(f"{lobby.room_url(room)}1/")


async def test_days_are_those_of_the_reader_in_a_room_and_on_the_page(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    word = uuid4().hex
    async with ChatClient(lobby.ws_url(room)) as bob:
        await bob.post(word)
        sent_at = datetime.fromisoformat(bob.log[1]["sent_at"])
    query = f"{word} before:{sent_at.astimezone(ZoneInfo('Pacific/Kiritimati')):%Y-%m-%d}"
    for zone, told in (
        ("Pacific/Kiritimati", "Nothing found."),
        ("Pacific/Niue", "Found: 1"),
    ):  # never one day
        page = await enter(open_window, lobby, room, timezone_id=zone, **DESK)
        await search(page, query)
        await is_told(page, told)
        await page.goto(f"{lobby.url}/search/")
        await page.get_by_role("searchbox").fill(query)
        await page.get_by_role("button", name="Search").click()
        await expect(page.locator(".hit, .nothing")).to_have_count(1)
        await expect(page.locator(".hit")).to_have_count(1 if zone == "Pacific/Niue" else 0)


async def test_a_search_is_asked_when_the_connection_is_back(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await say_all(lobby, room, ["green tea"])
    page = await enter(open_window, lobby, room, **DESK)
    await settled(page, 1)
    await page.context.set_offline(True)
    await expect(page.locator("#status")).to_have_attribute("data-state", "offline")
    await search(page, "tea")
    await is_told(page, "Loading…")
    await page.context.set_offline(False)
    await is_connected(page)
    await finds(page, "green tea")
