"""What an owner clicks: a private room, its invite link, its password, order among its people."""

from ..harness.clients import ChatClient
from ..harness.pages import enter, is_connected, new_guest, say, sees, settled
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, Page, expect


async def owners(server: Daphne, room: str) -> dict[str, str]:
    """The cookie of somebody who has said hello in the room, and so owns it."""
    async with ChatClient(server.ws_url(room), cookies=(cookies := new_guest())) as owner:
        await owner.post("hello")
    return cookies


async def open_invites(page: Page, server: Daphne, room: str) -> None:
    await page.goto(f"{server.url}/manage/{room}/invites/")
    await page.get_by_role("button", name="Make a link").click()
    await expect(page.get_by_label("Invite link", exact=True)).to_have_count(1)


async def make_private(page: Page) -> None:
    """The page is that of the room's settings."""
    await page.get_by_label("Private").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".said")).to_contain_text("changed")


async def test_a_second_browser_enters_by_the_link_that_was_copied(
    open_window: OpenWindow, lobby: Daphne, room: str
) -> None:
    alice = await open_window(f"{lobby.url}/manage/{room}/", cookies=await owners(lobby, room))
    await alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await make_private(alice)
    await open_invites(alice, lobby, room)
    await alice.get_by_role("button", name="Copy").click()
    await expect(alice.get_by_role("button", name="Copied")).to_be_visible()
    link = await alice.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{lobby.url}/invite/#")

    bob = await open_window(lobby.room_url(room))
    await expect(bob.get_by_role("heading")).to_have_text("This name is taken")
    await bob.goto(link)
    await is_connected(bob)
    assert bob.url == lobby.room_url(room)
    await sees(bob, "hello")
    await say(bob, "hello alice")
    await alice.goto(lobby.room_url(room))
    await sees(alice, "hello", "hello alice")
    assert link.partition("#")[2] not in lobby.log()


async def test_a_link_leaves_no_secret_in_the_address_bar(
    open_window: OpenWindow, lobby: Daphne, room: str
) -> None:
    window = await open_window(f"{lobby.url}/invite/#not-a-token")
    await expect(window.get_by_role("heading")).to_have_text("This invite link does not work")
    assert window.url == f"{lobby.url}/invite/"
    await window.goto(f"{lobby.url}/invite/")
    await expect(window.get_by_text("the part after the # is missing")).to_be_visible()


async def test_the_qr_code_is_a_picture_of_the_link(
    open_window: OpenWindow, lobby: Daphne, room: str
) -> None:
    alice = await open_window(f"{lobby.url}/manage/{room}/", cookies=await owners(lobby, room))
    await open_invites(alice, lobby, room)
    await alice.get_by_text("QR code", exact=True).click()
    picture = alice.get_by_role("img", name="QR code of the invite link")
    await expect(picture).to_be_visible()
    await alice.wait_for_function("document.querySelector('.qr').naturalWidth > 100")
    await alice.get_by_role("button", name="Revoke").click()
    await expect(alice.get_by_text("There are no active links")).to_be_visible()


async def test_who_knows_the_password_enters_and_posts(
    open_window: OpenWindow, lobby: Daphne, room: str
) -> None:
    alice = await open_window(f"{lobby.url}/manage/{room}/", cookies=await owners(lobby, room))
    await alice.get_by_label("New password").fill("open sesame")
    await alice.get_by_role("button", name="Set the password").click()
    await expect(alice.get_by_role("button", name="Remove the password")).to_be_visible()

    bob = await open_window(lobby.room_url(room))
    await expect(bob.get_by_label("Password")).to_be_focused()
    for guess in ("sesame", "open sesame"):
        await bob.get_by_label("Password").fill(guess)
        await bob.keyboard.press("Enter")
        if guess == "sesame":
            await expect(bob.get_by_text("That is not the password.")).to_be_visible()
    await is_connected(bob)
    await say(bob, "hello alice")
    await sees(bob, "hello", "hello alice")


async def test_an_owner_bans_somebody_who_is_shown_why(
    open_window: OpenWindow, lobby: Daphne, room: str
) -> None:
    owner = await owners(lobby, room)
    charlie = await enter(open_window, lobby, room, timezone_id="Asia/Tokyo")
    await say(charlie, "spam")
    await sees(charlie, "hello", "spam")
    await settled(charlie, 2)
    alice = await open_window(f"{lobby.url}/manage/{room}/people/", cookies=owner)
    await alice.get_by_text("Actions").click()
    await alice.get_by_label("Duration").last.select_option("1 day")
    await alice.get_by_label("Reason").fill("spam")
    await alice.get_by_role("button", name="Ban", exact=True).click()
    await expect(alice.locator(".said")).to_contain_text("is banned")
    await expect(charlie.locator("#room")).to_have_attribute("data-connection", "closed")
    await charlie.reload()
    await expect(charlie.get_by_role("heading")).to_have_text("You are banned from this room")
    await expect(charlie.get_by_text("Reason given: spam")).to_be_visible()
    until = charlie.locator("time")
    in_tokyo = (
        "time => new Date(time.dateTime)"
        ".toLocaleTimeString('en', { timeZone: 'Asia/Tokyo', timeStyle: 'short' })"
    )
    await expect(until).to_contain_text(await until.evaluate(in_tokyo))
    assert (await until.get_attribute("title") or "").endswith(" UTC")
    await alice.get_by_role("button", name="Unban").click()
    await expect(alice.locator(".said")).to_contain_text("is no longer banned")
    await charlie.reload()
    await is_connected(charlie)


