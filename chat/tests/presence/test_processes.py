"""Who is here, through several processes: leases, not counters. The people of a killed process expire."""

import asyncio
from typing import Any

import pytest

from chat.models.presence import LEASE
from chat.presence import lease, peers

from ..conftest import Pair
from ..harness.clients import ChatClient
from ..harness.servers import RedisServer, Site
from ..harness.watchers import Watcher, guest, until
from .test_tracker import LINGER

LONG_AGO = "2020-01-01 00:00:00+00:00"
OFTEN = "chat.presence.peers.READ_INTERVAL=1"
"""CONSTANTS of processes that look at the leases more often than every 5 s."""


def lease_runs_out(site: Site, person: Watcher) -> None:
    """As if 45 s had passed in which the person's process was silent."""
    its = "SELECT process_id FROM chat_connection WHERE participant_key = %s"
    statement = f"UPDATE chat_process SET renewed_at = %s WHERE id IN ({its})"
    site.sql(statement, LONG_AGO, person.you["id"])


@pytest.mark.waits
async def test_people_of_all_processes_are_here_once_under_the_name_they_have(
    hinted_pair: Pair, room: str
) -> None:
    one, other = hinted_pair
    cookie = guest(one)
    elsewhere = f"{room} next door"
    async with (
        Watcher(one.ws_url(room)) as alice,
        Watcher(other.ws_url(room)) as bob,
        Watcher(one.ws_url(elsewhere)) as neighbour,
    ):
        for watcher in (alice, bob):
            await watcher.sees(alice, bob)
        async with (
            Watcher(one.ws_url(room), cookies=cookie) as charlie,
            Watcher(other.ws_url(room), cookies=cookie) as tab,
            Watcher(other.ws_url(elsewhere), cookies=cookie),
        ):
            for watcher in (alice, bob, charlie, tab):
                await watcher.sees(alice, bob, charlie)
            await charlie.call_oneself("Charlotte")
            for watcher in (alice, bob, tab):
                await watcher.wait_until(lambda watcher: "Charlotte" in watcher.names)
            # In a room where charlotte is through another process only.
            await neighbour.wait_until(lambda neighbour: "Charlotte" in neighbour.names)
            await charlie.close()
            await asyncio.sleep(LINGER + 1.5)
            for watcher in (alice, bob):
                await watcher.sees(alice, bob, charlie)
        for watcher in (alice, bob):
            await watcher.sees(alice, bob)
    in_room = "SELECT count(*) FROM chat_connection WHERE room_key IN (%s, %s)"
    await until(lambda: one.site.sql(in_room, room, elsewhere) == [(0,)])
    for server in (one, other):
        server.assert_no_traceback()


@pytest.mark.waits
async def test_the_people_of_a_killed_process_are_gone_when_its_lease_expires(
    any_site: Site, room: str
) -> None:
    one, victim = any_site.daphnes(2, CONSTANTS=OFTEN)
    async with Watcher(one.ws_url(room)) as alice, ChatClient(victim.ws_url(room)) as writer:
        await writer.post("I am kept")
        async with Watcher(victim.ws_url(room)) as bob:
            await alice.wait_until(lambda alice: alice.count == 3)
            await asyncio.to_thread(victim.kill)
        await asyncio.sleep(3)  # two looks
        assert alice.count == 3, "a process may be silent for less than its lease"
        lease_runs_out(any_site, bob)
        await alice.sees(alice)
    await until(lambda: any_site.count("chat_process") == 1)
    last_seen = "SELECT key FROM chat_participant WHERE last_seen_at IS NOT NULL"
    assert any_site.sql(last_seen) == [(writer.you["id"],)]
    one.assert_no_traceback()


async def test_a_lease_is_renewed_though_nobody_joins_or_leaves(site: Site, room: str) -> None:
    server = site.daphne(CONSTANTS="chat.presence.lease.RENEW_INTERVAL=0.2")

    def row() -> tuple[int, str]:
        ((version, renewed_at),) = site.sql("SELECT version, renewed_at FROM chat_process")
        return version, renewed_at

    async with Watcher(server.ws_url(room)):
        await until(lambda: site.count("chat_connection") == 1)
        version, renewed_at = row()
        await until(lambda: row()[1] > renewed_at)
        assert row()[0] == version, "nothing else was written"


def test_a_lease_outlasts_a_failed_renewal_and_expires_within_a_minute() -> None:
    look = peers.READ_INTERVAL + peers.READ_PAUSE
    assert lease.RENEW_INTERVAL == 20
    assert LEASE.total_seconds() > lease.RENEW_INTERVAL + 3 * look
    assert LEASE.total_seconds() + look <= 60


@pytest.mark.waits
async def test_a_process_that_was_frozen_for_too_long_comes_back_with_its_people(
    site: Site, room: str
) -> None:
    one, frozen = site.daphnes(2, CONSTANTS=OFTEN)
    async with Watcher(one.ws_url(room)) as alice, Watcher(frozen.ws_url(room)) as bob:
        await alice.sees(alice, bob)
        frozen.pause()
        try:
            lease_runs_out(site, bob)
            await alice.sees(alice)
            await until(lambda: site.count("chat_process") == 1)
        finally:
            frozen.resume()
        await alice.sees(alice, bob, timeout=30)
        await bob.sees(alice, bob)
    for server in (one, frozen):
        server.assert_no_traceback()


async def test_a_process_that_ends_in_order_removes_its_rows_at_once(any_site: Site, room: str) -> None:
    server = any_site.daphne()
    async with Watcher(server.ws_url(room)), Watcher(server.ws_url(room)):
        await until(lambda: any_site.count("chat_connection") == 2)
        await asyncio.to_thread(server.terminate)
        assert any_site.count("chat_connection") == 0
        assert any_site.count("chat_process") == 0
    server.assert_no_traceback()


