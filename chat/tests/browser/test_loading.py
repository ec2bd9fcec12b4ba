"""How a page comes to the browser: what it asks for, and what the Back button brings back."""

from ..harness.pages import FIRST_PAGE, enter, is_connected, say, say_all, settled
from ..harness.people import Person
from ..harness.servers import Daphne, Site
from ..harness.windows import OpenWindow, add_cookies, expect

REQUESTS_MAX = 10
WIRE_MAX = 76_500  # bytes, with the headers of the responses; of a page the length varies a little


async def test_a_first_visit_to_a_room_asks_for_little(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    await say_all(lobby, room, FIRST_PAGE)
    page = await open_window(first_visit=True)
    network = await page.context.new_cdp_session(page)
    asked: dict[str, str] = {}
    wire: dict[str, int] = {}
    network.on(
        "Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]})
    )
    network.on(
        "Network.loadingFinished",
        lambda event: wire.update({event["requestId"]: event["encodedDataLength"]}),
    )
    await network.send("Network.enable")
    await page.goto(lobby.room_url(room))
    await is_connected(page)
    await settled(page, 50)
    await page.wait_for_load_state("networkidle")
    assert len(asked) <= REQUESTS_MAX, asked
    later = {request for request, url in asked.items() if "/pages/rooms." in url}  # once one can send
    assert sum(size for request, size in wire.items() if request not in later) <= WIRE_MAX


async def test_in_development_the_browser_loads_each_module_as_it_is(
    site: Site, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, site.daphne(DEBUG="on"), room)
    await say(page, "hello")
    await settled(page, 1)
    scripts = "() => performance.getEntriesByType('resource').filter(({name}) => name.endsWith('.js')).length"
    assert await page.evaluate(scripts) > 30


NO_SOCKETS = "() => { window.WebSocket = class extends EventTarget { close() {} }; }"


async def test_the_newest_messages_are_shown_before_there_is_a_socket(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    alice, bob = Person(lobby), Person(lobby)
    async with alice.chat(room) as hers, bob.chat(room) as his:
        await hers.post("from alice </script>")
        await his.post("from bob")
        await hers.do("block", id=his.you["id"])
    page = await open_window()
    await add_cookies(page.context, lobby.url, alice.cookies)
    await page.add_init_script(f"({NO_SOCKETS})()")
    await page.goto(lobby.room_url(room))
    await expect(page.locator(".entry[data-sequence='1'] .body")).to_have_text("from alice </script>")
    await expect(page.locator(".entry[data-sequence='2']")).to_be_visible()
    await expect(page.get_by_text("from bob")).to_have_count(0)