async def test_a_room_s_link_is_copied_from_under_its_title_and_shown_as_a_qr_code(
    open_window: OpenWindow, lobby: Daphne, room: str
) -> None:
    alice = await enter(open_window, lobby, room)
    await alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await alice.locator(".nothing").get_by_role("button", name="Invite people").click()
    await expect(alice.get_by_text("Whoever has this link can come in.")).to_be_visible()
    await alice.get_by_role("button", name="Copy", exact=True).click()
    await expect(alice.get_by_role("button", name="Copied")).to_be_visible()
    assert await alice.evaluate("() => navigator.clipboard.readText()") == lobby.room_url(room)
    await alice.get_by_text("QR code", exact=True).click()
    await alice.wait_for_function("() => document.querySelector('.qr').naturalWidth > 100")
    await alice.keyboard.press("Escape")
    await expect(alice.locator("#room-panel")).to_be_hidden()
    await alice.get_by_role("button", name="Invite", exact=True).click()
    await expect(alice.get_by_label("Link to this room")).to_have_value(lobby.room_url(room))
    await expect(alice.get_by_role("link", name="Invite links")).to_be_hidden()


async def test_a_report_is_counted_under_the_title_and_beside_the_room(
    open_window: OpenWindow, lobby: Daphne, room: str
) -> None:
    owner = await owners(lobby, room)
    alice = await enter(open_window, lobby, room, cookies=owner)
    bob = await enter(open_window, lobby, room)
    async with ChatClient(lobby.ws_url(room), cookies=new_guest()) as charlie:
        await charlie.do("report", sequence=1, reason="rude")
    badge = alice.locator("#room-button .reports .number")
    await expect(badge).to_have_text("1")
    await expect(alice.locator("#your-rooms li", has_text=room).locator(".reports .number")).to_have_text(
        "!1"
    )
    await expect(bob.locator("#room-button .reports")).to_be_hidden()
    await alice.locator("#room-button").click()
    await alice.get_by_role("link", name="Reports 1").click()
    await alice.get_by_role("button", name="Keep the message").click()
    await alice.goto(lobby.room_url(room))
    await is_connected(alice)
    await expect(alice.locator("#your-rooms li", has_text=room)).to_be_visible()
    await expect(badge).to_be_hidden()


async def test_the_pages_fit_a_small_screen(open_window: OpenWindow, lobby: Daphne, room: str) -> None:
    owner = await owners(lobby, room)
    async with ChatClient(lobby.ws_url(room)) as bob:
        await bob.post("W" * 200)
    alice = await open_window(
        f"{lobby.url}/manage/{room}/", cookies=owner, viewport={"width": 320, "height": 640}
    )
    await open_invites(alice, lobby, room)
    for page in ("", "people/", "invites/", "reports/", "log/"):
        await alice.goto(f"{lobby.url}/manage/{room}/{page}")
        for summary in await alice.locator("summary").all():
            await summary.click()
        assert await alice.evaluate("document.documentElement.scrollWidth") <= 320


async def test_a_browser_reads_why_its_socket_was_turned_away(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    """It gets the code only of a connection whose dialect was accepted."""
    alice = await open_window(f"{lobby.url}/manage/{room}/", cookies=await owners(lobby, room))
    await make_private(alice)
    page = await open_window(f"{lobby.url}/chat/")
    knock = (
        "url => new Promise((resolve) => {"
        " new WebSocket(url, ['chat.v1']).onclose = ({ code }) => resolve(code); })"
    )
    assert await page.evaluate(knock, lobby.ws_url("...")) == 4404
    assert await page.evaluate(knock, lobby.ws_url(room)) == 4403


async def test_how_long_messages_stay_is_shown_before_one_says_anything(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice = await open_window(f"{lobby.url}/manage/{room}/", cookies=await owners(lobby, room))
    for days, words in (("1", "Messages are kept for a day"), ("30", "Messages are kept for 30 days")):
        await alice.goto(f"{lobby.url}/manage/{room}/")
        await alice.get_by_label("Keep messages for").fill(days)
        await alice.get_by_role("button", name="Save").click()
        visitor = await enter(open_window, lobby, room)
        await expect(visitor.locator("#room-bar")).to_contain_text(words)