@pytest.mark.waits
async def test_who_leaves_as_the_idle_feed_is_closed_does_not_stay_present(site: Site, room: str) -> None:
    """They left, came again, and left again before the feed that was idle in between would have been closed:
    somebody who has left is here for 2 s more."""
    server = site.daphne(CONSTANTS="chat.server.runtime.IDLE_FEED_TIMEOUT=3")
    async with Watcher(server.ws_url(room)):
        await until(lambda: site.count("chat_connection") == 1)
    left = asyncio.get_running_loop().time()
    async with Watcher(server.ws_url(room)):
        await asyncio.sleep(max(0.0, left + 2 - asyncio.get_running_loop().time()))
    await until(lambda: site.count("chat_connection") == 0)
    async with Watcher(server.ws_url(room)) as alice:
        assert alice.count == 1
    server.assert_no_traceback()


async def test_other_processes_learn_at_once_of_a_process_that_ends_in_order(
    redis_site: Site, room: str
) -> None:
    one, other = redis_site.daphnes(2)
    async with Watcher(one.ws_url(room)) as alice, Watcher(other.ws_url(room)) as bob:
        await alice.sees(alice, bob)
        ending = asyncio.create_task(asyncio.to_thread(other.terminate))
        await alice.sees(alice)
        await ending
    one.assert_no_traceback()


@pytest.mark.waits
async def test_without_redis_presence_is_late_and_never_wrong(pair: Pair, room: str) -> None:
    one, other = pair
    cookie = guest(one)
    async with Watcher(one.ws_url(room)) as alice, Watcher(one.ws_url(room), cookies=cookie) as bob:
        async with (
            Watcher(other.ws_url(room)) as charlie,
            Watcher(other.ws_url(f"{room} next door"), cookies=cookie) as tab,
        ):
            await charlie.sees(alice, bob, charlie)
            await alice.sees(alice, bob, charlie)
            await bob.call_oneself("Ludwig van")
            await charlie.wait_until(lambda charlie: "Ludwig van" in charlie.names)
            # Nobody of the first process is in this room: the name comes all the same.
            await tab.sees_named("Ludwig van")
        await alice.sees(alice, bob)
    for server in (one, other):
        server.assert_no_traceback()


async def test_presence_is_late_and_never_wrong_while_redis_is_down_or_restarted(
    redis_site: Site, redis_server: RedisServer, room: str
) -> None:
    one, other = redis_site.daphnes(2, CONSTANTS=OFTEN)
    async with Watcher(one.ws_url(room)) as alice, Watcher(other.ws_url(room)) as bob:
        await alice.sees(alice, bob)
        redis_server.kill()
        async with Watcher(other.ws_url(room)) as charlie:
            await alice.sees(alice, bob, charlie)
            redis_server.start()
        await alice.sees(alice, bob)
    for server in (one, other):
        server.assert_no_traceback()


@pytest.mark.waits
async def test_while_the_database_is_away_people_are_present_and_are_written_later(
    any_site: Site, room: str
) -> None:
    server = any_site.daphne()
    async with Watcher(server.ws_url(room)) as alice:
        await until(lambda: any_site.count("chat_connection") == 1)
        with any_site.connection() as other:
            if any_site.is_sqlite:
                other.execute("BEGIN IMMEDIATE")
            else:
                other.execute("BEGIN")
                other.execute("LOCK TABLE chat_process, chat_connection IN EXCLUSIVE MODE")
            async with Watcher(server.ws_url(room)) as bob:
                for watcher in (alice, bob):
                    await watcher.sees(alice, bob)
                await asyncio.sleep(LINGER)
            async with Watcher(server.ws_url(room)) as charlie:
                await alice.sees(alice, charlie)
                other.execute("ROLLBACK")
                here = {(alice.you["id"],), (charlie.you["id"],)}
                rows = "SELECT participant_key FROM chat_connection"
                await until(lambda: set(any_site.sql(rows)) == here)
    server.assert_no_traceback()


async def test_foreign_and_malformed_presence_hints_are_ignored(
    redis_site: Site, redis_server: RedisServer, room: str
) -> None:
    from channels_redis.pubsub import RedisPubSubChannelLayer
    from django.conf import settings

    from chat.cluster.messages import ALL_PROCESSES, signed

    server = redis_site.daphne()
    layer = RedisPubSubChannelLayer(hosts=[redis_server.url], prefix=settings.CHANNEL_PREFIX)
    async with Watcher(server.ws_url(room)) as alice:
        payload = b'{"type":"lobby.presence","origin":"x","after":7,"version":8,"rooms":{}}'
        foreign: list[dict[str, Any]] = [
            {"type": "lobby.presence"},
            {"type": "lobby.presence", "v": 1, "news": None},
            {"type": "lobby.name", "v": 1, "news": 7},
        ]
        misunderstood: list[dict[str, Any]] = [
            {"type": "lobby.presence"},
            {"type": "lobby.presence", "v": 1, "news": b"\xff"},
            {"type": "lobby.presence", "v": 1, "news": b"[" * 50_000},
            {"type": "lobby.presence", "v": 99, "news": payload},
            {"type": "lobby.presence", "v": 1, "origin": ["x"], "news": payload},
            {"type": "lobby.typing", "v": 1, "news": b"{}"},
            {"type": ["lobby.name"], "v": 1},
        ]
        foreign += map(signed, misunderstood)
        for hint in foreign:
            await layer.group_send(ALL_PROCESSES, hint)
        async with Watcher(server.ws_url(room)) as bob:
            await alice.sees(alice, bob)
        await alice.sees(alice)
    await layer.flush()
    server.assert_no_traceback()
