"""The table of states: what a window shows in each, and how it comes there."""

import io
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from PIL import Image, ImageDraw
from playwright.async_api import FilePayload, Page, Route

from chat.tests.harness.media import notes, wav
from chat.tests.harness.pages import INPUT, is_offline, write

from .world import NAMES, Window, World

Reach = Callable[[Window], Awaitable[Page]]
STATES: Final[dict[str, Reach]] = {}

PICNIC, GARDEN, ALLOTMENT = "Sunday picnic", "Garden", "Allotment"
OTHER_ROOMS: Final = {
    "日本語": [("Yuki", "こんにちは")],
    "Книжный клуб": [("Mateo", "Привет"), ("Yuki", "Hello"), ("Amina", "Hi")],
    "Café du coin": [("Amina", "Bonjour à tous"), ("Mateo", "Salut")],
}
TALK: Final = [
    ("Amina", "Good morning! Is Sunday still on? The forecast says sun all day."),
    ("Yuki", "おはよう！ Yes: 公園で11時に。"),
    ("Yuki", "The big lawn by the pond: https://www.openstreetmap.org/#map=17/35.67171/139.69494"),
    ("Mateo", "¡Perfecto! I'll bring a tortilla, and the big blanket.\nIt still smells of last year."),
    ("Amina", "Then I take care of the tea and the baklava. شاي بالنعناع؟"),
    ("Yuki", "いいね！ ミントティー please."),
    ("Mateo", "By the way: Дима спрашивает, можно ли и ему. He would bring his guitar."),
    ("Amina", "Of course, the more the merrier."),
    ("Yuki", "楽しみです。 See you on Sunday!"),
]
KINDS: Final = [
    ("Amina", "# The plan\n1. water the **tomatoes**\n2. feed the *worms*\n3. ~~sleep~~"),
    ("Yuki", "> water the tomatoes\nEvery day, or only when `soil < 30 %`?"),
    ("Yuki", "🌱🌻"),
    ("Amina", "| plant | litres |\n|---|---|\n| tomato | 2 |\n| basil | 0.5 |"),
    ("Mateo", "/me waters the basil"),
    ("Mateo", "```python\ndef thirsty(soil: float) -> bool:\n    return soil < 0.3  # measured at noon\n```"),
    ("Yuki", "The secret: ||it is the worms||. @Amina knows. عندي سؤال"),
    ("Mateo", "An answer that was edited later"),
    ("Amina", "This one goes"),
    ("Mateo", "A long one. " + "Leaves need light, roots need air, and both need patience. " * 6),
]


def state(reach: Reach) -> Reach:
    STATES[reach.__name__] = reach
    return reach


async def settle(world: World) -> None:
    """The rooms and what was said in them."""
    await world.arrive(*NAMES)
    for room, lines in OTHER_ROOMS.items():
        await world.talk(room, lines)
    await world.talk(PICNIC, TALK)
    await world.room(GARDEN)
    await world.talk(GARDEN, KINDS)
    async with world.chat("Mateo", GARDEN) as mateo, world.chat("Amina", GARDEN) as amina:
        await mateo.edit(11, "An answer that was edited")
        await mateo.do("react", sequence=4, emoji="👍")
        await amina.do("react", sequence=4, emoji="🎉")
        await mateo.post("As I said.", reply_to=5)
        await amina.delete(12)
        await amina.do("configure", topic="What we plant this spring, and who waters it in summer")
        await amina.do("moderate", act="pin", sequence=4)
    for number, name in enumerate(("Yuki", "Mateo"), 4):
        async with world.chat(name, GARDEN) as client:
            await client.do("report", sequence=number, reason="This is about worms, not plants.")
    await _show_files(world)


async def settle_rules(world: World) -> None:
    """The rooms in which Mateo may not do everything."""
    for room, columns in ROOMS.items():
        await world.room(room, **columns)
    await world.moderate("banned", "ban", "Mateo", seconds=86_400, reason="Advertising in every room")
    await world.moderate("muted", "mute", "Mateo", seconds=600)


ROOMS: Final[dict[str, dict[str, Any]]] = {
    "banned": {},
    "kicked": {},
    "muted": {},
    "slow": {"slow_mode": 60},
    "readonly": {"is_read_only": True},
    "closed": {"closed_at": "2026-01-01 00:00:00"},
    "private": {"is_private": True},
    "password": {"password": "!"},
    "kept": {"retention_days": 7},
}


# --- Files ---


def photograph(form: str, hour: int, frames: int = 1) -> bytes:
    """Hills under the sun, which moves."""
    pictures = []
    for frame in range(frames):
        picture = Image.new("RGB", (900, 600), (190 - 8 * hour, 214, 150 + 8 * hour))
        draw, left = ImageDraw.Draw(picture), 60 * (hour + frame)
        draw.ellipse((left, 90, left + 110, 200), fill=(250, 214, 120))
        for top, green in ((330, 150), (400, 128), (470, 104)):
            middle = (top * 7 + hour * 90) % 900
            draw.ellipse((middle - 700, top, middle + 700, top + 900), fill=(96, green, 88))
        pictures.append(picture)
    pictures[0].save(made := io.BytesIO(), form, save_all=frames > 1, append_images=pictures[1:], loop=0)
    return made.getvalue()


