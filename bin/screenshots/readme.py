"""The pictures of docs/images."""

import base64
from typing import Final

from playwright.async_api import Browser

from chat.tests.harness.environment import ROOT

from .states import STATES
from .world import World

IMAGES: Final = ROOT / "docs" / "images"
HEIGHT: Final = 820
DESK, PHONE = 1136, 360
TABLE: Final = {
    "room": [("picnic", DESK, "light"), ("picnic", PHONE, "dark")],
    "index": [("index", DESK, "light")],
    "people": [("people", DESK, "light")],
    "search": [("search", DESK, "light"), ("search", PHONE, "dark")],
    "files": [("files", DESK, "light"), ("files", PHONE, "dark")],
}
"""By the name of the picture: state, width and scheme of what stands side by side in it."""

FRAME: Final = """<!doctype html>
<style>
  body { margin: 0; width: 1600px; box-sizing: border-box; padding: 34px; display: flex; gap: 36px;
         background: #d7dcf2; }
  img { display: block; border-radius: 18px; box-shadow: 0 2px 4px #1b1e3a22, 0 18px 40px #1b1e3a33; }
</style>"""


async def take_readme(world: World, wanted: list[str]) -> None:
    """Those that show one of these states; all where none is named."""
    for name, parts in TABLE.items():
        if wanted and not any(state in wanted for state, _width, _scheme in parts):
            continue
        pictures = []
        for state, width, scheme in parts:
            window = world.window(is_phone=width == PHONE)
            page = await STATES[state](window)
            pictures.append(await window.picture(page, width, HEIGHT, scheme))
            await window.close()
        picture = await _beside(world.browser, pictures) if len(pictures) > 1 else pictures[0]
        (IMAGES / f"{name}.png").write_bytes(picture)
        print(f"docs/images/{name}.png: {len(picture) // 1000} kB", flush=True)


async def _beside(browser: Browser, pictures: list[bytes]) -> bytes:
    page = await browser.new_page(viewport={"width": 1600, "height": HEIGHT + 68})
    images = (f'<img src="data:image/png;base64,{base64.b64encode(one).decode()}">' for one in pictures)
    await page.set_content(FRAME + "".join(images))
    await page.wait_for_function("() => [...document.images].every((image) => image.complete)")
    picture = await page.screenshot()
    await page.close()
    return picture
