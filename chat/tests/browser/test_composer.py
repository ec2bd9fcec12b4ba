"""Where one writes: completions, formats, what Enter does, and that nothing typed is lost."""

from ..harness.menus import choose, company, entry
from ..harness.pages import (
    INPUT,
    enter,
    is_connected,
    is_offline,
    say,
    say_what_is_refused,
    sees,
    settled,
    write,
)
from ..harness.servers import Daphne
from ..harness.windows import PHONE, OpenWindow, expect

SEND = "#chat-message-submit"
WAITING = ".pendings .entry"


async def test_an_emoji_is_completed_behind_a_colon(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    text, options = page.locator(INPUT), page.locator("#completions [role=option]")
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    await text.press_sequentially("at 12:30 a :f")
    await expect(options).to_have_count(0)
    assert not [url for url in loaded if "emoji" in url]
    await text.press_sequentially("ox")
    await expect(options.first).to_contain_text("fox face")
    await expect(page.locator(".completions-told")).to_have_text(f"Suggestions: {await options.count()}")
    await expect(text).to_have_attribute("aria-haspopup", "listbox")
    await page.keyboard.press("ArrowDown")
    await expect(text).to_have_attribute("aria-activedescendant", "completion-0")
    await page.keyboard.press("Enter")
    await expect(text).to_have_value("at 12:30 a 🦊 ")
    await expect(options).to_have_count(0)
    await expect(page.locator(".completions-told")).to_have_text("")


async def test_what_is_selected_gets_a_format_by_keys_and_by_a_bar_that_is_loaded_when_it_is_wanted(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    text = page.locator(INPUT)
    await write(page, "tea is ready")
    assert not [url for url in loaded if "formatting" in url]
    await text.evaluate("input => input.setSelectionRange(0, 3)")
    await page.keyboard.press("Control+b")
    await expect(text).to_have_value("**tea** is ready")
    await page.keyboard.press("Control+Shift+X")
    await expect(text).to_have_value("**~~tea~~** is ready")
    await page.keyboard.press("Control+z")
    await expect(text).to_have_value("**tea** is ready")
    bar = page.get_by_role("toolbar", name="Formatting")
    await expect(bar).to_be_hidden()
    await page.get_by_role("button", name="Formatting").click()
    await expect(bar).to_be_visible()
    await text.evaluate("input => input.setSelectionRange(11, 16)")
    await bar.get_by_role("button", name="Italic").click()
    await expect(text).to_have_value("**tea** is *ready*")
    await expect(text).to_be_focused()
    await bar.get_by_role("button", name="Bold").focus()
    await page.keyboard.press("ArrowLeft")
    await expect(bar.get_by_role("button", name="Link")).to_be_focused()
    await page.get_by_role("button", name="Formatting").click()
    await expect(bar).to_be_hidden()


async def test_on_a_touch_keyboard_one_says_whether_enter_sends(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room, **PHONE)
    text = page.locator(INPUT)
    await expect(page.locator("#enter-hint")).to_be_hidden()
    await text.press_sequentially("one")
    await page.keyboard.press("Enter")
    await expect(text).to_have_value("one\n")
    await page.locator(".name-button").tap()
    await page.get_by_label("Enter key sends").check()
    await page.keyboard.press("Escape")
    await text.fill("two")
    await text.press("Enter")
    await sees(page, "two")
    await expect(text).to_have_attribute("enterkeyhint", "send")
    await page.reload()
    await is_connected(page)
    await expect(page.locator(INPUT)).to_have_attribute("enterkeyhint", "send")


async def test_who_edits_saves_sees_which_message_that_is_and_goes_on_after_a_reload(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await expect(alice.locator("#enter-hint")).to_be_hidden()
    await write(alice, "half a thought")
    await expect(alice.locator("#enter-hint")).to_be_visible()
    await choose(alice, "hello", "Edit")
    await expect(entry(alice, "hello")).to_have_class("entry own marked")
    await expect(alice.locator(SEND)).to_have_accessible_name("Save")
    await write(alice, "good morning")
    await alice.reload()
    await is_connected(alice)
    await expect(alice.locator(INPUT)).to_have_value("good morning")
    await expect(alice.locator("#purpose")).to_contain_text("Editing your message")
    await expect(alice.locator(SEND)).to_have_accessible_name("Save")
    await alice.locator(SEND).click()
    await expect(entry(alice, "good morning")).to_have_class("entry own")
    await expect(alice.locator(SEND)).to_have_accessible_name("Send")
    await expect(alice.locator(INPUT)).to_have_value("half a thought")
    await settled(alice, 1)


async def test_what_waits_to_be_sent_is_changed_or_not_sent_at_all(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await alice.context.set_offline(True)
    await is_offline(alice)
    await say(alice, "one", "two")
    await write(alice, "half a thought")
    await alice.get_by_role("button", name="Cancel: two").click()
    await expect(alice.locator(WAITING)).to_have_count(1)
    await alice.get_by_role("button", name="Edit: one").click()
    await expect(alice.locator(INPUT)).to_have_value("one")
    await say(alice, "ONE")
    await expect(alice.locator(INPUT)).to_have_value("half a thought")
    await expect(alice.locator(f"{WAITING} .body")).to_have_text("ONE")
    await alice.context.set_offline(False)
    await settled(alice, 2)
    await sees(alice, "hello", "ONE")
    await expect(entry(alice, "ONE").locator(".edited")).to_have_count(0)  # nobody saw another text
    await expect(alice.get_by_role("button", name="Cancel:")).to_have_count(0)


async def test_a_refused_text_is_mended_where_one_writes(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await say_what_is_refused(page)
    await page.get_by_role("button", name="Edit:").click()
    await say(page, "ab")
    await sees(page, "ab")
    await settled(page, 1)


async def test_the_box_grows_with_what_is_written_up_to_eight_lines(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room, viewport={"width": 800, "height": 900})
    heights: list[int] = []
    for lines in (1, 2, 8, 30):
        await write(page, "\n".join("line" for _ in range(lines)))
        heights.append(await page.locator(INPUT).evaluate("input => input.clientHeight"))
    one, two, eight, thirty = heights
    assert one < two < eight == thirty
    assert abs((eight - one) - 7 * (two - one)) < 2
