"""Accounts as a person meets them, in a real browser."""

import asyncio
from urllib.parse import quote
from uuid import uuid4

from ..conftest import MakeSite
from ..harness.mail import MailServer
from ..harness.pages import enter, guest_cookies, is_connected, is_offline, said_by, say, sees, settled
from ..harness.servers import Daphne
from ..harness.visitors import PASSWORD, Visitor
from ..harness.windows import OpenWindow, Page, expect


async def own_name(page: Page) -> str:
    you = await page.evaluate("() => JSON.parse(document.querySelector('#you').textContent)")
    name: str = you["name"]
    return name


async def fill_in_and_send(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        await page.locator(f"[name={name}]").fill(value)
    await page.keyboard.press("Enter")


async def test_a_guest_signs_up_from_the_room_and_is_back_in_it_as_the_same_person(
    open_window: OpenWindow, lobby: Daphne, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await say(page, "said as a guest")
    await sees(page, "said as a guest")
    await settled(page, 1)
    guest = await own_name(page)
    name = f"alice-{uuid4().hex[:8]}"
    await page.goto(f"{lobby.url}/accounts/sign-up/?next={quote(f'/chat/{room}/')}")
    await expect(page.locator("main")).to_contain_text(guest)
    await fill_in_and_send(page, username=name, password1=PASSWORD, password2=PASSWORD)
    await page.wait_for_url(lobby.room_url(room))
    await is_connected(page)
    await say(page, "said as an account")
    await settled(page, 2)
    assert await own_name(page) == name
    assert [author for author, _text in await said_by(page)] == [guest, name]
    await expect(page.locator("#chat-log .entry.own")).to_have_count(2)
    bob = await enter(open_window, lobby, room)
    await expect(bob.locator("#chat-log .entry").last.locator(".verified")).to_be_visible()

    await page.goto(f"{lobby.url}/accounts/")
    await page.get_by_role("button", name="Log out").click()
    await page.wait_for_url(f"{lobby.url}/chat/")
    await page.goto(lobby.room_url(room))
    await is_connected(page)
    await settled(page, 2)
    assert await own_name(page) not in (guest, name), "a new guest"
    await expect(page.locator("#chat-log .entry.own")).to_have_count(0)


async def test_logging_in_from_a_room_leads_back_to_it(
    open_window: OpenWindow, lobby: Daphne, room: str
) -> None:
    alice = Visitor(lobby)
    await asyncio.to_thread(alice.sign_up)
    page = await enter(open_window, lobby, room)
    assert await guest_cookies(page)
    await page.goto(f"{lobby.url}/accounts/log-in/?next={quote(f'/chat/{room}/')}")
    await fill_in_and_send(page, username=alice.name, password="wrong")
    await expect(page.get_by_text("Please enter a correct username and password")).to_be_visible()
    await fill_in_and_send(page, username=alice.name, password=PASSWORD)
    await page.wait_for_url(lobby.room_url(room))
    await is_connected(page)
    assert await own_name(page) == alice.name


async def test_what_a_guest_could_not_send_is_not_said_as_the_account_that_has_logged_in_meanwhile(
    open_window: OpenWindow, lobby: Daphne, room: str
) -> None:
    alice = Visitor(lobby)
    await asyncio.to_thread(alice.sign_up)
    tab = await enter(open_window, lobby, room)
    network = await tab.context.new_cdp_session(tab)
    nothing = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    await network.send("Network.enable")
    await network.send("Network.emulateNetworkConditions", {"offline": True, **nothing})
    await is_offline(tab)
    await say(tab, "said as a guest")
    other = await open_window(f"{lobby.url}/accounts/log-in/", beside=tab)
    await fill_in_and_send(other, username=alice.name, password=PASSWORD)
    await other.wait_for_url(lambda url: "log-in" not in url)
    await network.send("Network.emulateNetworkConditions", {"offline": False, **nothing})
    await expect(tab.locator(".entry.failed .reason")).to_contain_text("before you logged in")
    await settled(await enter(open_window, lobby, room), 0)
    await tab.locator(".entry.failed").get_by_role("button", name="Try again").click()
    await settled(tab, 1)
    assert await said_by(tab) == [(alice.name, "said as a guest")]


async def test_the_link_of_a_mail_leads_to_a_new_password_and_leaves_no_secret_in_the_address(
    open_window: OpenWindow, make_site: MakeSite, mail: MailServer
) -> None:
    server = make_site(EMAIL_URL=mail.url).daphne()
    alice = Visitor(server)
    await asyncio.to_thread(alice.sign_up, email="alice@example.com")
    confirm = await asyncio.to_thread(mail.wait_for, 1)
    page = await open_window(next(word for word in confirm.split() if word.startswith("http")))
    await expect(page.get_by_role("heading")).to_have_text("Your email address is confirmed")
    await page.goto(f"{server.url}/accounts/log-in/")
    await page.get_by_role("link", name="Forgot your password?").click()
    await fill_in_and_send(page, email="alice@example.com")
    await expect(page.get_by_role("heading")).to_have_text("Check your email")
    message = await asyncio.to_thread(mail.wait_for, 2)
    link = next(word for word in message.split() if word.startswith("http"))

    await page.goto(f"{server.url}/accounts/reset/confirm/")
    await expect(page.get_by_role("alert")).to_contain_text("This link does not work")
    await page.goto(link)  # only the fragment differs: no page is loaded
    await expect(page.locator("[name=new_password1]")).to_be_visible()
    assert page.url == f"{server.url}/accounts/reset/confirm/"
    fields = dict.fromkeys(("new_password1", "new_password2"), "a horse of another colour")
    await fill_in_and_send(page, **fields)
    await page.wait_for_url(f"{server.url}/accounts/")
    await expect(page.get_by_role("status")).to_contain_text("Your new password is set")

    await page.context.clear_cookies()
    await page.goto(link)
    await expect(page.get_by_role("alert")).to_contain_text("This link does not work")
    assert page.url == f"{server.url}/accounts/reset/confirm/"
    secret = link.partition("#")[2]
    assert secret.partition(".")[2] not in server.log()
    server.assert_no_traceback()


async def test_a_person_deletes_the_account_and_another_window_sees_it(
    open_window: OpenWindow, lobby: Daphne, room: str
) -> None:
    alice = Visitor(lobby)
    await asyncio.to_thread(alice.sign_up)
    page = await open_window(f"{lobby.url}/accounts/log-in/?next={quote(f'/chat/{room}/')}")
    await fill_in_and_send(page, username=alice.name, password=PASSWORD)
    await is_connected(page)
    await say(page, "one", "two")
    await settled(page, 2)
    bob = await enter(open_window, lobby, room)
    await page.goto(f"{lobby.url}/accounts/")
    await page.get_by_role("link", name="Delete your account").click()
    await page.get_by_label("Keep them in the rooms").check()
    await fill_in_and_send(page, password=PASSWORD)
    await expect(page.get_by_role("heading")).to_have_text("Your account has been deleted")
    await expect(bob.locator("#chat-log .entry .author").first).to_have_text("Deleted account")
    await sees(bob, "one", "two")
