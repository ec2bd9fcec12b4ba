"""States of a room's page."""

from functools import partial

from playwright.async_api import Page

from chat.tests.harness.pages import INPUT, is_offline, write

from .rooms import GARDEN, PICNIC
from .table import STATES, state
from .world import Window


async def say(page: Page, *texts: str) -> None:
    """By the button, as on a phone."""
    for text in texts:
        await write(page, text)
        await page.get_by_role("button", name="Send", exact=True).click()


def room_at(name: str, room: str, who: str = "Mateo") -> None:
    async def reach(window: Window) -> Page:
        return await window.enter(room, who)

    STATES[name] = reach


room_at("room_empty", "A room where nobody was")
room_at("talk", GARDEN)
room_at("talk_owner", GARDEN, "Amina")
room_at("muted", "muted")
room_at("read_only", "readonly")
room_at("closed", "closed")
room_at("slow", "slow")
room_at("permalink", f"{GARDEN}/5")


@state
async def slow_waiting(window: Window) -> Page:
    page = await window.enter("slow")
    await say(page, "One more thing", "And another one")
    await page.locator(".entry.waiting").first.wait_for()
    return page


@state
async def loading(window: Window) -> Page:
    page = await window.enter_without_site(GARDEN, answers=True)
    await page.locator("#status[data-state=connecting]").wait_for()
    return page


@state
async def site_away(window: Window) -> Page:
    page = await window.enter_without_site(GARDEN, answers=False)
    await is_offline(page)
    await say(page, "This waits until the site is back.")
    return page


@state
async def offline(window: Window) -> Page:
    page = await window.enter(GARDEN)
    await page.context.set_offline(True)
    await is_offline(page)
    await say(page, "This waits until I am back.")
    return page


async def choose(window: Window, page: Page, sequence: int, *choices: str) -> None:
    """In the menu of a message, and in the one that this opens."""
    entry = page.locator(f".entry[data-sequence='{sequence}']")
    if window.is_phone:
        await entry.locator(".body").tap()
    else:
        await entry.hover()
    await entry.locator(".more").click()
    for choice in choices:
        await page.get_by_role("menuitem", name=choice, exact=True).click()


async def sent_away(window: Window, act: str) -> Page:
    room = f"{act} {window.is_phone}"
    await window.world.room(room)
    page = await window.enter(room)
    await window.world.moderate(room, act, "Mateo")
    await page.locator("#sent-away").wait_for()
    return page


STATES["banned_while_there"] = partial(sent_away, act="ban")
STATES["kicked_while_there"] = partial(sent_away, act="kick")


@state
async def composing(window: Window) -> Page:
    page = await window.enter(PICNIC)
    await write(page, "\n".join(f"Line {number} of what I want to say" for number in range(1, 11)))
    return page


@state
async def too_long(window: Window) -> Page:
    page = await window.enter(PICNIC)
    await write(page, "So much to say. " * 260)
    return page


@state
async def replying(window: Window) -> Page:
    page = await window.enter(PICNIC)
    await choose(window, page, 8, "Reply")
    return page


@state
async def editing(window: Window) -> Page:
    page = await window.enter(PICNIC)
    await choose(window, page, 7, "Edit")
    return page


@state
async def refused(window: Window) -> Page:
    page = await window.enter(PICNIC)
    await say(page, "/dance")
    await page.locator(".refusal").wait_for()
    return page


async def completing(window: Window, text: str) -> Page:
    page = await window.enter(PICNIC)
    await page.locator(INPUT).press_sequentially(text)
    await page.locator("#completions").wait_for()
    return page


STATES["completing_names"] = partial(completing, text="@")
STATES["completing_commands"] = partial(completing, text="/")


@state
async def emoji(window: Window) -> Page:
    page = await window.enter(PICNIC)
    await page.click("#emoji-button")
    await page.get_by_placeholder("Find an emoji").wait_for()
    return page


@state
async def message_menu(window: Window) -> Page:
    page = await window.enter(GARDEN, "Amina")
    await choose(window, page, 9)
    await page.locator("[role=menu]").wait_for()
    return page


@state
async def you_panel(window: Window) -> Page:
    page = await window.enter(PICNIC)
    await page.click(".name-button")
    return page


@state
async def picnic(window: Window) -> Page:
    for name in ("Amina", "Yuki"):
        await window.keep(window.world.chat(name, PICNIC))
    return await window.enter(PICNIC)


@state
async def people(window: Window) -> Page:
    page = await picnic(window)
    if not await page.locator("#people").is_visible():
        await page.click("#people-button")
    await page.locator("#people li").nth(2).wait_for()
    return page


@state
async def search(window: Window) -> Page:
    page = await window.enter(GARDEN)
    await page.click("#search-button")
    await page.locator("#search [type=search]").fill("water")
    await page.keyboard.press("Enter")
    await page.locator("#search .hit").first.wait_for()
    return page


@state
async def search_everywhere_none(window: Window) -> Page:
    page = await window.enter(GARDEN)
    await page.click("#search-button")
    await page.locator("#search [name=where][value=all]").check()
    await page.locator("#search [type=search]").fill("xylophone")
    await page.keyboard.press("Enter")
    return page


async def asked(window: Window, *path: str) -> Page:
    page = await window.enter(GARDEN, "Amina")
    await choose(window, page, 5, *path)
    await page.locator(".ask").wait_for()
    return page


STATES["ask_ban"] = lambda window: asked(window, "More about this person…", "Ban…")
STATES["ask_delete"] = lambda window: asked(window, "Delete…")
