"""Take the pictures of docs/images from a running site: `.venv/bin/python bin/screenshots.py http://127.0.0.1:8000`.

To be run by hand, on a fresh database: the index shows the rooms that are there.
"""

import base64
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HEIGHT = 820
DESKTOP: ViewportSize = {"width": 1136, "height": HEIGHT}
PHONE: ViewportSize = {"width": 360, "height": HEIGHT}

ROOM = "Sunday picnic"
TALK = [
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
OTHER_ROOMS = {
    "日本語": [("Yuki", "こんにちは")],
    "Книжный клуб": [("Mateo", "Привет"), ("Yuki", "Hello"), ("Amina", "Hi")],
    "Café du coin": [("Amina", "Bonjour à tous"), ("Mateo", "Salut")],
}

PICTURE = """<!doctype html>
<style>
  body { margin: 0; width: 1600px; box-sizing: border-box; padding: 34px; display: flex; gap: 36px;
         background: #d7dcf2; }
  img { display: block; border-radius: 18px; box-shadow: 0 2px 4px #1b1e3a22, 0 18px 40px #1b1e3a33; }
</style>"""


class People:
    """Each with a window of their own, under a name of their own."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.site = site
        self.windows: dict[str, Page] = {}
        self.hues: set[str] = set()
        for name in ("Amina", "Yuki", "Mateo"):
            self.windows[name] = self.open(browser)
            self.windows[name].click(".name-button")
            self.windows[name].fill("#your-name", name)
            self.windows[name].keyboard.press("Enter")
            self.windows[name].locator("#you-here .name", has_text=name).wait_for()

    def open(self, browser: Browser) -> Page:
        """A new guest, of a colour that none of the others has."""
        while True:
            context = browser.new_context(viewport=DESKTOP, locale="en-GB", reduced_motion="reduce")
            page = context.new_page()
            page.goto(f"{self.site}/chat/{ROOM}/")
            page.locator("#room[data-connection=open]").wait_for()
            hue = page.locator("#you-here .avatar").get_attribute("style") or ""
            if hue not in self.hues:
                self.hues.add(hue)
                return page
            context.close()

    def enter(self, room: str) -> None:
        for page in self.windows.values():
            page.goto(f"{self.site}/chat/{room}/")
            page.locator("#room[data-connection=open]").wait_for()

    def talk(self, room: str, lines: list[tuple[str, str]]) -> None:
        self.enter(room)
        for name, text in lines:
            page = self.windows[name]
            page.fill("#chat-message-input", text)
            page.keyboard.press("Enter")
            page.locator(".waiting").wait_for(state="detached")
        for page in self.windows.values():
            page.locator(".entry[data-sequence]").nth(len(lines) - 1).wait_for()

    def photograph(self, name: str, scheme: str, size: ViewportSize) -> bytes:
        page = self.windows[name]
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.wait_for_timeout(500)
        return page.screenshot()


def beside(browser: Browser, *pictures: bytes) -> bytes:
    """One picture of several, side by side."""
    page = browser.new_page(viewport={"width": 1600, "height": HEIGHT + 68})
    images = (f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}">' for png in pictures)
    page.set_content(PICTURE + "".join(images))
    page.wait_for_timeout(300)
    return page.screenshot()


def main(site: str) -> None:
    program = next(filter(None, map(shutil.which, BROWSERS)))
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        people = People(browser, site.rstrip("/"))
        for room, lines in OTHER_ROOMS.items():
            people.talk(room, lines)
        people.talk(ROOM, TALK)
        light = people.photograph("Mateo", "light", DESKTOP)
        dark = people.photograph("Amina", "dark", PHONE)
        (IMAGES / "room.png").write_bytes(beside(browser, light, dark))
        people.windows["Yuki"].goto(f"{people.site}/chat/")
        (IMAGES / "index.png").write_bytes(people.photograph("Yuki", "light", DESKTOP))
        browser.close()
    for picture in sorted(IMAGES.glob("*.png")):
        print(f"{picture.relative_to(IMAGES.parent.parent)}: {picture.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(sys.argv[1])
