"""Browser windows for tests: real, headless Chromium.

A test that uses these fixtures runs on the event loop that the browser lives on, one for all such tests.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Frame,
    Page,
    Playwright,
    async_playwright,
    expect,
)

from .environment import skip_or_fail
from .servers import Daphne
from .services import find_browser

__all__ = ["PHONE", "OpenWindow", "Page", "expect"]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",
    "--renderer-process-limit=1",  # a context's pages share one, an empty page too
]
MEDIA = {"color_scheme", "reduced_motion", "forced_colors"}
OF_A_PAGE = {"viewport", *MEDIA}  # what a page can be given after its context was made
PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
}
"""Options of `open_window`."""

OpenWindow = Callable[..., Awaitable[Page]]
PATIENCE_MS = 20_000  # that a slow machine is given

expect.set_options(timeout=PATIENCE_MS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and "playwright" in item.fixturenames:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as playwright:
        yield playwright


async def launch(playwright: Playwright, *, whole: bool = False, **options: Any) -> Browser:
    if not (program := find_browser(whole=whole)):
        skip_or_fail("Chromium is not installed")
    return await playwright.chromium.launch(executable_path=program, args=ARGUMENTS, **options)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    browser = await launch(playwright)
    yield browser
    await browser.close()


async def add_cookies(context: BrowserContext, url: str, cookies: Mapping[str, str]) -> None:
    """For the whole site of the address."""
    site = urljoin(url, "/")
    await context.add_cookies(
        [{"name": name, "value": value, "url": site} for name, value in cookies.items()]
    )


class Profiles:
    """Browser contexts that tests use in turn, each for one person at a time.

    A context that is given back loses its pages, cookies, storage and permissions. It keeps the cached files
    of the site, and one page without scripts, which keeps its renderer process: that halves what a window
    costs.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address  # of a page without scripts
        self._free: list[BrowserContext] = []
        self._kept: dict[BrowserContext, Page] = {}

    async def take(self) -> BrowserContext:
        if self._free:
            return self._free.pop()
        context = await self.browser.new_context()
        self._kept[context] = page = await context.new_page()
        await page.goto(self.address)
        return context

    async def give_back(self, context: BrowserContext, origins: set[str]) -> None:
        """`origins` are those whose pages it has shown."""
        try:
            await self._clear(context, origins)
        except Error:  # a test that failed may have left it in any state
            await context.close()
        else:
            self._free.append(context)

    async def _clear(self, context: BrowserContext, origins: set[str]) -> None:
        kept = self._kept[context]
        for page in context.pages:
            if page is not kept:
                await page.close()
        await context.unroute_all(behavior="ignoreErrors")
        await context.set_offline(False)
        await context.clear_permissions()
        await context.clear_cookies()
        browser = await context.new_cdp_session(kept)
        for origin in origins:
            await browser.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        await browser.detach()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def profiles(browser: Browser, lobby: Daphne) -> Profiles:
    return Profiles(browser, f"{lobby.url}/nowhere")


class Windows:
    """Those of one test. `problems` is what went wrong in their scripts."""

    def __init__(self, browser: Browser, profiles: Profiles) -> None:
        self.browser = browser
        self.profiles = profiles
        self.problems: list[str] = []
        self.origins: set[str] = set()
        self._taken: list[BrowserContext] = []
        self._own: list[BrowserContext] = []

    async def open(
        self,
        url: str | None = None,
        *,
        beside: Page | None = None,
        cookies: Mapping[str, str] | None = None,
        first_visit: bool = False,
        **options: Any,
    ) -> Page:
        context = beside.context if beside else await self._context(first_visit, options)
        if cookies:
            assert url, "cookies are of an address"
            await add_cookies(context, url, cookies)
        page = await context.new_page()
        if context in self._taken:
            await adapt(page, options)
        if url:
            await page.goto(url)
        return page

    async def _context(self, first_visit: bool, options: dict[str, Any]) -> BrowserContext:
        if first_visit or options.keys() - OF_A_PAGE:
            self._own.append(context := await self.browser.new_context(**options))
        else:
            self._taken.append(context := await self.profiles.take())
        context.set_default_timeout(PATIENCE_MS)
        context.on("page", self._listen)
        return context

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.problems.append(f"{error.message}\n{error.stack or ''}"))
        page.on("console", self._read)
        page.on("framenavigated", self._note)

    def _note(self, frame: Frame) -> None:
        scheme, host, *_ = urlsplit(frame.url)
        if host:
            self.origins.add(f"{scheme}://{host}")

    def _read(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.problems.append(message.text)

    async def close(self) -> None:
        for context in self._own:
            await context.close()
        for context in self._taken:
            context.remove_listener("page", self._listen)
            await self.profiles.give_back(context, self.origins)


async def adapt(page: Page, options: dict[str, Any]) -> None:
    if viewport := options.get("viewport"):
        await page.set_viewport_size(viewport)
    if media := {key: options[key] for key in MEDIA & options.keys()}:
        await page.emulate_media(**media)


@pytest_asyncio.fixture(loop_scope="session")
async def open_window(browser: Browser, profiles: Profiles) -> AsyncIterator[OpenWindow]:
    """`page = await open_window(url)`: a window of a new person, with cookies of their own.

    `beside=page` opens another tab of the same person, `cookies` says who it is. Further options are
    Playwright's for a context: `viewport`, `color_scheme`, `locale`, `has_touch` … `first_visit=True` is a
    browser that has no file of the site yet. The test fails if a window's script raised an error or broke the
    content security policy.
    """
    windows = Windows(browser, profiles)
    yield windows.open
    await windows.close()
    assert not windows.problems, "errors in a window:\n" + "\n".join(windows.problems)
