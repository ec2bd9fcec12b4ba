"""A client that does not read costs bounded memory, delays nobody, and misses nothing once it reads again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest

from ..conftest import MakeSite
from ..harness.clients import ChatClient, PlainClient
from ..harness.hostile import memory
from ..harness.servers import PostgresServer, ServerProcess, Site
from ..harness.slow import SlowChatClient, SlowPlainClient
from ..harness.talk import never_left, together
from ..harness.wires import Wire

Start = Callable[[Site], ServerProcess]
STARTS: list[Start] = [Site.daphne, Site.uvicorn]
both_servers = pytest.mark.parametrize("start", STARTS, ids=["daphne", "uvicorn"])


async def talk(alice: ChatClient, count: int, letter: str = "x") -> list[str]:
    """So many messages of 4,000 letters."""
    texts = [f"{n} {letter * 3_900}" for n in range(count)]
    for start in range(0, count, 20):
        await asyncio.gather(*(alice.post_nowait(text) for text in texts[start : start + 20]))
    return texts


@both_servers
async def test_a_client_that_stops_reading_delays_nobody_and_is_sent_what_it_missed_when_it_reads_again(
    site: Site, room: str, start: Start
) -> None:
    """500 KiB flow past: more than the buffers take, less than the feed remembers."""
    url = start(site).ws_url(room)
    alice, bob = ChatClient(url), PlainClient(url)
    slow, slow_plain = SlowChatClient(url), SlowPlainClient(url)
    async with together(alice, bob, slow, slow_plain):
        for one in (slow, slow_plain):
            one.stop_reading()
        texts = await talk(alice, 60)
        await bob.wait_until(lambda bob: bob.texts == texts)
        await alice.wait_until(lambda alice: alice.texts == texts)
        assert len(slow.texts) < 60
        assert len(slow_plain.texts) < 60
        for one in (slow, slow_plain):
            one.read_again()
        await slow.wait_until(lambda slow: slow.texts == texts)
        await slow_plain.wait_until(lambda slow_plain: len(slow_plain.texts) >= 60)
        assert slow_plain.texts == texts
        assert slow.resumes == 1
        assert never_left(slow, slow_plain)
        await alice.post("and on")
        for person in (alice, bob, slow, slow_plain):
            await person.wait_until(lambda person: person.texts == [*texts, "and on"])
        assert slow.log == alice.log
    site.servers[0].assert_no_traceback()


@both_servers
async def test_edits_and_deletions_reach_a_client_that_reads_again(
    site: Site, room: str, start: Start
) -> None:
    url = start(site).ws_url(room)
    alice, slow, slow_plain = ChatClient(url), SlowChatClient(url), SlowPlainClient(url)
    async with together(alice, slow, slow_plain):
        for one in (slow, slow_plain):
            one.stop_reading()
        texts = await talk(alice, 90)
        await alice.wait_until(lambda alice: len(alice.log) == 90)
        texts += await talk(alice, 10, "y")  # of these nothing is on the wire: the line is full
        await alice.wait_until(lambda alice: len(alice.log) == 100)
        await alice.delete(100)
        await alice.edit(99, "mended")
        await alice.delete(1)
        await alice.wait_until(lambda alice: alice.revision == 103)
        for one in (slow, slow_plain):
            one.read_again()
        await slow.wait_until(lambda slow: slow.log == alice.log)
        # A plain socket hears what was edited as it is now, and nothing of what was deleted.
        await slow_plain.wait_until(lambda slow_plain: slow_plain.texts[-1:] == ["mended"])
        assert slow_plain.texts == [*texts[:98], "mended"]


@both_servers
async def test_a_client_too_far_behind_is_sent_a_reset_and_a_plain_socket_is_closed(
    make_site: MakeSite, room: str, start: Start
) -> None:
    """Twice what the feed remembers."""
    site = make_site(CONSTANTS="chat.realtime.subscriber.CLOSE_TIMEOUT=600")
    url = start(site).ws_url(room)
    alice, slow, slow_plain = ChatClient(url), SlowChatClient(url, reconnect=True), SlowPlainClient(url)
    async with together(alice, slow, slow_plain):
        for one in (slow, slow_plain):
            one.stop_reading()
        texts = await talk(alice, 300)
        for one in (slow, slow_plain):
            one.read_again()
        assert await slow_plain.wait_closed() == 4408
        heard = slow_plain.texts
        assert heard == texts[: len(heard)]
        await slow.wait_until(lambda slow: slow.texts[-50:] == texts[-50:])
        assert slow.close_codes == []
        assert slow.resets == 2, "the first page, and the one that took the place of what was missed"
    site.servers[0].assert_no_traceback()


@pytest.mark.waits
@both_servers
async def test_a_client_that_sends_commands_without_reading_is_dropped(
    site: Site, room: str, start: Start
) -> None:
    server = start(site)
    url = server.ws_url(room)
    async with ChatClient(url) as alice, SlowChatClient(url) as mallory, ChatClient(url) as bob:
        await talk(alice, 100)
        before = memory(server)
        mallory.stop_reading()
        for _ in range(300):
            await mallory.send({"type": "history", "limit": 100})
        await alice.post("meanwhile")
        await bob.wait_until(lambda bob: "meanwhile" in bob.texts)
        assert memory(server) - before < 50_000_000
        await asyncio.sleep(6)  # longer than it has to take its close frame
        mallory.read_again()
        assert await mallory.wait_closed() in (4408, 1006)
        await alice.post("gone")
        await bob.wait_until(lambda bob: "gone" in bob.texts)
    server.assert_no_traceback()


@both_servers
async def test_a_peer_that_does_not_read_gets_no_pongs(site: Site, room: str, start: Start) -> None:
    url = start(site).ws_url(room)
    async with ChatClient(url) as alice, SlowChatClient(url) as slow:
        assert slow._socket
        slow.stop_reading()
        await talk(alice, 90)
        # 480 kB: more than fits into what is on the way; with live frames less than it would be dropped for.
        await slow.send({"type": "history", "limit": 60})
        slow.post_nowait("before the pings")
        await alice.wait_until(lambda alice: "before the pings" in alice.texts)
        pongs = [asyncio.ensure_future(await slow._socket.ping()) for _ in range(100)]
        slow.post_nowait("after the pings")
        await alice.wait_until(lambda alice: "after the pings" in alice.texts)
        slow.read_again()
        await slow.wait_until(lambda slow: slow.texts[-1:] == ["after the pings"])
        assert not any(pong.done() for pong in pongs)
        await asyncio.wait_for(await slow._socket.ping(), 60)
    site.servers[0].assert_no_traceback()


@pytest.mark.waits
@both_servers
async def test_a_socket_is_read_no_further_while_its_consumer_is_busy(
    make_site: MakeSite, own_postgres: PostgresServer, room: str, start: Start
) -> None:
    """26 MB are more than fit into what is on the way."""
    server = start(make_site(own_postgres))
    async with Wire(server.ws_url(room)) as mallory:
        await mallory.wait_until(lambda mallory: mallory.of("welcome"))

        async def flood() -> None:
            for _ in range(400):
                await mallory.send_raw("x" * 65_000)

        own_postgres.pause()
        await mallory.send({"type": "history"})
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(flood(), 3)
        own_postgres.resume()
        await mallory.wait_until(lambda mallory: mallory.of("history"))
    server.assert_no_traceback()


async def test_a_frame_in_many_pieces_and_a_slow_sender_delay_nobody(site: Site, room: str) -> None:
    url = site.daphne().ws_url(room)

    async def drip(wire: Wire) -> None:
        async def pieces() -> AsyncIterator[str]:
            for piece in (f'{{"type":"post","client_id":"{uuid4()}",', '"message":', '"in pieces"}'):
                yield piece
                await asyncio.sleep(0.3)

        assert wire._socket
        await wire._socket.send(pieces())

    async with Wire(url) as alice, PlainClient(url) as bob:
        dripping = asyncio.create_task(drip(alice))
        await bob.say("meanwhile")
        await bob.wait_until(lambda bob: bob.texts == ["meanwhile"])
        await dripping
        await bob.wait_until(lambda bob: bob.texts == ["meanwhile", "in pieces"])
