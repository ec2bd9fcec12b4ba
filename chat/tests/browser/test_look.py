"""The frame of a room at four widths, how close its messages stand, and the theme that one chooses."""

import pytest

from ..harness.clients import ChatClient
from ..harness.pages import enter, settled
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, expect
from .test_access import assert_no_sideways_scroll

BOX_640 = """() => {
    const entries = [...document.querySelectorAll(".entry[data-sequence]")].slice(1);
    const [first, last] = [entries[0], entries.at(-1)].map((entry) => entry.getBoundingClientRect());
    return 640 / ((last.bottom - first.top) / entries.length);
}"""


@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
async def test_beside_the_log_are_columns_where_there_is_room_and_its_head_is_one_line(
    lobby: Daphne, open_window: OpenWindow, room: str, width: int
) -> None:
    page = await enter(open_window, lobby, room, viewport={"width": width, "height": 740})
    await assert_no_sideways_scroll(page)
    head = await page.locator(".room-head").bounding_box()
    assert head
    assert head["height"] == 48
    for column in ("#rooms", "#people"):
        await expect(page.locator(column)).to_be_visible(visible=width >= 1000)
    await page.locator("#rooms-button").click()
    await expect(page.locator("#rooms")).to_be_visible(visible=width < 1000)
    await expect(page.locator("#rooms-sheet:modal")).to_be_visible(visible=width < 1000)
    if width < 1000:
        await page.keyboard.press("Escape")
        await expect(page.locator("#rooms")).to_be_hidden()
        await expect(page.locator("#rooms-button")).to_be_focused()
    await page.reload()
    await expect(page.locator("#rooms")).to_be_hidden()
    await page.goto(f"{lobby.url}/chat/")
    await assert_no_sideways_scroll(page)


async def test_two_who_talk_in_turn_fit_13_times_into_640_pixels_and_18_times_in_compact(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    async with ChatClient(lobby.ws_url(room)) as alice, ChatClient(lobby.ws_url(room)) as bob:
        for _ in range(8):
            await alice.post("hello")
            await bob.post("hello")
    page = await enter(open_window, lobby, room)
    await settled(page, 16)
    assert 12 <= await page.evaluate(BOX_640) <= 14
    await page.locator(".name-button").click()
    await page.get_by_role("radio", name="Compact").check()
    assert 16 <= await page.evaluate(BOX_640) <= 19


async def test_a_theme_is_chosen_by_keyboard_and_the_page_is_drawn_in_it_from_the_start(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await page.locator(".name-button").press("Enter")
    await page.get_by_role("radio", name="Automatic").press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    is_dark = "() => getComputedStyle(document.documentElement).colorScheme"
    assert await page.evaluate(is_dark) == "dark"
    await page.goto(f"{lobby.url}/chat/", wait_until="commit")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    await page.get_by_role("radio", name="Light").check()
    assert await page.evaluate(is_dark) == "light"
