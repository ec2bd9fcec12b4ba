"""How soon somebody who opens a room for the first time reads something."""

from ..harness.pages import FIRST_PAGE, say_all
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow
from .measuring import assert_at_most

SLOW_LINK = {"offline": False, "latency": 100, "downloadThroughput": -1, "uploadThroughput": -1}
"""100 ms more for each request."""
FIRST_SIGHT = 0.6  # seconds from the page's first byte

WATCH = """
new MutationObserver((_, observer) => {
  if (!document.querySelector(".entry")) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.firstSeen = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""
"""When the first message is on the screen: in the task after the frame that shows it."""
SECONDS = """() => {
  const [{ responseStart }] = performance.getEntriesByType("navigation");
  return (window.firstSeen - responseStart) / 1000;
}"""


async def test_the_first_message_is_on_the_screen_soon_after_the_first_byte_on_a_slow_link(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await say_all(lobby, room, FIRST_PAGE)

    async def seconds() -> float:
        page = await open_window(first_visit=True)
        network = await page.context.new_cdp_session(page)
        await network.send("Network.enable")
        await network.send("Network.emulateNetworkConditions", SLOW_LINK)
        await page.add_init_script(WATCH)
        await page.goto(lobby.room_url(room))
        await page.wait_for_function("() => window.firstSeen")
        took = await page.evaluate(SECONDS)
        await page.close()
        return float(took)

    await assert_at_most(FIRST_SIGHT, seconds, "seconds from the first byte to the first message")
