"""What a busy room costs the browser: the renderer's processor time and its frames, after a long scroll."""

import asyncio
import itertools
from typing import Any, Final

from playwright.async_api import Browser, Error, Page, async_playwright

from chat.tests.harness.servers import Site
from chat.tests.harness.services import find_browser
from chat.tests.harness.windows import ARGUMENTS

from ..contenders import LobbyDaphne, lobby
from ..dialects import ChatV1
from ..ground import Ground
from ..history import LONG_ROOM
from ..load import Crowd, percentile
from ..measurement import Measurement, noise_of
from ..processor import Stopwatch

SCROLLED: Final = 5_000  # messages
RATE: Final = 50.0  # messages a second
SENDERS: Final = 10
WARM_UP: Final = 2.0  # seconds
LIMIT: Final = 120.0  # seconds that all of it may take beside the measurement
SCROLL: Final = """async count => {
    const log = document.querySelector("#chat-log");
    const first = () => Number(log.querySelector("[data-sequence]").dataset.sequence);
    const end = first() - count;
    while (first() > end) {
        log.scrollTop -= 1000;
        await new Promise(requestAnimationFrame);
    }
}"""
NOTE_FRAMES: Final = """() => {
    window.framesAt = [];
    const note = (at) => { framesAt.push(at); requestAnimationFrame(note); };
    requestAnimationFrame(note);
}"""
LAST: Final = "Number([...document.querySelectorAll('.entry[data-sequence]')].at(-1).dataset.sequence)"


async def renderer(ground: Ground, site: Site, name: str, seconds: float) -> Measurement:
    """One window stands at the end of the long room, and people talk there."""
    if not (program := find_browser(whole=True)):
        raise FileNotFoundError("Chromium is not installed")
    async with asyncio.timeout(LIMIT + seconds), async_playwright() as playwright:
        with lobby(LobbyDaphne, site).start() as server:
            browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            talk = await Crowd.open(ChatV1(), [server.port], [LONG_ROOM] * SENDERS)
            try:
                page = await _scrolled(browser, server.room_url(LONG_ROOM))
                return await _measured(browser, page, talk, server.pid, ground.services(), name, seconds)
            except Error as error:
                raise OSError(error.message) from error
            finally:
                await talk.close()
                await browser.close()


async def _scrolled(browser: Browser, url: str) -> Page:
    page = await browser.new_page()
    await page.goto(url)
    await page.wait_for_selector("#room[data-connection=open]")
    await page.evaluate(SCROLL, SCROLLED)
    await page.click("#newest")
    await page.wait_for_function("() => document.querySelector('#newest').hidden")
    return page


async def _measured(
    browser: Browser, page: Page, talk: Crowd, server: int, services: list[int], name: str, seconds: float
) -> Measurement:
    newest: int = await page.evaluate(LAST)
    await talk.say(range(SENDERS), RATE, WARM_UP)
    await page.evaluate(NOTE_FRAMES)
    before = await _processes(browser)
    itself = [pid for pid, (kind, _) in before.items() if kind == "browser"]
    watch = Stopwatch([server], [*services, *itself]).start()
    await talk.say(range(SENDERS), RATE, seconds)
    watch.stop()
    after = await _processes(browser)
    used = sum(
        total - before.get(pid, ("", 0.0))[1] for pid, (kind, total) in after.items() if kind == "renderer"
    )
    figures = await _page_figures(page, newest + talk.sent[LONG_ROOM])
    share = round(used / watch.elapsed, 3)
    return Measurement(name, "daphne", {"share": share, **figures, **noise_of(watch)})


async def _page_figures(page: Page, newest: int) -> dict[str, float]:
    await page.wait_for_function(f"newest => {LAST} === newest", arg=newest)
    frames: list[float] = await page.evaluate("() => framesAt")
    took = sorted(round((after - before) * 1000) for before, after in itertools.pairwise(frames))
    return {
        "entries": await page.locator(".entry").count(),
        "frames_per_second": round(1e6 * len(took) / sum(took), 1),
        "frame_p95_ms": round(percentile(took, 0.95) / 1000, 1),
        "frame_max_ms": round(took[-1] / 1000, 1),
    }


async def _processes(browser: Browser) -> dict[int, tuple[str, float]]:
    """Kind and processor time in seconds of each of the browser's processes, by process id."""
    session = await browser.new_browser_cdp_session()
    found: dict[str, Any] = await session.send("SystemInfo.getProcessInfo")
    await session.detach()
    return {each["id"]: (each["type"], each["cpuTime"]) for each in found["processInfo"]}
