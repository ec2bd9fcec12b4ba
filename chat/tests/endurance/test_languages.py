"""A walk through the site in each language, and its pages in words that are longer or read from the right."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..conftest import MakeSite
from ..harness.pages import INPUT, enter, is_connected, say, sees
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, Page, expect

WALKS = {
    "ja": {
        "enter": "入室",
        "nothing": "まだ何も発言がありません",
        "send": "送信",
        "saved": "ルームの設定を変更しました。",
        "act": "さんが設定を変更しました",
        "too_short": "パスワード",
    },
    "ko": {
        "enter": "입장",
        "nothing": "아직 아무 말도 없습니다",
        "send": "보내기",
        "saved": "채팅방 설정을 바꿨습니다.",
        "act": "님이 설정을 변경함",
        "too_short": "비밀번호",
    },
    "ru": {
        "enter": "Войти",
        "nothing": "Здесь пока ничего не написано",
        "send": "Отправить",
        "saved": "Настройки комнаты изменены.",
        "act": "меняет настройки",
        "too_short": "пароль",
    },
}
SHOTS = os.environ.get("SHOTS", "")
"""A folder for pictures of the pages in the languages that nobody speaks, to be looked at."""


@pytest.mark.parametrize("language", WALKS)
async def test_somebody_walks_through_the_site_in_their_language(
    lobby: Daphne, open_window: OpenWindow, room: str, language: str
) -> None:
    words = WALKS[language]
    page = await open_window(f"{lobby.url}/chat/", locale=language)
    await page.locator("#room-name-input").fill(room)
    await page.get_by_role("button", name=words["enter"], exact=True).click()
    await is_connected(page)
    await expect(page.locator("html")).to_have_attribute("lang", language)
    await expect(page.locator("#chat-log")).to_contain_text(words["nothing"])
    await page.locator(INPUT).fill("1")
    await page.get_by_role("button", name=words["send"], exact=True).click()
    await sees(page, "1")
    await say(page, "/topic 2")
    await expect(page.locator(".notices")).to_contain_text(words["saved"])
    await page.goto(f"{lobby.url}/manage/{room}/log/")
    await expect(page.locator("ol.log")).to_contain_text(words["act"])
    await page.goto(f"{lobby.url}/accounts/sign-up/")
    await page.locator("[name=username]").fill(f"{room}-{language}")
    await page.locator("[name=password1]").fill("1")
    await page.locator("[name=password2]").fill("1")
    await page.locator("form button[type=submit]").last.click()
    await expect(page.locator("main")).to_contain_text(words["too_short"])


@pytest.fixture(scope="module")
def pseudo(new_sqlite_site: MakeSite) -> Iterator[Daphne]:
    site = new_sqlite_site()
    yield site.daphne(DJANGO_SETTINGS_MODULE="chat.tests.harness.pseudo_settings")
    site.close()


async def fits(page: Page, name: str) -> None:
    """Nothing makes the page wider than the window."""
    if SHOTS:
        await page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))
    wide = await page.evaluate("() => document.scrollingElement.scrollWidth - window.innerWidth")
    assert wide <= 0, (name, wide)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(("language", "direction"), [("de", "ltr"), ("he", "rtl")])
async def test_pages_have_room_for_longer_words_and_for_those_from_the_right(
    pseudo: Daphne, open_window: OpenWindow, room: str, language: str, direction: str, width: int
) -> None:
    window = {"locale": language, "viewport": {"width": width, "height": 740}}
    page = await enter(open_window, pseudo, room, **window)
    await expect(page.locator("html")).to_have_attribute("dir", direction)
    await fits(page, f"empty-{language}-{width}")
    await say(page, "hello", "/topic tea", "/dance")
    await expect(page.locator(".notices")).not_to_be_empty()
    await fits(page, f"room-{language}-{width}")
    await page.locator(".name-button").click()
    await fits(page, f"panel-{language}-{width}")
    for path in ("/chat/", "/accounts/sign-up/", "/search/", f"/manage/{room}/", f"/manage/{room}/people/"):
        await page.goto(pseudo.url + path)
        await fits(page, f"{path.strip('/').replace('/', '-').replace(room, 'room')}-{language}-{width}")
