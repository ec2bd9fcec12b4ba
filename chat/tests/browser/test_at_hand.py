"""What the log has at hand: the day of what one reads, the time and the tools of a message, the way back from
a jump, how much is new further down, and clean text to copy."""

import re

from ..harness.clients import ChatClient
from ..harness.menus import company, entry
from ..harness.pages import INPUT, enter, fill, has_read, post_all, say, settled, write
from ..harness.servers import Daphne
from ..harness.windows import PHONE, OpenWindow, Page, expect
from .test_history import scroll_to

TOOLS = (".like", ".reply", ".more")
CLEAR = """() => {
    const label = document.querySelector("#day-at-top").getBoundingClientRect();
    const lines = [...document.querySelectorAll(".day time")].map((line) => line.getBoundingClientRect());
    return !lines.some(({ top }) => top > label.top + 8 && top < label.bottom - 8);
}"""


async def scroll_day_to(page: Page, day: int, top: int) -> None:
    """Scroll so that the line of a day, counted from 0, is so many pixels below the log's upper edge."""
    await page.evaluate(
        """([day, top]) => {
            const log = document.querySelector("#chat-log");
            const line = document.querySelectorAll(".entries .day")[day];
            log.scrollTop += line.getBoundingClientRect().top - log.getBoundingClientRect().top - top;
        }""",
        [day, top],
    )


