"""Searches over real sockets, on both databases."""

from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from ..harness.clients import ChatClient
from ..harness.pages import post_all
from ..harness.people import Person, said
from ..harness.servers import Daphne
from ..harness.sockets import Frame
from ..harness.wires import Wire

PAGE = 20


def places(found: Frame) -> list[int]:
    return [hit["message"]["sequence"] for hit in found["hits"]]


async def test_messages_of_the_room_are_found_page_by_page_newest_first(any_lobby: Daphne, room: str) -> None:
    word = uuid4().hex
    async with ChatClient(any_lobby.ws_url(room)) as alice, Wire(any_lobby.ws_url(room)) as bob:
        await post_all(alice, *(f"number {n} **{word}**" for n in range(1, PAGE + 6)), "another")
        await alice.wait_until(lambda alice: len(alice.log) == PAGE + 6)
        query = f"{word.upper()} number"
        first = await bob.ask("search", "found", query=query)
        assert places(first) == list(range(PAGE + 5, 5, -1))
        hit = first["hits"][0]
        assert (hit["room"], hit["context"]) == (
            room,
            [["number", True], [f" {PAGE + 5} ", False], [word, True]],
        )
        assert hit["message"] == alice.log[PAGE + 5]
        rest = await bob.ask("search", "found", query=query, cursor=first["cursor"])
        assert places(rest) == [5, 4, 3, 2, 1]
        assert (await bob.ask("search", "found", query=f"{word}x")) == {
            "type": "found",
            "query": f"{word}x",
            "hits": [],
        }


async def test_elsewhere_is_found_what_one_may_read_by_everywhere_and_by_the_names_of_rooms(
    any_lobby: Daphne, room: str
) -> None:
    alice, bob, word = Person(any_lobby), Person(any_lobby), uuid4().hex
    await said(alice, room, "private", word)
    alice.set(room, is_private="on")
    await said(alice, f"{room} 2", f"open {word}")
    async with ChatClient(any_lobby.ws_url(f"{room} 3")) as client:
        await client.post(f"here {word}")
    rooms = {}
    for person in (alice, bob):
        async with Wire(any_lobby.ws_url(f"{room} 3"), cookies=person.cookies) as wire:
            everywhere = await wire.ask("search", "found", query=word, everywhere=True)
            here = await wire.ask("search", "found", query=word)
            named = await wire.ask("search", "found", query=f'{word} in:"{room} 2" in:{room}')
            rooms[person] = [[hit["room"] for hit in found["hits"]] for found in (everywhere, here, named)]
            assert everywhere["everywhere"]
    assert rooms[alice] == [[f"{room} 3", f"{room} 2", room], [f"{room} 3"], [f"{room} 2", room]]
    assert rooms[bob] == [[f"{room} 3", f"{room} 2"], [f"{room} 3"], [f"{room} 2"]]


async def test_what_cannot_be_looked_for_is_refused_with_its_reason(any_lobby: Daphne, room: str) -> None:
    async with Wire(any_lobby.ws_url(room)) as bob:
        for query, code in [
            ("", "empty"),
            ("x" * 201, "too_long"),
            ("before:noon", "invalid"),
            ("has:cat", "invalid"),
            ("a", None),
        ]:
            frame = await bob.ask("search", "error" if code else "found", query=query)
            assert frame.get("code") == code


async def test_days_are_those_of_the_zone_that_one_names(any_lobby: Daphne, room: str) -> None:
    async with ChatClient(any_lobby.ws_url(room)) as alice, Wire(any_lobby.ws_url(room)) as bob:
        await alice.post("tea")
        sent_at = datetime.fromisoformat(alice.log[1]["sent_at"])
        query = f"tea before:{sent_at.astimezone(ZoneInfo('Etc/GMT-14')):%Y-%m-%d}"
        hits = {
            zone: places(await bob.ask("search", "found", query=query, zone=zone))
            for zone in ("Etc/GMT-14", "Etc/GMT+12", "Mars/Olympus")
        }
        assert hits["Etc/GMT-14"] == []
        assert hits["Etc/GMT+12"] == [1]  # where it is never the same day
        assert hits["Mars/Olympus"] == places(await bob.ask("search", "found", query=query))
