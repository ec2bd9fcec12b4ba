"""Pages run on a few threads with a database connection each; requests wait for one up to a limit."""

import asyncio
import contextlib
import gc
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chat.database.threads import DatabaseThreads
from chat.server import page_threads as page_threads_module
from chat.server.page_threads import OF_AN_ADDRESS_MAX, PAGE_THREADS, WAITING_MAX, PageHandler, page_threads

from ..harness.servers import Answer, ServerProcess, Site
from ..harness.static_files import static_url
from ..harness.visitors import Visitor
from ..harness.watchers import until

CONNECTIONS_MAX = 10
"""What docs/OPERATIONS.md says of a process: 4 for pages, 2 for reads, 4 more."""

PATHS = ("/chat/", "/chat/tea/", "/no-such-page/", "/accounts/log-in/", "/accounts/", "/manage/tea/")


def connections(server: ServerProcess) -> int:
    """How many the site's only process has to its database."""
    site = server.site
    if not site.is_sqlite:
        activity = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        own = " AND pid <> pg_backend_pid()"
        number: int = site.sql(activity + own)[0][0]
        return number
    files = f"/proc/{server.pid}/fd"
    opened = 0
    for descriptor in os.listdir(files):
        with contextlib.suppress(FileNotFoundError):
            opened += os.readlink(f"{files}/{descriptor}") == str(site.database_path)
    return opened


def keeps_few_connections(server: ServerProcess) -> None:
    """PostgreSQL may still count one that has just been closed."""
    deadline = time.monotonic() + 20
    while (counted := connections(server)) > CONNECTIONS_MAX:
        assert time.monotonic() < deadline, counted
        time.sleep(0.1)


def test_a_hundred_page_views_at_twenty_a_time_hold_no_more_connections_than_there_are_threads(
    any_site: Site,
) -> None:
    server = any_site.daphne()
    with ThreadPoolExecutor(20) as visitors:
        answers = list(visitors.map(server.get, PATHS * 17))
    assert {answer.status for answer in answers} <= {200, 302, 403, 404}
    keeps_few_connections(server)
    server.assert_no_traceback()


def test_an_export_uses_the_connections_of_pages(pg_site: Site) -> None:
    server = pg_site.daphne()
    visitor = Visitor(server)
    visitor.sign_up()
    for _ in range(PAGE_THREADS):
        assert visitor.get("/accounts/export/").status == 200
    keeps_few_connections(server)


def test_an_address_that_asks_for_too_many_pages_gets_429_with_a_time(make_site: Any) -> None:
    server = make_site(RATE_LIMITS="on", RATE_PAGES="3/1h", TRUSTED_PROXIES="1").daphne()

    def get(path: str, address: str = "192.0.2.1") -> Answer:
        answer: Answer = server.get(path, {"X-Forwarded-For": address})
        return answer

    assert [get(path).status for path in ("/chat/", "/chat/tea/", "/nowhere/")] == [200, 200, 404]
    refused = get("/chat/")
    assert refused.status == 429
    assert 1000 < int(refused.headers["Retry-After"]) <= 1201
    assert "default-src 'none'" in refused.headers["Content-Security-Policy"]
    assert get(static_url("chat/icons/site.svg")).status == 200
    assert get("/chat/", "192.0.2.2").status == 200
    server.assert_no_traceback()


# --- In this process: no page of these reads the database ---


async def ask(handler: PageHandler, path: str, address: str = "192.0.2.1") -> tuple[int, dict[bytes, bytes]]:
    """Status and headers of a GET whose client stays to the end."""
    came: list[dict[str, Any]] = []
    ended = asyncio.Event()
    incoming = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not incoming:
            await ended.wait()
        return incoming.pop() if incoming else {"type": "http.disconnect"}

    async def send(event: dict[str, Any]) -> None:
        came.append(event)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "client": [address, 1],
    }
    await asyncio.wait_for(handler(scope, receive, send), 120)
    return came[0]["status"], dict(came[0]["headers"])


@pytest.fixture
async def handler() -> PageHandler:
    return PageHandler()