async def _show_files(world: World) -> None:
    upload = partial(world.upload, "Yuki", ALLOTMENT)
    await world.talk(ALLOTMENT, [("Yuki", "From the garden, this morning.")])
    pictures = [await upload(f"{hour} o'clock.jpg", photograph("JPEG", hour)) for hour in (2, 6, 10)]
    moving = await upload("sunrise.gif", photograph("GIF", 4, 5))
    sound = await upload("Voice note.wav", wav(12))
    other = await upload("seeds and dates of a very long spring.ods", b"PK\x03\x04" + bytes(40_000))
    async with world.chat("Yuki", ALLOTMENT) as yuki:
        await yuki.do("post", message="", files=pictures[:1], alts=["Green hills in the morning"])
        await yuki.do("post", message="Two more", files=pictures[1:])
        await yuki.do("post", message="It moves", files=[moving])
        await yuki.do("post", message="", files=[sound, other])


async def hang(route: Route) -> None:
    """Takes the bytes and does not answer."""
    if route.request.method != "PUT":
        await route.continue_()


async def cut(route: Route) -> None:
    await route.abort("connectionreset")


def picture() -> FilePayload:
    return {"name": "hills.jpg", "mimeType": "image/jpeg", "buffer": photograph("JPEG", 8)}


async def with_attachments(
    window: Window, state: str, broken: Callable[[Route], Awaitable[None]] | None = None
) -> Page:
    """Two files are chosen, and in this state of an upload."""
    page = await window.enter(ALLOTMENT)
    if broken:
        await page.route("**/files/**", broken)
    await page.set_input_files("#composer input[type=file]", [picture(), notes("a list of seeds.txt")])
    await page.locator(f".attachment .upload[data-state={state}]").nth(1).wait_for()
    return page


@state
async def files(window: Window) -> Page:
    page = await window.enter(ALLOTMENT)
    await page.locator(".picture img").first.wait_for()
    return page


@state
async def files_chosen(window: Window) -> Page:
    return await with_attachments(window, "stored")


@state
async def files_uploading(window: Window) -> Page:
    return await with_attachments(window, "sending", hang)


@state
async def files_cut(window: Window) -> Page:
    return await with_attachments(window, "waiting", cut)


@state
async def files_refused(window: Window) -> Page:
    async def refuse(route: Route) -> None:
        await route.fulfill(status=413, json={"code": "too_large", "text": "A file has at most 10 MB."})

    return await with_attachments(window, "failed", refuse)


@state
async def lightbox(window: Window) -> Page:
    page = await files(window)
    await page.locator(".picture").nth(1).click()
    await page.locator(".lightbox img").wait_for()
    return page


# --- The index and pages without a room ---


@state
async def index_empty(window: Window) -> Page:
    return await window.open("/chat/", "", window.world.empty_server())


@state
async def index(window: Window) -> Page:
    return await window.open("/chat/", "Yuki")


@state
async def index_typed(window: Window) -> Page:
    page = await window.open("/chat/", "Yuki")
    await page.fill("#room-name-input", "Sun")
    return page


@state
async def index_refused(window: Window) -> Page:
    page = await window.open("/chat/", "Yuki")
    await page.fill("#room-name-input", "a/b")
    await page.press("#room-name-input", "Enter")
    return page


def page_at(name: str, path: str, who: str = "Mateo", **options: Any) -> None:
    async def reach(window: Window) -> Page:
        return await window.open(path, who, **options)

    STATES[name] = reach


page_at("not_found", "/chat/a/b/")
page_at("no_message", f"/chat/{GARDEN}/999/")
page_at("banned", "/chat/banned/")
page_at("private", "/chat/private/", "")
page_at("password", "/chat/password/", "")
page_at("leave", f"/leave/?room={GARDEN}")
page_at("search_page", "/search/?q=water")
page_at("search_page_none", "/search/?q=xylophone")
page_at("manage", f"/manage/{GARDEN}/", "Amina")
page_at("manage_people", f"/manage/{GARDEN}/people/", "Amina")
page_at("manage_invites", f"/manage/{GARDEN}/invites/", "Amina")
page_at("manage_reports", f"/manage/{GARDEN}/reports/", "Amina")
page_at("manage_log", f"/manage/{GARDEN}/log/", "Amina")
page_at("sign_up", "/accounts/sign-up/", "")
page_at("log_in", "/accounts/log-in/", "")
page_at("password_reset", "/accounts/reset/", "")
page_at("no_script", f"/chat/{GARDEN}/", java_script_enabled=False)
page_at("no_script_message", f"/chat/{GARDEN}/7/", java_script_enabled=False)
page_at("no_script_write", f"/chat/{GARDEN}/?write", java_script_enabled=False)


@state
async def kicked(window: Window) -> Page:
    await window.world.moderate("kicked", "kick", "Mateo")
    return await window.open("/chat/kicked/")


@state
async def no_script_refused(window: Window) -> Page:
    page = await window.open("/chat/readonly/?write", java_script_enabled=False)
    await page.fill("textarea", "Water the tomatoes")
    await page.click("button[type=submit]")
    return page


@state
async def account(window: Window) -> Page:
    page = await window.open("/accounts/sign-up/", "")
    await page.fill("[name=username]", f"dora{len(window.world.people)}{id(page)}")
    for field in ("password1", "password2"):
        await page.fill(f"[name={field}]", "correct horse battery staple")
    await page.click("main button[type=submit]")
    await page.goto(f"{window.world.server.url}/accounts/")
    return page


# --- A room ---


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