async def test_the_day_of_what_is_read_stays_in_sight_until_the_next_one_takes_its_place(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await fill(lobby, room, 40)
    of_room = "room_id = (SELECT id FROM chat_room WHERE name = %s) AND sequence <= 20"
    lobby.site.sql(f"UPDATE chat_message SET sent_at = %s WHERE {of_room}", "2020-02-03 12:00:00+00:00", room)
    page = await enter(open_window, lobby, room)
    await expect(page.locator(".entry[data-sequence]")).to_have_count(40)
    label = page.locator("#day-at-top")
    await expect(label).to_have_text("Today")
    await scroll_to(page, 0)
    await expect(label).to_be_hidden()  # the line itself is in sight
    await scroll_day_to(page, 0, -100)
    await expect(label).to_have_text("Monday, February 3, 2020")
    author = await page.locator(".entry .author").first.inner_text()
    await expect(label).to_have_attribute("data-author", author)
    for top in (40, 25, 10):
        await scroll_day_to(page, 1, top)
        await expect(label).to_have_text("Monday, February 3, 2020")
        await page.wait_for_function(CLEAR)
    await scroll_day_to(page, 1, -20)
    await expect(label).to_have_text("Today")


async def test_a_message_is_liked_and_answered_with_one_press_and_with_the_arrow_keys(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await say(alice, "second")
    await settled(alice, 2)
    second = entry(alice, "second")
    await second.hover()
    for tool in TOOLS:
        await expect(second.locator(tool)).to_be_visible()
    await expect(entry(alice, "hello").locator(".like")).to_be_hidden()
    await second.locator(".like").click()
    await expect(second.locator(".chip:not(.waiting)")).to_have_text("👍 1")
    await second.locator(".like").click()
    await expect(second.locator(".chip")).to_have_count(0)
    await alice.mouse.move(0, 0)
    await entry(alice, "hello").locator(".more").focus()
    await alice.keyboard.press("ArrowLeft")
    await alice.keyboard.press("ArrowLeft")
    await expect(entry(alice, "hello").locator(".like")).to_be_focused()
    await alice.keyboard.press("Enter")
    await expect(entry(alice, "hello").locator(".chip:not(.waiting)")).to_have_text("👍 1")
    await expect(entry(alice, "hello").locator(".like")).to_be_focused()
    await alice.keyboard.press("ArrowRight")
    await alice.keyboard.press("Enter")
    await expect(alice.locator(INPUT)).to_be_focused()
    await say(alice, "an answer")
    await expect(entry(alice, "an answer").locator(".quote")).to_contain_text("hello")


async def test_who_may_only_read_is_offered_neither_tool(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await say(alice, "/readonly on")
    await expect(bob.locator("#silence")).not_to_be_empty()
    await entry(bob, "hello").hover()
    await expect(entry(bob, "hello").locator(".like")).to_be_visible()
    await expect(entry(bob, "hello").locator(".reply")).to_be_hidden()
    await entry(alice, "hello").hover()
    await expect(entry(alice, "hello").locator(".reply")).to_be_visible()


async def test_a_tap_shows_the_time_of_a_grouped_message_and_tools_of_a_thumbs_size(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await fill(lobby, room, 3)
    page = await enter(open_window, lobby, room, **PHONE)
    await settled(page, 3)
    grouped = entry(page, "message 2")
    await expect(grouped.locator(".like")).to_be_hidden()
    await grouped.locator(".body").tap()
    time = await grouped.locator(".time").bounding_box()
    body = await grouped.locator(".body").bounding_box()
    assert time
    assert body
    assert time["x"] >= 0
    assert 20 < time["width"] < body["x"] - time["x"]
    for tool in TOOLS:
        box = await grouped.locator(tool).bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44
    await grouped.locator(".like").tap()
    await expect(grouped.locator(".chip:not(.waiting)")).to_have_text("👍 1")
    await entry(page, "message 1").locator(".body").tap()
    await expect(entry(page, "message 1").locator(".like")).to_be_visible()
    await expect(grouped.locator(".like")).to_have_css("opacity", "0")


# --- The way back, and what is new ---


async def test_a_button_leads_back_from_each_jump_to_where_one_was_reading(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await fill(lobby, room, 200)
    async with ChatClient(lobby.ws_url(room)) as bob:
        await bob.post("to the middle", reply_to=100)
        await bob.post("to the beginning", reply_to=1)
        await post_all(bob, *(f"line {number}" for number in range(30)))
    page = await enter(open_window, lobby, room)
    back = page.get_by_role("button", name="Back", exact=True)
    await expect(page.locator(".entry[data-sequence='232']")).to_be_in_viewport()
    await expect(back).to_be_hidden()
    await page.locator(".entry[data-sequence='202']").scroll_into_view_if_needed()
    await page.locator(".entry[data-sequence='202'] .quote").click()
    await expect(page.locator(".entry[data-sequence='1']")).to_be_in_viewport()
    await back.click()
    await expect(page.locator(".entry[data-sequence='202']")).to_be_in_viewport()
    await expect(back).to_be_hidden()
    await page.locator(".entry[data-sequence='202'] .quote").click()
    await expect(page.locator(".entry[data-sequence='1']")).to_be_in_viewport()
    await page.click("#newest")
    await expect(page.locator(".entry[data-sequence='232']")).to_be_in_viewport()
    await expect(back).to_be_hidden()
    await page.locator(".entry[data-sequence='201'] .quote").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".entry[data-sequence='100']")).to_be_in_viewport()
    await back.focus()
    await page.keyboard.press("Enter")
    await expect(back).to_be_hidden()
    await expect(page.locator("#chat-log")).to_be_focused()


async def test_the_button_to_the_newest_counts_what_is_new_down_to_what_is_in_view(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await fill(lobby, room, 40)
    page = await enter(open_window, lobby, room)
    await has_read(page, room, 40)
    await scroll_to(page, 0)
    newest = page.locator("#newest")
    await expect(newest).to_be_visible()
    await expect(newest).not_to_have_class("has-news")
    async with ChatClient(lobby.ws_url(room)) as bob:
        await post_all(bob, "one", "two", "three")
    await expect(newest).to_have_text("New messages: 3")
    await expect(newest).to_have_accessible_description("New messages: 3")
    async with ChatClient(lobby.ws_url(room)) as bob:
        await bob.post("four")
    await expect(newest).to_have_text("New messages: 4")
    await newest.click()
    await has_read(page, room, 44)
    await expect(newest).to_be_hidden()
    await scroll_to(page, 0)
    await expect(newest).to_be_visible()
    await expect(newest).to_have_text("")


# --- Quoting and copying ---


async def test_a_message_is_quoted_below_what_is_written(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await write(alice, "two\nlines")
    await alice.get_by_role("button", name="Send", exact=True).click()
    await settled(alice, 2)
    await write(alice, "you said ")
    await alice.locator(".entry[data-sequence='2']").hover()
    await alice.locator(".entry[data-sequence='2'] .more").click()
    await alice.get_by_role("menuitem", name="Quote", exact=True).click()
    await expect(alice.locator(INPUT)).to_have_value("you said\n> two\n> lines\n")
    await expect(alice.locator(INPUT)).to_be_focused()
    await alice.keyboard.type("indeed")
    await alice.keyboard.press("Enter")
    await settled(alice, 3)
    await expect(alice.locator(".entry[data-sequence='3'] blockquote")).to_have_text(
        "two\nlines", use_inner_text=True
    )


SELECT = """([first, from, last, to]) => {
    const textOf = (text) => {
        const body = [...document.querySelectorAll(".entry .body")].find((one) => one.innerText === text);
        const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
        return walker.nextNode();
    };
    document.querySelector("#chat-log").focus();
    document.getSelection().setBaseAndExtent(textOf(first), from, textOf(last), to);
}"""


async def copied(page: Page, first: str, start: int, last: str, end: int) -> str:
    """What the clipboard holds when one selects from within a message to within another, and copies."""
    await page.evaluate(SELECT, [first, start, last, end])
    await page.keyboard.press("ControlOrMeta+c")
    text: str = await page.evaluate("() => navigator.clipboard.readText()")
    return text


async def test_several_messages_are_copied_as_text_with_names_and_times(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    async with ChatClient(lobby.ws_url(room)) as bob:
        await bob.rename("Bob")
        await post_all(bob, "**how** are you?", "gone")
        await bob.do("delete", sequence=3)
        await bob.post("/me bows")
        await bob.post("good bye")
    await settled(alice, 5)
    text = await copied(alice, "hello", 0, "good bye", 4)
    stamp = r"\[\w+ \d+, \d{4}, \d+:\d\d\s[AP]M\] "
    said = ["Alice: hello", "Bob: **how** are you?", "* Bob bows", "Bob: good"]
    assert re.fullmatch("\n".join(stamp + re.escape(words) for words in said), text), text
    assert await alice.evaluate("() => document.getSelection().toString()") != "good", "it stays selected"
    assert await copied(alice, "good bye", 5, "good bye", 8) == "bye"
    text = await copied(alice, "hello", 5, "good bye", 0)
    assert re.fullmatch("\n".join(stamp + re.escape(words) for words in said[1:3]), text), text


# --- Less to scroll past ---


async def test_of_messages_that_were_deleted_one_after_the_other_the_first_stands_for_all(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    async with ChatClient(lobby.ws_url(room)) as bob:
        await post_all(bob, *(f"spam {number}" for number in range(5)), "kept")
        for sequence in range(2, 7):
            await bob.do("delete", sequence=sequence)
    await settled(alice, 7)
    more = alice.get_by_role("button", name="Show 4 more deleted messages")
    deleted = alice.locator(".entry.deleted")
    await expect(more).to_be_visible()
    await expect(deleted).to_have_count(5)
    await expect(alice.locator(".entry.collapsed")).to_have_count(4)
    await expect(alice.locator(".entry[data-sequence='7'] .author")).to_be_visible()
    await entry(alice, "kept").locator(".more").focus()
    await alice.keyboard.press("ArrowUp")
    await expect(alice.locator(".entry[data-sequence='2'] .more")).to_be_focused()
    await more.focus()
    await alice.keyboard.press("Enter")
    await expect(alice.locator(".entry.collapsed")).to_have_count(0)
    await expect(alice.locator(".entry[data-sequence='2'] .more")).to_be_focused()
    await expect(deleted.last.locator(".body")).to_be_visible()


async def test_a_long_text_is_folded_and_unfolds_by_a_press_and_where_something_in_it_is_gone_to(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    async with ChatClient(lobby.ws_url(room)) as bob:
        await post_all(bob, "tea " * 999, "coffee\n" * 200, "short")
    page = await enter(open_window, lobby, room)
    await settled(page, 3)
    walls = page.locator(".entry.wall")
    await expect(walls).to_have_count(2)
    first = page.locator(".entry[data-sequence='1']")
    folded = await first.evaluate("entry => entry.clientHeight")
    await first.get_by_role("button", name="Show all").click()
    await expect(walls).to_have_count(1)
    assert await first.evaluate("entry => entry.clientHeight") > folded
    async with ChatClient(lobby.ws_url(room)) as bob:
        await bob.do("react", sequence=1, emoji="👍", on=True)
    await expect(first.locator(".chip")).to_have_count(1)
    await expect(walls).to_have_count(1)  # it stays unfolded when it is drawn anew
    await page.locator(".entry[data-sequence='2'] .body").evaluate(
        "body => body.scrollTo(0, 900)"
    )  # as a search does
    await expect(walls).to_have_count(0)


async def test_the_name_and_the_face_at_a_message_open_the_menu_of_its_author(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [bob] = await company(open_window, lobby, room, "Alice", "Bob", absent=["Alice"])
    name = entry(bob, "hello").get_by_role("button", name="Alice")
    await expect(name).to_have_attribute("aria-haspopup", "menu")
    await name.click()
    await expect(bob.get_by_role("menuitem", name="Block")).to_be_visible()
    await bob.keyboard.press("Escape")
    await expect(name).to_be_focused()
    await entry(bob, "hello").locator(".avatar").click()
    await bob.get_by_role("menuitem", name="Block").click()
    await expect(bob.locator(".entry.folded")).to_have_count(1)
