"""Four languages: by the switch, and by what the browser asks for."""

import pytest

from ..harness.pages import INPUT, enter, fill, is_connected, say
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, Page, expect


async def is_in(page: Page, language: str) -> None:
    await expect(page.locator("html")).to_have_attribute("lang", language)


async def test_the_switch_in_the_room_leads_back_to_the_room_and_is_remembered(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice = await enter(open_window, lobby, room)
    await is_in(alice, "en")
    await alice.locator(".name-button").click()
    await alice.get_by_role("link", name="Language: English").click()
    await alice.get_by_role("button", name="Русский").click()
    await is_connected(alice)
    await is_in(alice, "ru")
    await expect(alice.get_by_role("button", name="Отправить", exact=True)).to_be_visible()
    await say(alice, "/dance")
    await expect(alice.locator(".notices")).to_contain_text("Команды /dance нет.")
    index = await open_window(f"{lobby.url}/chat/", beside=alice)
    await is_in(index, "ru")
    await expect(index.get_by_role("link", name="Язык: Русский")).to_be_visible()


async def test_the_switch_needs_no_script(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    page = await open_window(f"{lobby.url}/chat/", java_script_enabled=False)
    await page.get_by_role("link", name="Language: English").click()
    await expect(page.get_by_role("button", name="English")).to_have_attribute("aria-current", "true")
    await page.get_by_role("button", name="한국어").click()
    await page.wait_for_url("**/chat/")
    await is_in(page, "ko")
    await page.goto(lobby.room_url(room))
    await is_in(page, "ko")


@pytest.mark.parametrize(
    ("asked", "language", "placeholder"),
    [("ja-JP", "ja", "メッセージを入力"), ("ko-KR", "ko", "메시지 입력"), ("de-DE", "en", "Write a message")],
)
async def test_a_browser_that_asks_for_a_language_of_ours_gets_it_without_a_switch(
    lobby: Daphne, open_window: OpenWindow, room: str, asked: str, language: str, placeholder: str
) -> None:
    alice = await enter(open_window, lobby, room, locale=asked)
    await is_in(alice, language)
    await expect(alice.locator(INPUT)).to_have_attribute("placeholder", placeholder)


async def test_numbers_take_the_forms_of_russian(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    index = await open_window(f"{lobby.url}/chat/", locale="ru-RU")
    number = index.locator(f"li[data-room='{room}'] .messages")
    said = 0
    for count, words in ((1, "1 сообщение"), (2, "2 сообщения"), (5, "5 сообщений"), (21, "21 сообщение")):
        await fill(lobby, room, count - said)
        said = count
        await expect(number).to_have_text(words)
        again = await open_window(f"{lobby.url}/chat/", locale="ru-RU", java_script_enabled=False)
        await expect(again.locator(f"li[data-room='{room}'] .messages")).to_have_text(words)
