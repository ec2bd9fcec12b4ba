"""Alice owns a room, dora keeps order in it, bob talks, charlie is thrown out, a stranger looks on: over real
sockets, on both databases, and through two processes."""

import asyncio
import contextlib

import pytest
from websockets.exceptions import ConnectionClosed

from ..conftest import Pair
from ..harness.clients import ChatClient, Refused
from ..harness.servers import Daphne, Site
from ..harness.services import RedisServer
from ..harness.talk import together
from ..harness.watchers import guest, until
from ..harness.wires import Wire

NOT_ALLOWED = 4403
PROMISE = 5.0 + 55.0  # seconds until a ban has closed every socket, and what a busy machine is given on top

SPAM = """
from chat.access.identity import Identity
from chat.journal.service import write
from chat.tests.harness.write_requests import post
who = Identity("spammer", "Spammer")
for step in range(3):
    write([post(f"spam {{n}}", who, room={room!r}) for n in range(400)])
"""

LAST_ADDRESS = "SELECT last_address FROM chat_participant WHERE key = %s"

ACTS = """
SELECT act FROM chat_auditentry a JOIN chat_room r ON r.id = a.room_id WHERE r.name = %s ORDER BY a.id
"""


def bans_are_over(site: Site, room: str) -> None:
    of_room = "room_id = (SELECT id FROM chat_room WHERE name = %s)"
    site.sql(f"UPDATE chat_ban SET until = %s WHERE {of_room}", "2020-01-01 00:00:00+00:00", room)


async def refusal(asked: "asyncio.Future[object] | object") -> str:
    with pytest.raises(Refused) as caught:
        await asked  # type: ignore[misc]
    return caught.value.code


async def turned_away(server: Daphne, room: str, cookies: dict[str, str], **headers: str) -> bool:
    """Closed with 4403, without a word before; False for who is welcome."""
    async with Wire(server.ws_url(room), cookies=cookies, headers=headers) as wire:
        await wire.wait_until(lambda wire: not wire.connected or wire.frames)
        assert bool(wire.frames) == wire.connected
        return not wire.connected and wire.close_code == NOT_ALLOWED


