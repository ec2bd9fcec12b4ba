"""Old messages go while people talk: nobody loses a newer one, and every browser drops the same."""

import asyncio
from typing import Any

from ..harness.clients import ChatClient
from ..harness.people import Person
from ..harness.servers import Daphne, Site
from ..harness.wires import Wire

LONG_AGO = "2020-01-01 00:00:00+00:00"


def age(site: Site, room: str, through: int) -> None:
    """Let the messages up to this place be old."""
    moment = LONG_AGO.removesuffix("+00:00") if site.is_sqlite else LONG_AGO
    site.sql(
        "UPDATE chat_message SET sent_at = %s WHERE sequence <= %s"
        " AND room_id = (SELECT id FROM chat_room WHERE name = %s)",
        moment,
        through,
        room,
    )


async def test_two_processes_remove_what_is_old_while_people_talk(any_lobby: Daphne, room: str) -> None:
    site = any_lobby.site
    alice, bob = Person(any_lobby), Person(any_lobby)
    async with alice.chat(room) as a, bob.chat(room) as b:
        for number in range(30):
            await a.post(f"old {number}")
        away: dict[str, Any] = {"epoch": b.epoch, "after": b.revision}
        await b.post("young", reply_to=30)
        assert "have been changed" in alice.set(room, retention_days="30").words
        age(site, room, 30)

        async def talk() -> None:
            for number in range(30):
                await b.post(f"new {number}")

        purges = (asyncio.to_thread(site.manage, "purge_expired") for _ in range(2))
        await asyncio.gather(talk(), *purges)
        expected = ["young", *(f"new {number}" for number in range(30))]
        for client in (a, b):
            await client.wait_until(lambda client: client.texts == expected)
            assert client.room["purged_through"] == 30
        async with ChatClient(any_lobby.ws_url(room)) as newcomer:
            assert newcomer.texts == expected
        async with Wire(any_lobby.ws_url(room)) as wire:
            await wire.wait_until(lambda wire: wire.of("welcome"))
            frame = await wire.ask("resume", "changes", **away)
            assert frame.get("reset") or frame["room"]["purged_through"] == 30
            assert "'old " not in str(frame["messages"])
            page = await wire.ask("history", "history", before=31)
            assert (page["messages"], page["more"]) == ([], False)
    assert site.texts(room) == expected
    any_lobby.assert_no_traceback()


async def test_a_room_of_which_nothing_is_left_goes_on(any_lobby: Daphne, room: str) -> None:
    """Its owner stays its owner, whoever speaks next."""
    site = any_lobby.site
    alice, bob = Person(any_lobby), Person(any_lobby)
    async with alice.chat(room) as a:
        await a.post("the only word")
    assert "have been changed" in alice.set(room, retention_days="1").words
    age(site, room, 1)
    await asyncio.to_thread(site.manage, "purge_expired")
    async with bob.chat(room) as b:
        await b.wait_until(lambda b: b.texts == [])
        ack = await b.post("hello?")
        assert ack["sequence"] == 2
    assert alice.set(room, topic="still mine").status == 200
    assert bob.get(f"/manage/{room}/").status == 403


async def test_visitors_see_how_long_messages_stay_before_they_say_anything(lobby: Daphne, room: str) -> None:
    alice = Person(lobby)
    async with alice.chat(room) as a:
        await a.post("hello")
    alice.set(room, retention_days="7")
    async with ChatClient(lobby.ws_url(room)) as visitor:
        assert visitor.room["retention_days"] == 7