@contextlib.asynccontextmanager
async def all_threads_held() -> AsyncIterator[Callable[[], None]]:
    """Every page thread waits until what this gives is called, or the block ends."""
    free = threading.Event()
    begun = threading.Semaphore(0)

    def hold() -> None:
        begun.release()
        free.wait(120)

    held = [asyncio.ensure_future(page_threads.run(hold)) for _ in range(PAGE_THREADS)]
    for _ in held:
        await asyncio.to_thread(begun.acquire)
    try:
        yield free.set
    finally:
        free.set()
        await asyncio.gather(*held)


async def test_requests_wait_for_a_thread_and_one_too_many_is_answered_503(
    handler: PageHandler,
) -> None:
    async with all_threads_held() as let_go:
        waiting = [
            asyncio.ensure_future(ask(handler, "/nowhere/")) for _ in range(PAGE_THREADS + WAITING_MAX)
        ]
        await until(lambda: handler.in_progress == len(waiting), 60)
        status, headers = await ask(handler, "/nowhere/")
        assert (status, headers[b"Retry-After"]) == (503, b"5")
        assert (await ask(handler, static_url("chat/icons/site.svg")))[0] == 200
        let_go()
        assert {status for status, _ in await asyncio.gather(*waiting)} == {404}
    assert handler.in_progress == 0


async def test_one_address_takes_at_most_half_of_the_places(settings: Any) -> None:
    settings.RATE_LIMITS = True
    handler = PageHandler()
    async with all_threads_held() as let_go:
        crowd = [asyncio.ensure_future(ask(handler, "/nowhere/")) for _ in range(OF_AN_ADDRESS_MAX)]
        await until(lambda: handler.in_progress == len(crowd), 60)
        assert (await ask(handler, "/nowhere/"))[0] == 503
        other = asyncio.ensure_future(ask(handler, "/nowhere/", "192.0.2.2"))
        await until(lambda: handler.in_progress == len(crowd) + 1, 60)
        let_go()
        assert {status for status, _ in await asyncio.gather(other, *crowd)} == {404}
    assert (await ask(handler, "/nowhere/"))[0] == 404


async def test_a_request_that_waited_too_long_for_a_thread_is_answered_503(
    handler: PageHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with all_threads_held() as let_go:
        late = asyncio.ensure_future(ask(handler, "/nowhere/"))
        await until(lambda: handler.in_progress == 1, 60)
        monkeypatch.setattr(page_threads_module, "WAIT_TIMEOUT", 0.0)
        let_go()
        status, headers = await late
    assert (status, headers[b"Retry-After"]) == (503, b"5")


async def test_a_job_that_nobody_waits_for_any_more_is_not_run() -> None:
    threads = DatabaseThreads(1, "test")
    free = threading.Event()
    ran: list[str] = []
    try:
        first = asyncio.ensure_future(threads.run(free.wait, 60))
        left = asyncio.ensure_future(threads.run(ran.append, "left"))
        stayed = asyncio.ensure_future(threads.run(ran.append, "stayed"))
        await asyncio.sleep(0)  # all three are asked for
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        free.set()
        await asyncio.gather(first, stayed)
    finally:
        free.set()
        threads.stop()
    assert ran == ["stayed"]


@pytest.mark.filterwarnings(
    "ignore:Unclosed file:ResourceWarning"
)  # Django leaves a cancelled body to collection
async def test_a_visitor_who_leaves_as_the_server_ends_leaves_no_error_in_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: errors.append(context))
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    messages.put_nowait({"type": "http.request", "body": b""})
    handler, asked = PageHandler(), asyncio.Event()

    async def never(_request: object) -> None:
        asked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(handler, "get_response_async", never)
    scope = {"type": "http", "method": "GET", "path": "/chat/", "headers": [], "query_string": b""}
    serving = asyncio.create_task(handler(scope, messages.get, None))
    await asyncio.wait_for(asked.wait(), 20)
    await asyncio.sleep(0)
    messages.put_nowait({"type": "http.disconnect"})
    await asyncio.sleep(0)
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    gc.collect()
    await asyncio.sleep(0)
    assert errors == []
