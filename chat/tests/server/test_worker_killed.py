"""A server process is killed or restarted under load: what was acked is stored and delivered once."""

import asyncio
from collections.abc import Callable

import pytest

from ..harness.clients import ChatClient, PlainClient
from ..harness.servers import ServerProcess, Site
from ..harness.talk import Talk, all_heard, never_left, together
from ..harness.watchers import until
from ..harness.wires import Wire

Start = Callable[[Site], ServerProcess]
STARTS: list[Start] = [Site.daphne, Site.uvicorn]
LOOK_UP_WAITS = """
SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND strpos(query, 'chat_ban') > 0
"""
both_servers = pytest.mark.parametrize("start", STARTS, ids=["daphne", "uvicorn"])


async def test_kill_9_under_load_loses_and_duplicates_nothing(redis_site: Site, room: str) -> None:
    victim, other = redis_site.daphnes(2)
    writers = [ChatClient(victim.ws_url(room), reconnect=True) for _ in range(4)]
    on_other = ChatClient(other.ws_url(room))
    plain = PlainClient(other.ws_url(room))
    people = [*writers, on_other]
    async with together(*people, plain):
        talk = Talk(*writers, on_other, pause=0.01)
        async with talk.going_on():
            for _ in range(2):
                await talk.more(100)
                await asyncio.to_thread(victim.kill)
                await talk.more(20)
                await asyncio.to_thread(victim.start)
            await talk.more(100)
        await all_heard(redis_site, room, talk, [*people, plain])
        assert all(writer.connections >= 2 for writer in writers)
        assert never_left(on_other, plain)
        logs = [person.messages[-200:] for person in people]
        assert all(log == logs[0] for log in logs)
        other.assert_no_traceback()


@both_servers
async def test_sigterm_closes_every_socket_with_4012_and_ends_soon(
    site: Site, room: str, start: Start
) -> None:
    server = start(site)
    people: list[ChatClient | PlainClient] = [ChatClient(server.ws_url(room)) for _ in range(10)]
    people += [PlainClient(server.ws_url(f"{room}{n}")) for n in range(10)]
    async with together(*people):
        await asyncio.to_thread(server.terminate)
        for person in people:
            assert await person.wait_closed() == 4012
        server.assert_no_traceback()


@both_servers
async def test_a_peer_that_does_not_read_does_not_hold_up_the_end(
    site: Site, room: str, start: Start
) -> None:
    """Its buffers are full: it cannot even take the close frame."""
    server = start(site)
    async with ChatClient(server.ws_url(room)) as alice, PlainClient(server.ws_url(room)) as mallory:
        assert mallory._socket
        mallory._socket.transport.pause_reading()
        for _ in range(4):
            await asyncio.gather(*(alice.post_nowait("日" * 4000) for _ in range(30)))
        await asyncio.to_thread(server.terminate)
        assert await alice.wait_closed() == 4012
        mallory._socket.transport.resume_reading()
    server.assert_no_traceback()


@both_servers
async def test_sigterm_while_the_database_is_locked_ends_soon_and_acks_nothing_that_is_not_stored(
    site: Site, room: str, start: Start
) -> None:
    server = start(site)
    async with ChatClient(server.ws_url(room)) as alice:
        await alice.post("before")
        with site.locked():
            lost = alice.post_nowait("while locked")
            await asyncio.sleep(0.3)
            await asyncio.to_thread(server.terminate)
            await alice.wait_closed()
        assert not lost.done() or lost.exception()
        assert len(alice.acks) == 1
    assert site.texts(room) == ["before"]
    server.assert_no_traceback()


@both_servers
async def test_a_socket_that_is_being_admitted_during_sigterm_is_closed_with_4012_too(
    pg_site: Site, room: str, start: Start
) -> None:
    server = start(pg_site)
    async with ChatClient(server.ws_url(room)) as alice:
        await alice.post("hello")
        bob = Wire(server.ws_url(room))
        with pg_site.connection() as database, database.transaction():
            database.execute("LOCK TABLE chat_room IN ACCESS EXCLUSIVE MODE")  # nobody can be looked up
            coming = asyncio.create_task(bob.open())
            await until(lambda: pg_site.sql(LOOK_UP_WAITS) != [(0,)])
            ending = asyncio.create_task(asyncio.to_thread(server.terminate))
            assert await alice.wait_closed() == 4012
            await asyncio.sleep(1)  # all have left but bob
        await coming
        assert await bob.wait_closed() == 4012
        await ending
    server.assert_no_traceback()
