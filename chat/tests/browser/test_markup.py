"""Markup in a real browser: what one sees, presses and copies, and that nothing a stranger writes runs."""

from ..harness.menus import owns
from ..harness.pages import enter, is_connected, say, settled
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, expect
from .conftest import OpenSocket

CODE = "def double(x):\n    return 2 * x  # *not* markup"

HOSTILE = [
    "<img src=x onerror=document.title='run'>",
    "[a](javascript:document.title='run') [b](JaVa\u200bScript:x) [c](data:text/html,<script>1</script>)",
    '[a](https://x.org/"onmouseover="document.title=1) [b](https://x.org/?<svg/onload=1>)',
    "```\"><script>document.title='run'</script>\n</code></pre><script>document.title='run'</script>\n```",
    "||<script>document.title='run'</script>||",
    "|<svg onload=1>|\n|-|\n|<iframe src=javascript:1>|",
    "# <a id=room name=chat-log href=/x>x</a>",
    "> <form action=//evil.org><input name=textContent></form>",
    "`</code><base href=//evil.org>`",
    "<math><mtext><table><mglyph><style><img src=x onerror=1>",
    "\u202e[moc.knab](https://evil.org)\u202c",
]


async def test_code_is_coloured_and_copied_and_a_spoiler_opens_by_keyboard(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    page = await enter(open_window, lobby, room)
    await say(page, f"**Look**: ||it *ends*||\n```python\n{CODE}\n```\n```nonsense\nx = 1\n```")
    await owns(page)
    body = page.locator(".body")
    await expect(body.locator("strong")).to_have_text("Look")
    await expect(body.locator(".code-keyword")).to_have_text(["def", "return"])
    await expect(body.locator("pre").nth(1).locator("span")).to_have_count(0)

    await page.evaluate(
        "() => { window.copied = ''; navigator.clipboard.writeText = async (t) => { copied = t; } }"
    )
    await body.get_by_role("button", name="Copy").first.click()
    await expect(body.get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("() => copied") == CODE

    await expect(body).not_to_contain_text("it ends")
    await body.get_by_role("button", name="Spoiler").focus()
    await page.keyboard.press("Enter")
    await expect(body.locator(".spoiler em")).to_have_text("ends")


async def test_on_a_phone_the_button_that_copies_covers_no_code(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    bob = await open_socket(lobby, room, "Bob")
    await bob.post("```\nint\n```")
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    page = await enter(open_window, lobby, room, **phone)
    code, copying = page.locator(".body pre"), page.locator(".copy-code")
    await expect(copying).to_be_visible()
    above, below = await code.bounding_box(), await copying.bounding_box()
    assert above
    assert below
    assert above["y"] + above["height"] <= below["y"]


async def test_a_quote_shows_words_without_markup_and_no_spoiler(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    bob = await open_socket(lobby, room, "Bob")
    sequence = (await bob.post("**it was** ||the butler||"))["sequence"]
    await bob.post("no!", reply_to=sequence)
    page = await enter(open_window, lobby, room)
    await expect(page.locator(".quote .excerpt")).to_have_text("it was ▒▒▒")


async def test_an_opened_spoiler_stays_open_and_without_a_script_one_opens_it_by_pointing(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    bob = await open_socket(lobby, room, "Bob")
    sequence = (await bob.post("||*the butler*||\n\n7. seven"))["sequence"]
    page = await enter(open_window, lobby, room)
    await page.get_by_role("button", name="Spoiler").click()
    await bob.do("react", sequence=sequence, emoji="👍")
    await expect(page.locator(".reactions button")).to_be_visible()
    await expect(page.locator(".spoiler em")).to_have_text("the butler")

    page = await open_window(f"{lobby.room_url(room)}{sequence}/", java_script_enabled=False)
    hidden = page.locator(".history .spoiler em")
    await expect(hidden).to_have_css("color", "rgba(0, 0, 0, 0)")
    await expect(page.locator(".history .body ol")).to_have_css("list-style-type", "decimal")
    await hidden.hover()
    await expect(hidden).not_to_have_css("color", "rgba(0, 0, 0, 0)")


async def test_an_address_is_read_in_its_own_direction(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    eve = await open_socket(lobby, room, "Eve")
    await eve.post("\u202ehttps://evil.org/moc.knab")
    page = await enter(open_window, lobby, room)
    link = page.locator(".body a")
    await expect(link).to_be_visible()
    first, last = await link.evaluate(
        """({ firstChild: text }) => [0, text.length - 1].map((place) => {
            const range = document.createRange();
            range.setStart(text, place);
            range.setEnd(text, place + 1);
            return range.getBoundingClientRect().left;
        })"""
    )
    assert first < last


async def test_nothing_that_a_stranger_writes_runs_or_becomes_a_part_of_the_page(
    lobby: Daphne, open_window: OpenWindow, open_socket: OpenSocket, room: str
) -> None:
    eve = await open_socket(lobby, room, "Eve")
    page = await enter(open_window, lobby, room)
    title = await page.title()
    for text in HOSTILE:
        await eve.post(text)
    await settled(page, len(HOSTILE))
    await page.reload()
    await is_connected(page)
    await settled(page, len(HOSTILE))
    assert await page.title() == title
    found = page.locator(
        ".body :is(script, img, svg, iframe, form, input, base, style, math, [id], [name], [style])"
    )
    await expect(found).to_have_count(0)
    for link in await page.locator(".body a").all():
        assert (await link.get_attribute("href") or "").startswith("https://")
        assert await link.get_attribute("rel") == "nofollow noopener"
        assert await link.get_attribute("target") == "_blank"
