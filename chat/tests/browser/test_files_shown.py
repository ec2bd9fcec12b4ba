"""Files in the log: pictures and their lightbox, sound that plays in place, downloads."""

from ..harness.media import notes, picture, sound
from ..harness.menus import company, entry, owns
from ..harness.pages import enter, settled
from ..harness.servers import Daphne
from ..harness.windows import PHONE, OpenWindow, Page, expect
from .conftest import OpenSocket
from .test_files import choose, is_uploaded, send


async def show_pictures(page: Page, count: int) -> None:
    """That many messages with a picture each, after what is there."""
    before = await page.locator(".entry[data-sequence]").count()
    for number in range(1, count + 1):
        await choose(page, picture(f"picture {number}.png", width=900, height=600))
        await is_uploaded(page, 1)
        await send(page)
        await settled(page, before + number)


async def test_a_lightbox_is_gone_through_with_the_keyboard_and_gives_the_focus_back(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room, reduced_motion="reduce")
    await show_pictures(page, 3)
    await page.locator(".picture").nth(1).focus()
    await page.keyboard.press("Enter")
    lightbox = page.get_by_role("dialog", name="Picture")
    caption = lightbox.get_by_role("status")
    await expect(caption).to_have_text("2 of 3 · picture 2.png")
    await expect(lightbox.locator("img")).to_be_visible()
    await page.keyboard.press("ArrowRight")
    await expect(caption).to_have_text("3 of 3 · picture 3.png")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Home")
    await expect(caption).to_have_text("1 of 3 · picture 1.png")
    await page.wait_for_function("() => document.querySelector('.lightbox img').naturalWidth === 900")
    await page.keyboard.press("Escape")
    await expect(lightbox).to_have_count(0)
    await expect(page.locator(".picture").nth(0)).to_be_focused()


SWIPE = """([from, to]) => {
    const target = document.querySelector(".lightbox img");
    const touch = (x) => new Touch({ identifier: 1, target, clientX: x, clientY: 300 });
    const tell = (type, x) => target.dispatchEvent(new TouchEvent(type, {
        bubbles: true, touches: type === "touchend" ? [] : [touch(x)], changedTouches: [touch(x)],
    }));
    tell("touchstart", from);
    tell("touchend", to);
}"""


async def test_on_a_phone_a_picture_fits_is_turned_over_with_a_finger_and_closed(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room, **PHONE)
    await show_pictures(page, 2)
    await page.locator(".picture").nth(0).tap()
    caption = page.locator(".lightbox-caption")
    await expect(caption).to_contain_text("1 of 2")
    await page.wait_for_function("() => document.querySelector('.lightbox img').naturalWidth === 900")
    box = await page.locator(".lightbox img").bounding_box()
    assert box
    assert box["width"] <= 360
    await page.evaluate(SWIPE, [300, 100])
    await expect(caption).to_contain_text("2 of 2")
    await page.evaluate(SWIPE, [100, 300])
    await expect(caption).to_contain_text("1 of 2")
    await page.get_by_role("button", name="Close").tap()
    await expect(page.locator(".lightbox")).to_have_count(0)


async def test_nothing_jumps_when_a_picture_comes(lobby: Daphne, open_window: OpenWindow, room: str) -> None:
    page = await enter(open_window, lobby, room)
    await choose(page, picture(width=900, height=600))
    await is_uploaded(page, 1)
    await send(page, "look")
    await settled(page, 1)
    await page.route("**/thumbnail/", lambda route: route.abort())
    await page.reload()
    await settled(page, 1)
    box = await page.locator(".picture img").bounding_box()
    assert box
    assert (round(box["width"]), round(box["height"])) == (360, 240)


async def test_sound_plays_in_place_and_goes_on_when_its_message_changes(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    bob = await open_socket(lobby, room, "Bob")
    await choose(page, sound())
    await is_uploaded(page, 1)
    await send(page, "listen")
    await settled(page, 1)
    await owns(page)
    audio = page.locator(".player audio")
    await audio.evaluate("async (audio) => { window.first = audio; audio.loop = true; await audio.play(); }")
    await page.wait_for_function("() => window.first.currentTime > 0")
    await bob.do("react", sequence=1, emoji="👍")
    await expect(page.locator(".chip")).to_have_text("👍 1")
    is_same = "(audio) => audio === window.first && !audio.paused"
    assert await audio.evaluate(is_same)


async def test_any_other_file_is_downloaded_under_its_name(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await choose(page, notes("notes of today.txt", "to be read"))
    await is_uploaded(page, 1)
    await send(page)
    await settled(page, 1)
    await owns(page)
    async with page.expect_download() as started:
        await page.locator(".file-link").click()
    download = await started.value
    assert download.suggested_filename == "notes of today.txt"
    assert (await download.path()).read_text() == "to be read"


async def test_a_message_without_a_text_is_answered_by_what_its_files_are_called_and_can_be_deleted(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    await choose(alice, notes("plan.txt"))
    await is_uploaded(alice, 1)
    await send(alice)
    await settled(alice, 2)
    second = alice.locator(".entry[data-sequence='2']")
    await second.hover()
    await second.locator(".reply").click()
    await expect(alice.locator("#purpose")).to_contain_text("plan.txt")
    await send(alice, "a good one")
    await settled(alice, 3)
    await expect(entry(alice, "a good one").locator(".quote")).to_contain_text("plan.txt")
    await second.hover()
    await second.locator(".more").click()
    await expect(alice.get_by_role("menuitem", name="Copy text")).to_have_count(0)
    await alice.get_by_role("menuitem", name="Delete").click()
    await alice.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(second.locator(".body")).to_have_text("This message was deleted.")
    await expect(second.locator(".file-link")).to_have_count(0)
