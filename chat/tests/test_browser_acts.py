"""What anybody does with messages in a window: answer, react, change, delete, report, block, commands."""

import asyncio

from chat.slash import COMMANDS

from .clients import ChatClient
from .menus import SOON, choices, choose, company, confirm, entry, is_told, open_menu
from .pages import INPUT, enter, is_connected, is_offline, say, sees, settled, shown, value, write
from .servers import Daphne
from .windows import OpenWindow, expect

MENU = ".menu"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


# --- Answers ---


async def test_an_answer_shows_what_it_answers_and_leads_there(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await choose(bob, "hello", "Reply")
    await expect(bob.locator("#purpose")).to_contain_text("Replying to Alice hello")
    await expect(bob.locator(INPUT)).to_be_focused()
    await say(bob, "hello yourself")
    await expect(bob.locator("#purpose")).to_be_hidden()
    await say(bob, "and nobody else")
    await settled(alice, 3)
    quote = entry(alice, "hello yourself").locator(".quote")
    await expect(quote).to_contain_text("Alice hello")
    await expect(entry(alice, "and nobody else").locator(".quote")).to_have_count(0)
    await quote.click()
    await expect(entry(alice, "hello").locator(".more")).to_be_focused()


async def test_an_answer_can_be_called_off(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await write(bob, "half a thought")
    await choose(bob, "hello", "Reply")
    await bob.keyboard.press("Escape")
    await expect(bob.locator("#purpose")).to_be_hidden()
    await expect(bob.locator(INPUT)).to_have_value("half a thought")
    await bob.keyboard.press("Enter")
    await settled(alice, 2)
    await expect(alice.locator(".quote")).to_have_count(0)


async def test_an_answer_leads_to_a_message_far_above(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await choose(bob, "hello", "Reply")
    async with ChatClient(lobby.ws_url(room)) as charlie:
        await asyncio.gather(*(charlie.post(f"line {number}") for number in range(70)))
    await say(bob, "an answer")
    await expect(entry(alice, "an answer")).to_be_visible()
    await alice.reload()
    await is_connected(alice)
    await expect(entry(alice, "an answer").locator(".quote")).to_have_text("An earlier message")
    await entry(alice, "an answer").locator(".quote").click()
    await expect(entry(alice, "hello")).to_be_in_viewport()
    await expect(entry(alice, "hello").locator(".more")).to_be_focused()


# --- Reactions ---


async def test_a_reaction_is_counted_for_everybody_and_taken_back_with_a_press(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await choose(bob, "hello", "React: 👍")
    chip = alice.locator(".chip")
    await expect(chip).to_have_text("👍 1")
    await expect(chip).to_have_attribute("aria-pressed", "false")
    await expect(bob.locator(".chip")).to_have_attribute("aria-pressed", "true")
    await chip.click()
    await expect(bob.locator(".chip")).to_have_text("👍 2")
    await expect(chip).to_have_attribute("aria-pressed", "true")
    title = await chip.get_attribute("title") or ""
    assert title.replace("\u2068", "").replace("\u2069", "") == "Bob, Alice"
    await alice.reload()
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await chip.focus()
    await alice.keyboard.press("Enter")
    await expect(bob.locator(".chip")).to_have_text("👍 1")
    await expect(chip).to_be_focused()
    await bob.locator(".chip").click()
    await expect(chip).to_have_count(0)


async def test_a_reaction_with_any_emoji_and_none_with_words(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    for emoji in ("🦊", "fox"):
        await choose(bob, "hello", "React with another emoji")
        await bob.get_by_label("Emoji", exact=True).fill(emoji)
        await confirm(bob, "React")
    await is_told(bob, "A reaction is an emoji.")
    await expect(alice.locator(".chip")).to_have_text(["🦊 1"])


# --- Changing and deleting one's own ---


async def test_the_up_arrow_changes_the_last_message_and_the_draft_comes_back(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await say(alice, "se you")
    await settled(alice, 2)
    await alice.keyboard.press("ArrowUp")
    await expect(alice.locator(INPUT)).to_have_value("se you")
    await alice.keyboard.press("Escape")
    await expect(alice.locator(INPUT)).to_have_value("")
    await write(alice, "a draft")
    await choose(alice, "se you", "Edit")
    await write(alice, "see you")
    await alice.keyboard.press("Enter")
    await expect(alice.locator(INPUT)).to_have_value("a draft")
    await sees(bob, "hello", "see you")
    await expect(entry(bob, "see you").locator(".edited")).to_be_visible()


async def test_the_up_arrow_changes_no_older_message_while_the_last_one_is_on_its_way(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await alice.context.set_offline(True)
    await is_offline(alice)
    await say(alice, "se you")
    await alice.keyboard.press("ArrowUp")
    await expect(alice.locator(INPUT)).to_have_value("")
    await expect(alice.locator("#purpose")).to_be_hidden()
    await alice.context.set_offline(False)
    await settled(alice, 2)
    await alice.keyboard.press("ArrowUp")
    await expect(alice.locator(INPUT)).to_have_value("se you")


async def test_a_draft_is_kept_over_a_reload_in_the_middle_of_an_edit(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await write(alice, "a draft")
    await choose(alice, "hello", "Edit")
    await write(alice, "hello again")
    await alice.reload()
    await expect(alice.locator(INPUT)).to_have_value("a draft")


async def test_what_was_changed_elsewhere_meanwhile_is_shown_and_nothing_is_lost(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    tab = await enter(open_window, lobby, room, beside=alice)
    await settled(tab, 1)
    await choose(alice, "hello", "Edit")
    await choose(tab, "hello", "Edit")
    await say(tab, "hello from the tab")
    await sees(alice, "hello from the tab")
    await say(alice, "hello from here")
    await expect(alice.locator(".purpose-reason")).to_contain_text("hello from the tab")
    await expect(alice.locator(INPUT)).to_have_value("hello from here")
    await alice.keyboard.press("Enter")
    await sees(tab, "hello from here")


async def test_a_deleted_message_leaves_its_place_after_a_question(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await choose(bob, "hello", "Reply")
    await say(bob, "yes?")
    await settled(alice, 2)
    await choose(alice, "hello", "Delete…")
    await confirm(alice, "Cancel")
    await choose(alice, "hello", "Delete…")
    await confirm(alice, "Delete")
    await expect(bob.locator(".entry.deleted")).to_have_count(1)
    assert await value(bob) == "yes?\n"
    await expect(bob.locator(".quote")).to_contain_text("This message was deleted.")


async def test_an_edit_made_offline_is_saved_when_one_is_back(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await alice.context.set_offline(True)
    await is_offline(alice)
    await choose(alice, "hello", "Edit")
    await say(alice, "hello, all")
    await alice.context.set_offline(False)
    await expect(entry(bob, "hello, all")).to_have_count(1, timeout=SOON)


# --- Blocking and reporting ---


async def test_a_blocked_persons_messages_are_folded_for_oneself_until_one_looks(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await choose(bob, "hello", "Block")
    folded = bob.locator(".entry.folded")
    await expect(folded.locator(".body")).to_have_text("Message from a blocked person")
    assert await value(bob) == ""
    await say(alice, "are you there?")
    await expect(folded).to_have_count(2)
    await bob.reload()
    await expect(folded).to_have_count(2)
    await folded.first.get_by_role("button", name="Show").click()
    await expect(entry(bob, "hello")).to_be_visible()
    await choose(bob, "hello", "Unblock")
    await sees(bob, "hello", "are you there?")
    assert await shown(alice) == ["hello", "are you there?"]


async def test_a_message_is_reported_with_a_reason(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await open_menu(alice, "hello")
    assert "Report…" not in await choices(alice), "one's own"
    await choose(bob, "hello", "Report…")
    await bob.get_by_label("What is wrong with it").fill("unfriendly")
    await confirm(bob, "Report")
    await is_told(bob, "The moderators will look at it.")


async def test_the_text_of_a_message_is_copied(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await choose(alice, "hello", "Copy text")
    await is_told(alice, "Copied.")
    assert await alice.evaluate("() => navigator.clipboard.readText()") == "hello"


# --- Keyboard and touch ---


async def test_all_of_it_is_done_with_the_keyboard_alone(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await say(alice, "one", "two")
    await settled(bob, 3)
    await bob.locator(INPUT).focus()
    for _ in range(9):  # past whatever stands between
        await bob.keyboard.press("Shift+Tab")
        if await bob.evaluate("() => document.activeElement.matches('.more')"):
            break
    await expect(entry(bob, "two").locator(".more")).to_be_focused()
    await bob.keyboard.press("ArrowUp")
    await expect(entry(bob, "one").locator(".more")).to_be_focused()
    await bob.keyboard.press("Shift+F10")
    await expect(bob.locator(MENU)).to_be_visible()
    await bob.keyboard.press("ArrowUp")
    await expect(bob.get_by_role("menuitem", name="Block")).to_be_focused()
    await bob.keyboard.press("Escape")
    await expect(bob.locator(MENU)).to_have_count(0)
    await expect(entry(bob, "one").locator(".more")).to_be_focused()
    await bob.keyboard.press("Enter")
    await bob.keyboard.press("Enter")  # the first emoji
    await expect(entry(alice, "one").locator(".chip")).to_have_text("👍 1")
    await expect(entry(bob, "one").locator(".more")).to_be_focused()


async def test_on_a_phone_a_tap_shows_the_button_and_the_menu_is_a_sheet(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    bob = await enter(open_window, lobby, room, **PHONE)
    await settled(bob, 1)
    await entry(bob, "hello").locator(".body").tap()
    await entry(bob, "hello").locator(".more").tap()
    sheet = bob.locator(MENU)
    await expect(sheet).to_be_visible()
    await sheet.evaluate("menu => Promise.all(menu.getAnimations().map((one) => one.finished))")
    box = await sheet.bounding_box()
    assert box
    assert (box["x"], box["width"]) == (0, 360)
    assert round(box["y"] + box["height"]) == 740
    await bob.get_by_role("menuitem", name="Reply").tap()
    await say(bob, "from the train")
    await expect(entry(alice, "from the train").locator(".quote")).to_be_visible()


async def test_news_do_not_take_the_focus_from_where_it_went(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await entry(bob, "hello").locator(".more").focus()
    await bob.evaluate("() => document.activeElement.blur()")
    await say(alice, "news")
    await settled(bob, 2)
    await choose(alice, "hello", "React: 👍")
    await expect(bob.locator(".chip")).to_have_count(1)
    assert await bob.evaluate("() => document.activeElement === document.body")


# --- Slash commands ---


async def test_commands_are_listed_completed_and_answered_for_oneself(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await bob.locator(INPUT).focus()
    await bob.keyboard.type("/")
    await expect(bob.locator("#completions [role=option]")).to_have_count(2)
    await bob.keyboard.type("h")
    await bob.keyboard.press("Tab")
    await expect(bob.locator(INPUT)).to_have_value("/help ")
    await bob.keyboard.press("Enter")
    await is_told(bob, "/nick name")
    await expect(bob.locator(".entry:not([data-sequence])")).to_have_count(0)
    await bob.get_by_role("button", name="Dismiss").click()
    await expect(bob.locator(".aside")).to_have_count(0)
    await expect(bob.locator(INPUT)).to_be_focused()
    assert await shown(alice) == ["hello"]


async def test_a_notice_makes_way_for_the_next_one_and_for_what_is_said(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await say(alice, "/help")
    await is_told(alice, "/nick name")
    await choose(alice, "hello", "React with another emoji")
    await alice.get_by_label("Emoji", exact=True).fill("fox")
    await confirm(alice, "React")
    await is_told(alice, "A reaction is an emoji.")
    await say(alice, "tea is ready")
    await expect(alice.locator(".aside")).to_have_count(0)


async def test_the_page_offers_every_command_that_the_server_knows(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await alice.locator(INPUT).focus()
    await alice.keyboard.type("/")
    offered = await alice.locator("#completions .completion").all_inner_texts()
    assert set(offered) == {"/help", *(f"/{word}" for word in COMMANDS)}


async def test_a_new_name_by_command_is_ones_name_in_all_tabs(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    tab = await enter(open_window, lobby, room, beside=alice)
    await say(alice, "/nick Alice B.")
    for page in (alice, tab):
        await expect(page.locator("#you-here .name")).to_have_text("Alice B.")


async def test_a_command_that_is_refused_says_why_at_what_was_written(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await say(bob, "/kick Alice")
    await expect(bob.locator(".entry.failed .reason")).to_contain_text("Not sent: ")
    await say(bob, "//kick is a command", "/etc/passwd is a file")
    await sees(alice, "hello", "/kick is a command", "/etc/passwd is a file")
