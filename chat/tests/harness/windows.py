"""Browser windows for tests: real, headless Chromium.

A test that uses these fixtures runs on the event loop that the browser lives on, one for all such tests.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    async_playwright,
    expect,
)

from .environment import skip_or_fail
from .services import find_browser

__all__ = ["OpenWindow", "Page", "expect"]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OpenWindow = Callable[..., Awaitable[Page]]
PATIENCE_MS = 20_000  # that a slow machine is given

expect.set_options(timeout=PATIENCE_MS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and "browser" in item.fixturenames:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    program = find_browser()
    if not program:
        skip_or_fail("Chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_window(browser: Browser) -> AsyncIterator[OpenWindow]:
    """`page = await open_window(url)`: a window of a new person, with cookies of their own.

    `beside=page` opens another tab of the same person. Further options are Playwright's for a context:
    `viewport`, `color_scheme`, `locale`, `has_touch` … The test fails if a window's script raised an error or
    broke the content security policy.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def listen(page: Page) -> None:
        def console(message: ConsoleMessage) -> None:
            if "Content Security Policy" in message.text:
                problems.append(message.text)

        page.on(
            "pageerror",
            lambda error: problems.append(f"{error.message}\n{error.stack or ''}"),
        )
        page.on("console", console)

    async def open_one(url: str | None = None, *, beside: Page | None = None, **options: Any) -> Page:
        if beside:
            context = beside.context
        else:
            context = await browser.new_context(**options)
            context.set_default_timeout(PATIENCE_MS)
            context.on("page", listen)
            contexts.append(context)
        page = await context.new_page()
        if url:
            await page.goto(url)
        return page

    yield open_one
    for context in contexts:
        await context.close()
    assert not problems, "errors in a window:\n" + "\n".join(problems)
