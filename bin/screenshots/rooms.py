"""The rooms that are there, and what was said in them."""

import io
from functools import partial
from typing import Any, Final

from PIL import Image, ImageDraw

from chat.tests.harness.media import wav

from .world import NAMES, World

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
}


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
