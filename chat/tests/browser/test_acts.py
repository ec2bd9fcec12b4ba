"""What anybody does with messages in a window: answer, react, change, delete."""

import re

from ..harness.clients import ChatClient
from ..harness.menus import choose, company, confirm, entry
from ..harness.pages import INPUT, enter, fill, is_connected, is_offline, say, sees, settled, value, write
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, expect

# --- Answers ---


async def test_an_answer_shows_what_it_answers_and_leads_there(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = await company(open_window, lobby, room, "Alice", "Bob")
    await choose(bob, "hello", "Reply")
    await expect(bob.locator("#purpose")).to_contain_text("Replying to Alice hello")
    await expect(bob.locator(INPUT)).to_be_focused()
    await write(bob, "hello your")
    await bob.reload()
    tab = await enter(open_window, lobby, room, beside=bob)
    await bob.close()
    bob = tab
    await expect(bob.locator("#purpose")).to_contain_text("Replying to Alice hello")
    await expect(bob.locator(INPUT)).to_have_value("hello your")
    await say(bob, "hello yourself")
    await expect(bob.locator("#purpose")).to_be_hidden()
    await say(bob, "and nobody else")
    await settled(alice, 3)
    quote = entry(alice, "hello yourself").locator(".quote")
    await expect(quote).to_contain_text(re.compile("Alice.*hello"))
    await expect(entry(alice, "and nobody else").locator(".quote")).to_have_count(0)
    await quote.click()
    await expect(entry(alice, "hello").locator(".more")).to_be_focused()


async def test_an_answer_can_be_called_off(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    [bob] = await company(open_window, lobby, room, "Alice", "Bob", absent=["Alice"])
    await write(bob, "half a thought")
    await choose(bob, "hello", "Reply")
    await bob.keyboard.press("Escape")
    await expect(bob.locator("#purpose")).to_be_hidden()
    await expect(bob.locator(INPUT)).to_have_value("half a thought")
    await bob.keyboard.press("Enter")
    await settled(bob, 2)
    await expect(bob.locator(".quote")).to_have_count(0)


async def test_an_answer_leads_to_a_message_far_above(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await fill(lobby, room, 70)
    async with ChatClient(lobby.ws_url(room)) as bob:
        await bob.post("an answer", reply_to=1)
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
    assert title.replace("\u2068", "").replace("\u2069", "") == "Bob and Alice"
    await alice.reload()
    await is_connected(alice)
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await chip.focus()
    await alice.keyboard.press("Enter")
    await expect(bob.locator(".chip")).to_have_text("👍 1")
    await expect(chip).to_be_focused()
    await bob.locator(".chip").click()
    await expect(chip).to_have_count(0)


# --- Changing and deleting one's own ---


async def test_the_up_arrow_changes_the_last_message_and_the_draft_comes_back(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
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
    await sees(alice, "hello", "see you")
    await expect(entry(alice, "see you").locator(".edited")).to_be_visible()


async def test_the_up_arrow_changes_the_last_message_before_it_goes(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await alice.context.set_offline(True)
    await is_offline(alice)
    await say(alice, "se you")
    await alice.keyboard.press("ArrowUp")
    await expect(alice.locator(INPUT)).to_have_value("se you")
    await say(alice, "see you")
    await expect(alice.locator(".entry.waiting .body")).to_have_text("see you")
    await alice.context.set_offline(False)
    await settled(alice, 2)
    await sees(alice, "hello", "see you")
    await expect(alice.locator(".edited")).to_have_count(0)


async def test_an_edit_and_the_draft_before_it_are_kept_over_a_reload(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await write(alice, "a draft")
    await choose(alice, "hello", "Edit")
    await write(alice, "hello again")
    await alice.reload()
    await expect(alice.locator(INPUT)).to_have_value("hello again")
    await alice.locator(INPUT).press("Escape")
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
    refused = alice.locator(".entry.failed")
    await expect(refused.locator(".quote")).to_contain_text("hello from the tab")
    await expect(refused.locator(".body")).to_have_text("hello from here")
    await refused.get_by_role("button", name="Try again").click()
    await sees(tab, "hello from here")


async def test_a_deleted_message_leaves_its_place_after_a_question(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    async with ChatClient(lobby.ws_url(room)) as bob:
        await bob.post("yes?", reply_to=1)
    await settled(alice, 2)
    await choose(alice, "hello", "Delete…")
    await confirm(alice, "Cancel")
    await choose(alice, "hello", "Delete…")
    await confirm(alice, "Delete")
    await expect(alice.locator(".entry.deleted")).to_have_count(1)
    assert await value(alice) == "yes?\n"
    await expect(alice.locator(".quote")).to_contain_text("This message was deleted.")
