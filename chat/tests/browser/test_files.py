"""Files that are sent: ways in, cancelling and trying again, reloads and offline, a phone."""

import re

from playwright.async_api import FilePayload, Route

from ..harness.media import notes, picture, png
from ..harness.menus import company, owns
from ..harness.pages import INPUT, enter, is_connected, say, settled, write
from ..harness.people import Person, said
from ..harness.servers import Daphne
from ..harness.watchers import until
from ..harness.windows import PHONE, OpenWindow, Page, expect
from .test_senses import is_clear

CHOOSER = "#composer input[type=file]"
FILES = re.compile("/files/")
PASTE = """async (bytes) => {
    const picture = new Blob([new Uint8Array(bytes)], { type: "image/png" });
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
}"""
DROP = """(names) => {
    const dataTransfer = new DataTransfer();
    for (const name of names) dataTransfer.items.add(new File([name], name, { type: "text/plain" }));
    const log = document.querySelector("#chat-log");
    for (const type of ["dragover", "drop"])
        log.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
}"""


async def choose(page: Page, *files: FilePayload) -> None:
    """And wait until they are in the row above the text."""
    before = await page.locator(".attachment").count()
    await page.set_input_files(CHOOSER, list(files))
    await expect(page.locator(".attachment")).to_have_count(before + len(files))


async def is_uploaded(page: Page, count: int) -> None:
    await expect(page.locator(".attachment .upload[data-state=stored]")).to_have_count(count)


async def send(page: Page, text: str = "") -> None:
    await write(page, text)
    await page.get_by_role("button", name="Send", exact=True).click()


async def cut(route: Route) -> None:
    await route.abort("connectionreset")


async def names(page: Page) -> list[str]:
    """Of the files in the log that are downloaded."""
    return await page.locator("#chat-log .file-link .file-name").all_text_contents()


# --- Ways in ---