async def test_a_room_is_kept_in_order_by_ordinary_people(any_lobby: Daphne, room: str) -> None:
    server = any_lobby
    cookies = {name: await asyncio.to_thread(guest, server) for name in ("alice", "bob", "charlie", "dora")}
    people = [ChatClient(server.ws_url(room), cookies=cookie) for cookie in cookies.values()]
    alice, bob, charlie, dora = people
    stranger, second_tab = (
        ChatClient(server.ws_url(room)),
        ChatClient(server.ws_url(room), cookies=cookies["charlie"]),
    )
    async with together(*people, stranger, second_tab):
        for person in people:
            await person.post(f"I am {person.you['name']}")
        # Roles.
        ack = await alice.post(f"/mod {dora.you['name']}")
        assert ack["notice"] == f"{dora.you['name']} is now a moderator."
        assert "sequence" not in ack
        await dora.wait_until(lambda dora: any(f.get("role") == "moderator" for f in dora.frames), PROMISE)
        for person in (bob, charlie, stranger):
            assert await refusal(person.post(f"/kick {dora.you['name']}")) == "forbidden"
            assert await refusal(person.do("moderate", act="ban", id=alice.you["id"])) == "forbidden"
        assert await refusal(dora.do("moderate", act="ban", id=alice.you["id"])) == "forbidden"
        # A mute, in words and in a frame.
        ack = await dora.post(f'/mute "{bob.you["name"]}" 10')
        assert ack["notice"] == f"{bob.you['name']} is muted for 10 minutes."
        await bob.wait_until(lambda bob: any(f.get("muted_until") for f in bob.frames), PROMISE)
        assert 0 < next(f["muted_for"] for f in bob.frames if f.get("muted_until")) <= 600
        assert await refusal(bob.post("but")) == "muted"
        await dora.do("moderate", act="unmute", id=bob.you["id"])
        await bob.post("thanks")
        # Settings, a pin, a reaction: everybody sees them.
        await dora.post("/topic Green tea")
        await dora.do("moderate", act="pin", sequence=1)
        await stranger.do("react", sequence=1, emoji="👍")
        for person in (*people, stranger):
            await person.wait_until(
                lambda p: (p.room.get("topic"), p.room.get("pinned")) == ("Green tea", 1), PROMISE
            )
            await person.wait_until(lambda p: p.log.get(1, {}).get("reactions"), PROMISE)
            assert person.log[1]["reactions"] == [
                {"emoji": "👍", "count": 1, "names": [stranger.you["name"]], "ids": [stranger.you["id"]]}
            ]
        # A ban closes every tab, and holds over a reconnect.
        ack = await dora.do("moderate", act="ban", id=charlie.you["id"], reason="spam")
        assert ack["notice"] == f"{charlie.you['name']} is banned permanently."
        for tab in (charlie, second_tab):
            assert await tab.wait_closed(PROMISE) == NOT_ALLOWED
        assert await turned_away(server, room, cookies["charlie"])
        assert not await turned_away(server, f"{room} next door", cookies["charlie"])
        # Every message of one person goes, however many.
        await asyncio.to_thread(server.site.shell, SPAM.format(room=room))
        ack = await dora.post("/purge spammer", timeout=60)
        assert ack["notice"] == "All messages by Spammer have been deleted."
        for person in (alice, bob, stranger):
            await person.wait_until(lambda p: p.log and not any("spam " in text for text in p.texts), PROMISE)
        acts = server.site.sql(ACTS, room)
        assert [act for (act,) in acts] == [
            "promote", "mute", "unmute", "settings", "pin", "ban", "purge", "purge", "purge",
        ]  # fmt: skip
    assert len([text for text in server.site.texts(room) if text]) == 5
    server.assert_no_traceback()


async def test_a_ban_closes_the_sockets_of_every_process_and_holds_while_redis_is_down_too(
    joined_site: Site, redis_server: RedisServer, room: str
) -> None:
    one, other = joined_site.daphnes(2, TRUSTED_PROXIES="1")
    cookies = await asyncio.to_thread(guest, one)
    home = {"X-Forwarded-For": "203.0.113.7"}
    tabs = [ChatClient(server.ws_url(room), cookies=cookies, headers=home) for server in (one, other, other)]
    alice = ChatClient(one.ws_url(room), headers={"X-Forwarded-For": "198.51.100.1"})
    bob = ChatClient(other.ws_url(room), headers={"X-Forwarded-For": "198.51.100.2"})
    async with together(alice, bob, *tabs):
        await alice.post("my room")
        await tabs[0].post("hello")
        await tabs[1].rename("Charlie")
        await alice.do("moderate", act="ban", id=tabs[0].you["id"], seconds=3600)
        closed = await asyncio.gather(*(tab.wait_closed(PROMISE) for tab in tabs))
        assert closed == [NOT_ALLOWED] * 3
        for server in (one, other):
            assert await turned_away(server, room, cookies, **home)
        # A guest's ban ends with a cleared cookie, unless the address is banned too.
        fresh = await asyncio.to_thread(guest, one)
        assert not await turned_away(other, room, fresh, **home)
        await alice.post("/unban Charlie")
        assert not await turned_away(other, room, cookies, **home)
        # Presence writes where somebody was last, a moment after they have left.
        await until(lambda: joined_site.sql(LAST_ADDRESS, tabs[0].you["id"]) == [("203.0.113.7",)])
        ack = await alice.do("moderate", act="ban", id=tabs[0].you["id"], address=True)
        assert ack["notice"] == "Charlie and their network address are banned permanently."
        for who in (cookies, fresh):
            assert await turned_away(one, room, who, **home)
            assert await turned_away(other, room, who, **home)
        assert not await turned_away(other, room, fresh, **{"X-Forwarded-For": "203.0.113.8"})
        assert alice.connected
        assert bob.connected
        await bob.post("quiet at last")
        await alice.wait_until(lambda alice: "quiet at last" in alice.texts)
        redis_server.kill()
        await alice.do("moderate", act="ban", id=bob.you["id"])
        assert await bob.wait_closed(PROMISE) == NOT_ALLOWED
    for server in (one, other):
        server.assert_no_traceback()


