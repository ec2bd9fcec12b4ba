"""What a message said before it was edited, opened at "edited" by those who may read it."""

from playwright.async_api import Locator

from ..harness.clients import ChatClient
from ..harness.menus import company
from ..harness.pages import a_guest, enter, guest_cookies
from ..harness.servers import Daphne
from ..harness.windows import PHONE, OpenWindow, Page, expect


def first_message(page: Page) -> Locator:
    return page.locator('.entry[data-sequence="1"]')


def dialog_of(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Earlier texts")


async def test_earlier_texts_are_opened_by_keyboard_and_the_focus_comes_back(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    async with ChatClient(lobby.ws_url(room), cookies=await guest_cookies(alice)) as client:
        for n in range(1, 8):  # more than a page of them
            await client.edit(1, f"hello **{n}**", revision=100)
    await expect(first_message(alice).locator(".body")).to_have_text("hello 7")
    edited = first_message(alice).get_by_role("button", name="edited")
    await edited.focus()
    await alice.keyboard.press("Enter")
    texts = dialog_of(alice).locator(".body")
    await expect(texts).to_have_text([*(f"hello {n}" for n in range(6, 0, -1)), "hello"])
    await expect(texts.locator("strong")).to_have_count(6)
    await alice.keyboard.press("Escape")
    await expect(dialog_of(alice)).to_have_count(0)
    await expect(edited).to_be_focused()

    await expect(first_message(bob).locator(".body")).to_have_text("hello 7")
    await expect(first_message(bob).locator(".edited")).to_have_text("edited")
    await expect(first_message(bob).locator("button.edited")).to_have_count(0)


async def test_who_becomes_a_moderator_opens_them_with_a_finger(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    cookies = await a_guest(lobby, room, "Bob")
    async with ChatClient(lobby.ws_url(room), cookies=cookies) as bobs:
        await bobs.post("hi")
    bob = await enter(open_window, lobby, room, cookies=cookies, **PHONE)
    async with ChatClient(lobby.ws_url(room), cookies=await guest_cookies(alice)) as client:
        await client.edit(1, "/me waves", revision=100)
        await client.edit(1, "hello there", revision=100)
        await expect(first_message(bob).locator("span.edited")).to_be_visible()
        await client.do("moderate", act="promote", name="Bob")
    await first_message(bob).get_by_role("button", name="edited").tap()
    await expect(dialog_of(bob).locator(".body")).to_have_text(["* Alice waves", "hello"])
    await dialog_of(bob).get_by_role("button", name="Close").tap()
    await expect(dialog_of(bob)).to_have_count(0)
