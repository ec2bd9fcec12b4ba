"""The database is locked, restarted, frozen or full: sockets stay, nothing is acked that is not stored."""

import asyncio
import contextlib
import resource
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from ..harness.clients import ChatClient, PlainClient
from ..harness.servers import Answer, Daphne, PostgresServer, ServerProcess, Site
from ..harness.talk import Talk, all_heard, never_left
from ..harness.wires import Wire

FULL = "disk-is-full"  # see full_disk_settings

Limit = Callable[[ServerProcess, Path], contextlib.AbstractAsyncContextManager[None]]


def heard_about(wire: Wire, client_id: str) -> list[str]:
    """How a write was answered so far: acks and error codes."""
    return [
        str(frame.get("code", frame["type"])) for frame in wire.frames if frame.get("client_id") == client_id
    ]


def assert_says_why(answer: Answer) -> None:
    assert answer.status == 503
    assert "Retry-After" in answer.headers
    assert "database" in answer.text


def assert_quiet(server: ServerProcess) -> None:
    server.assert_no_traceback()
    assert server.log().count("WARNING chat") < 60, server.log()


@pytest.fixture
def away_site(make_site: "object", own_postgres: PostgresServer) -> Site:
    """A site on a PostgreSQL that the test may stop and freeze."""
    made: Site = make_site(own_postgres)  # type: ignore[operator]
    return made


@pytest.mark.waits
async def test_sqlite_locked_for_longer_than_senders_wait(site: Site, room: str) -> None:
    server = site.daphne()
    async with Wire(server.ws_url(room)) as alice, PlainClient(server.ws_url(room)) as bob:
        await alice.answer_to(await alice.post("before"))
        with site.locked():
            locked_at = time.monotonic()
            client_id = await alice.post("while locked")
            await bob.say("bob, while locked")
            async with ChatClient(server.ws_url(room)) as charlie:
                assert charlie.texts == ["before"]
            assert server.get(server.room_url(room)).status == 200
            await alice.answer_to(client_id)
            assert heard_about(alice, client_id) == ["unavailable"]
            await bob.wait_until(lambda bob: [e["error"] for e in bob.errors] == ["unavailable"])
            assert time.monotonic() - locked_at > 9
            again = await alice.post("while locked, again")
            await alice.post("while locked", client_id)
        await alice.wait_until(lambda alice: {f["client_id"] for f in alice.of("ack")} >= {client_id, again})
        # Bob's outcome is unknown, as he was told: his message was stored once, or never.
        texts = site.texts(room)
        if "bob, while locked" in texts:
            texts.remove("bob, while locked")
        # What was begun while it was locked may be committed when it is free, before what came later.
        assert texts[0] == "before"
        assert sorted(texts[1:]) == ["while locked", "while locked, again"]
        await bob.wait_until(lambda bob: bob.texts == site.texts(room))
        assert never_left(bob)
        assert never_left(alice)
    assert_quiet(server)


@pytest.mark.waits
async def test_a_short_lock_is_a_late_ack(any_lobby: Daphne, room: str) -> None:
    server = any_lobby
    async with ChatClient(server.ws_url(room)) as alice, PlainClient(server.ws_url(room)) as bob:
        await alice.post("before")
        with server.site.locked():
            late = alice.post_nowait("while locked")
            await asyncio.sleep(3)
            assert not late.done()
        assert (await late)["sequence"] == 2
        await bob.wait_until(lambda bob: bob.texts == ["before", "while locked"])
        assert never_left(alice, bob)
        assert not alice.errors
    assert_quiet(server)


async def test_postgres_restarted_in_mid_chat_costs_nobody_anything(
    away_site: Site, own_postgres: PostgresServer, room: str
) -> None:
    server = away_site.daphne()
    async with (
        ChatClient(server.ws_url(room)) as alice,
        ChatClient(server.ws_url(room)) as bob,
        PlainClient(server.ws_url(room)) as charlie,
    ):
        talk = Talk(alice, bob)
        async with talk.going_on():
            for _ in range(3):
                await talk.more(40)
                await asyncio.to_thread(own_postgres.restart)
            await talk.more(40)
        await all_heard(away_site, room, talk, (alice, bob, charlie))
        assert never_left(alice, bob, charlie)
    assert_quiet(server)


@pytest.mark.waits
async def test_while_postgres_is_away_pages_say_why_and_sockets_connect_and_stay(
    away_site: Site, own_postgres: PostgresServer, room: str
) -> None:
    server = away_site.daphne()
    async with ChatClient(server.ws_url(room)) as alice, PlainClient(server.ws_url("other")) as bob:
        await alice.post("before")
        await asyncio.to_thread(own_postgres.terminate)
        late = alice.post_nowait("while away")
        for path in ("/chat/", f"/chat/{room}/"):
            assert_says_why(await asyncio.to_thread(server.get, path))
        charlie = ChatClient(server.ws_url("entered meanwhile"))
        entering = asyncio.create_task(charlie.open())
        who_is_looked_up = {"sessionid": "x" * 32}
        async with Wire(server.ws_url(room), cookies=who_is_looked_up) as dora:
            assert await dora.wait_closed() == 4012
        await asyncio.sleep(4)
        await bob.send_raw("nonsense")
        await bob.wait_until(lambda bob: bob.errors)
        await asyncio.to_thread(own_postgres.start)
        assert (await late)["sequence"] == 2
        await entering
        await charlie.post("hello")
        await charlie.close()
        async with ChatClient(server.ws_url(room), cookies=who_is_looked_up) as dora_again:
            await dora_again.wait_until(lambda dora: dora.texts == ["before", "while away"])
        assert server.get(f"/chat/{room}/").status == 200
        assert never_left(alice, bob)
    assert away_site.texts(room) == ["before", "while away"]
    assert_quiet(server)