async def test_a_kicked_person_is_out_for_a_minute_and_slow_mode_says_how_long_to_wait(
    any_lobby: Daphne, room: str
) -> None:
    server = any_lobby
    cookies = await asyncio.to_thread(guest, server)
    async with (
        ChatClient(server.ws_url(room)) as alice,
        ChatClient(server.ws_url(room), cookies=cookies) as bob,
    ):
        await alice.post("my room")
        await bob.post("hello")
        ack = await alice.post(f"/kick {bob.you['name']}")
        assert ack["notice"] == f"{bob.you['name']} was kicked."
        assert await bob.wait_closed(PROMISE) == NOT_ALLOWED
        assert await turned_away(server, room, cookies)
        bans_are_over(server.site, room)
        async with ChatClient(server.ws_url(room), cookies=cookies) as back:
            await alice.post("/slow 3600")
            await back.post("sorry")
            assert await refusal(back.post("and")) == "slow_mode"
            assert 3500 < back.errors[-1]["retry_after"] <= 3600
    server.assert_no_traceback()


async def test_what_is_sent_on_and_on_ends_with_the_ban_and_comes_back_when_its_time_is_over(
    any_pair: Pair, room: str
) -> None:
    """Two processes that only the database joins."""
    one, other = any_pair
    cookies = await asyncio.to_thread(guest, one)

    async def spam(wire: Wire) -> None:
        with contextlib.suppress(ConnectionClosed):
            while wire.connected:
                await wire.post("spam")
                await asyncio.sleep(0.01)

    async with ChatClient(one.ws_url(room)) as alice, Wire(other.ws_url(room), cookies=cookies) as charlie:
        await alice.post("my room")
        spamming = asyncio.create_task(spam(charlie))
        await alice.wait_until(lambda alice: "spam" in alice.texts, PROMISE)
        name = alice.log[2]["author"]["name"]
        await alice.do("moderate", act="ban", name=name, seconds=3600)
        stored = len(one.site.texts(room))
        assert await charlie.wait_closed(PROMISE) == NOT_ALLOWED
        await spamming
        assert len(one.site.texts(room)) == stored
        assert {frame["code"] for frame in charlie.errors} <= {"banned", "busy"}
        assert await turned_away(one, room, cookies)
        bans_are_over(one.site, room)
        async with ChatClient(one.ws_url(room), cookies=cookies) as back:
            await back.post("sorry")
    for server in (one, other):
        server.assert_no_traceback()


async def test_a_resend_of_what_is_stored_is_acked_to_the_muted_in_either_process(
    any_pair: Pair, room: str
) -> None:
    one, other = any_pair
    cookies = await asyncio.to_thread(guest, one)
    async with ChatClient(one.ws_url(room)) as alice, Wire(other.ws_url(room), cookies=cookies) as bob:
        await alice.post("my room")
        said = await bob.answer_to(await bob.post("on the train"))
        await alice.wait_until(lambda alice: "on the train" in alice.texts, PROMISE)
        await alice.do("moderate", act="mute", id=alice.log[2]["author"]["id"])
        assert (await bob.answer_to(await bob.post("but")))["code"] == "muted"
        for server in (one, other):
            async with Wire(server.ws_url(room), cookies=cookies) as again:
                assert await again.answer_to(await again.post("on the train", said["client_id"])) == said
    assert one.site.texts(room) == ["my room", "on the train"]