async def test_a_pasted_picture_is_described_sent_without_a_text_and_seen_by_the_others(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice = await enter(open_window, lobby, room)
    bob = await enter(open_window, lobby, room)
    await alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await alice.evaluate(PASTE, list(png(300, 200)))
    await alice.locator(INPUT).press("ControlOrMeta+v")
    await alice.locator(".attachment .description").fill("a blue cat")
    await alice.locator(".attachment .description").press("Enter")
    await expect(alice.locator(INPUT)).to_be_focused()
    await alice.keyboard.press("Enter")
    for page in (alice, bob):
        await settled(page, 1)
        image = page.get_by_role("img", name="a blue cat")
        await expect(image).to_be_visible()
        await page.wait_for_function("() => document.querySelector('.picture img').naturalWidth === 300")
        box = await image.bounding_box()
        assert box
        assert (round(box["width"]), round(box["height"])) == (300, 200)
    await expect(alice.locator(".attachment")).to_have_count(0)


async def test_several_files_are_chosen_and_dropped_at_once_and_stand_in_their_order(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await choose(page, notes("one.txt"), notes("two.txt"))
    await page.evaluate(DROP, ["three.txt", "four.txt"])
    await is_uploaded(page, 4)
    await send(page, "all of them")
    await settled(page, 1)
    assert await names(page) == ["one.txt", "two.txt", "three.txt", "four.txt"]
    await page.reload()
    await settled(page, 1)
    assert await names(page) == ["one.txt", "two.txt", "three.txt", "four.txt"]


async def test_more_than_ten_are_not_taken(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    page = await enter(open_window, lobby, room)
    await page.set_input_files(CHOOSER, [notes(f"{number}.txt") for number in range(12)])
    await expect(page.locator(".attachment")).to_have_count(10)
    await expect(page.locator(".refusal")).to_contain_text("10 files at most")


async def test_a_file_goes_with_what_is_answered_and_not_with_a_command_or_an_edit(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await choose(alice, notes())
    await send(alice, "/topic Tea")
    await expect(alice.locator("#topic")).to_have_text("Tea")
    await expect(alice.locator(".attachment")).to_have_count(1)
    await alice.locator(INPUT).press("ArrowUp")
    await expect(alice.locator(INPUT)).to_have_value("hello")
    await expect(alice.locator("#attachments")).to_be_hidden()
    await alice.locator(INPUT).fill("hello again")
    await alice.get_by_role("button", name="Save", exact=True).click()
    await expect(alice.locator(".edited")).to_be_visible()
    await expect(alice.locator("#attachments")).to_be_visible()
    await send(alice)
    await settled(alice, 2)
    assert await names(alice) == ["notes.txt"]


async def test_a_room_without_files_offers_none(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    await said(alice := Person(lobby), room, "welcome")
    page = await enter(open_window, lobby, room)
    await expect(page.locator("#attach-button")).to_be_visible()
    alice.set(room, uploads="")
    await expect(page.locator("#attach-button")).to_be_hidden()
    await page.evaluate(DROP, ["one.txt"])
    await expect(page.locator(".refusal")).to_be_visible()
    await expect(page.locator(".attachment")).to_have_count(0)


RECORDER = """() => {
    navigator.mediaDevices.getUserMedia = async () => {
        const context = new AudioContext();
        const tone = context.createOscillator();
        const out = context.createMediaStreamDestination();
        tone.connect(out);
        tone.start();
        return out.stream;
    };
}"""


async def test_a_voice_note_is_recorded_and_plays_in_place(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await page.evaluate(RECORDER)
    await page.locator("#attach-button").click()
    await page.get_by_role("menuitem", name="Record a voice note").click()
    await expect(page.get_by_role("timer")).not_to_have_text("0:00")
    await page.get_by_role("button", name="Done").click()
    await is_uploaded(page, 1)
    await send(page)
    await settled(page, 1)
    await expect(page.locator(".player audio")).to_be_visible()
    await page.locator("#attach-button").click()
    await page.get_by_role("menuitem", name="Record a voice note").click()
    await page.get_by_role("timer").wait_for()
    await page.keyboard.press("Escape")
    await expect(page.locator("#recording")).to_be_hidden()
    await expect(page.locator(".attachment")).to_have_count(0)


# --- When it does not go well ---


async def test_what_is_removed_is_not_sent(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    page = await enter(open_window, lobby, room)
    await choose(page, notes("one.txt"), notes("two.txt"))
    await is_uploaded(page, 2)
    async with page.expect_response(lambda response: response.request.method == "DELETE") as taken_back:
        await page.get_by_role("button", name="Remove one.txt").click()
    assert (await taken_back.value).ok
    await expect(page.get_by_role("button", name="Remove two.txt")).to_be_focused()
    await send(page)
    await settled(page, 1)
    assert await names(page) == ["two.txt"]


async def test_a_post_that_waits_for_its_file_can_be_taken_back_and_written_anew(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await page.route(FILES, cut)
    await choose(page, notes())
    await send(page, "look")
    await expect(page.locator(".entry.waiting .upload .file-name")).to_have_text("notes.txt")
    await say(page, "this one goes")
    await expect(page.locator(".entry[data-sequence]")).to_have_count(1)
    await owns(page)
    await page.get_by_role("button", name="Do not send this message").click()
    await expect(page.locator(INPUT)).to_have_value("look")
    await expect(page.locator(".attachment")).to_have_count(1)
    await page.unroute(FILES)
    await send(page, "look at this")
    await settled(page, 2)
    assert await names(page) == ["notes.txt"]


async def test_an_upload_goes_on_by_itself_after_a_cut_connection(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    cuts: list[str] = []

    async def cut_twice(route: Route) -> None:
        if route.request.method != "PUT" or len(cuts) == 2:
            return await route.continue_()
        cuts.append(route.request.url)
        return await cut(route)

    await page.route(FILES, cut_twice)
    await choose(page, picture())
    await send(page, "look")
    await settled(page, 1)
    assert len(cuts) == 2
    await expect(page.locator(".picture img")).to_be_visible()


async def test_what_the_server_will_not_have_says_why_and_keeps_the_message_from_going(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    refusal = {"code": "too_large", "text": "That is too much."}
    await page.route(FILES, lambda route: route.fulfill(status=413, json=refusal))
    await choose(page, notes())
    await expect(page.locator(".attachment .file-about")).to_have_text("That is too much.")
    await expect(page.locator(".attachments-told")).to_contain_text("That is too much.")
    await send(page, "look")
    await expect(page.locator("#composer")).to_have_class(re.compile("refused"))
    await expect(page.locator(INPUT)).to_have_value("look")
    await page.unroute(FILES)
    await page.get_by_role("button", name="Try again: notes.txt").click()
    await is_uploaded(page, 1)
    await send(page, "look")
    await settled(page, 1)


async def test_a_post_with_a_file_that_is_written_offline_goes_after_a_reload(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    asked: set[str] = set()

    async def cut_off(route: Route) -> None:
        asked.add(route.request.post_data or "")
        await cut(route)

    await page.route(FILES, cut_off)
    await choose(page, picture())
    await page.locator(".attachment .description").fill("a cat")
    await send(page, "look")
    await choose(page, notes("draft.txt"))
    await expect(page.locator(".entry.waiting .upload")).to_have_count(1)
    await until(lambda: len(asked) == 2)  # the browser keeps a file before it asks
    await page.reload()
    await is_connected(page)
    await expect(page.locator(".entry.waiting .upload")).to_have_count(1)
    await expect(page.locator(".attachment .file-name")).to_have_text("draft.txt")
    await page.unroute(FILES)
    await page.reload()
    await settled(page, 1)
    await expect(page.get_by_role("img", name="a cat")).to_be_visible()
    await is_uploaded(page, 1)
    await send(page)
    await settled(page, 2)
    assert await names(page) == ["draft.txt"]


async def test_a_file_that_was_swept_is_told_the_text_is_kept_and_it_goes_again(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await choose(page, notes("gone.txt"))
    await is_uploaded(page, 1)
    lobby.site.sql("DELETE FROM chat_file WHERE name = %s AND room_key = %s", "gone.txt", room)
    await send(page, "look")
    await expect(page.locator(".failure")).to_contain_text("no longer stored")
    await expect(page.locator(".entry.failed .body")).to_have_text("look")
    await page.locator(".failure").get_by_role("button", name="Try again").click()
    await settled(page, 1)
    assert await names(page) == ["gone.txt"]


# --- On a phone, and for the senses ---


async def test_on_a_phone_everything_is_within_reach_and_nothing_is_cut_off(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room, **PHONE, reduced_motion="reduce")
    await choose(page, picture(width=900, height=600), notes("a name that is " + "very " * 15 + "long.txt"))
    await is_uploaded(page, 2)
    for control in await page.locator("#composer :is(button, input):visible").all():
        box = await control.bounding_box()
        assert box
        assert box["height"] >= 44
        assert box["width"] >= 44
    await is_clear(page)
    await send(page)
    await settled(page, 1)
    assert await page.evaluate("() => document.querySelector('#chat-log').scrollWidth <= innerWidth")
    await is_clear(page)