@pytest.mark.waits
async def test_frozen_postgres_stops_neither_the_loop_nor_loses_a_message(
    away_site: Site, own_postgres: PostgresServer, room: str
) -> None:
    server = away_site.daphne()
    async with Wire(server.ws_url(room)) as alice, PlainClient(server.ws_url(room)) as bob:
        await alice.answer_to(await alice.post("before"))
        own_postgres.pause()
        client_id = await alice.post("while frozen")
        page = asyncio.create_task(asyncio.to_thread(server.get, f"/chat/{room}/"))
        for _ in range(20):
            errors = len(bob.errors)
            await bob.send_raw("nonsense")
            await bob.wait_until(lambda bob: len(bob.errors) > errors)  # noqa: B023
        await alice.answer_to(client_id)
        assert heard_about(alice, client_id) == ["unavailable"]
        await asyncio.wait([page], timeout=60)
        answered = page.done()
        own_postgres.resume()
        await page
        await alice.post("while frozen", client_id)
        await alice.wait_until(lambda alice: "ack" in heard_about(alice, client_id))
        await bob.wait_until(lambda bob: "while frozen" in bob.texts)
        assert away_site.texts(room) == ["before", "while frozen"]
        assert bob.texts == ["before", "while frozen"]
        assert never_left(alice, bob)
        assert answered, "a page waited for a frozen database for more than a minute"
        assert_says_why(page.result())
    assert_quiet(server)


# --- A disk without room ---


@contextlib.asynccontextmanager
async def files_that_do_not_grow(server: ServerProcess, database: Path) -> AsyncIterator[None]:
    """No file of the server may grow: close to what a full disk is, and no privilege is needed for it."""
    wal = database.with_name(f"{database.name}-wal")
    size = max(wal.stat().st_size, server.log_path.stat().st_size + 4_096)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextlib.asynccontextmanager
async def full_disk(server: ServerProcess, database: Path) -> AsyncIterator[None]:
    """SQLite itself says that the disk is full, whenever the database would have to grow."""
    switch = server.directory / FULL
    switch.touch()
    try:
        yield
    finally:
        switch.unlink()


@pytest.mark.waits
@pytest.mark.parametrize("limit", [files_that_do_not_grow, full_disk])
async def test_a_full_disk_is_an_error_and_never_an_ack(site: Site, room: str, limit: Limit) -> None:
    server = site.daphne(DJANGO_SETTINGS_MODULE="chat.tests.harness.full_disk_settings")
    async with Wire(server.ws_url(room)) as alice, PlainClient(server.ws_url(room)) as bob:
        await alice.answer_to(await alice.post("before"))
        async with limit(server, site.database_path):
            lost = []
            for n in range(20):
                lost.append(await alice.post(f"{n} {'x' * 3_900}"))
                await alice.answer_to(lost[-1])
                if "unavailable" in heard_about(alice, lost[-1]):
                    break
            assert "unavailable" in heard_about(alice, lost[-1])
            acked = {frame["client_id"] for frame in alice.of("ack")}
            stored = site.sql("SELECT count(*) FROM chat_message")[0][0]
            assert stored >= len(acked)
            assert never_left(alice)
        for n, client_id in enumerate(lost):
            await alice.post(f"{n} {'x' * 3_900}", client_id)
        await alice.wait_until(lambda alice: {f["client_id"] for f in alice.of("ack")} >= set(lost))
        texts = site.texts(room)
        assert texts == ["before", *(f"{n} {'x' * 3_900}" for n in range(len(lost)))]
        await bob.wait_until(lambda bob: bob.texts == texts)
        assert never_left(alice, bob)
    assert_quiet(server)


# --- Work that takes longer than people may wait ---

SLOW_MIGRATION = """
from importlib import import_module
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations import RunSQL
from chat.database.postgresql import base

connection.settings_dict["OPTIONS"]["options"] = "-c statement_timeout=1000"
base.LIMIT = 2.0
slow = "SELECT pg_sleep(5)"
try:
    connection.cursor().execute(slow)
except OperationalError as error:
    print("people's work is given up:", error)
migration = import_module("django.contrib.sessions.migrations.0001_initial").Migration
migration.operations.append(RunSQL(slow, slow))
call_command("migrate", "sessions", "zero", verbosity=0)
call_command("migrate", "sessions", verbosity=0)
print("migrated")
"""


@pytest.mark.waits
def test_a_migration_may_take_longer_than_people_s_work(pg_site: Site) -> None:
    given_up, migrated = pg_site.shell(SLOW_MIGRATION).strip().splitlines()
    assert "statement timeout" in given_up
    assert migrated == "migrated"
