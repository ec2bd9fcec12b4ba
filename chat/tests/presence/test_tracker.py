"""Who is here: as those see it who are in the room through the same process."""

import asyncio
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import protocol
from chat.models import Connection, Participant, Process
from chat.presence import store
from chat.presence.broadcast import PresenceBroadcast
from chat.presence.roster import Roster
from chat.presence.store import Changes, Entry
from chat.protocol import Person
from chat.realtime.subscriber import HIGH_WATER

from ..harness.clients import ChatClient, PlainClient
from ..harness.servers import Daphne, Site
from ..harness.talk import together
from ..harness.watchers import Watcher, guest, until
from ..harness.wires import Wire
from ..realtime.test_feed import Line

LINGER = 2.0  # seconds somebody stays after their last socket


def person(name: str, **fields: Any) -> Person:
    return Person(name.lower(), name, **fields)


# --- In a room ---


async def test_who_joins_sees_who_is_present_and_everybody_sees_them(lobby: Daphne, room: str) -> None:
    async with Watcher(lobby.ws_url(room)) as alice:
        await alice.sees(alice)
        assert alice.frames[0]["present"] == [{"id": alice.you["id"], "name": alice.you["name"]}]
        async with Watcher(lobby.ws_url(room)) as bob:
            assert bob.frames[0]["type"] == "welcome"
            await bob.sees(alice, bob)
            await alice.sees(alice, bob)
        await alice.sees(alice)
    async with Watcher(lobby.ws_url(room + " next door")) as charlie:
        await charlie.sees(charlie)


async def test_several_tabs_are_one_person(lobby: Daphne, room: str) -> None:
    cookie = guest(lobby)
    async with Watcher(lobby.ws_url(room)) as alice:
        async with Watcher(lobby.ws_url(room), cookies=cookie) as bob:
            async with Watcher(lobby.ws_url(room), cookies=cookie) as again:
                await again.sees(alice, bob)
            await asyncio.sleep(LINGER + 0.5)
            await alice.sees(alice, bob)
        await alice.sees(alice)
    assert sum("left" in frame for frame in alice.of("presence")) == 1


async def test_a_reload_shows_nothing(lobby: Daphne, room: str) -> None:
    cookie = guest(lobby)
    async with Watcher(lobby.ws_url(room)) as alice, Watcher(lobby.ws_url(room), cookies=cookie) as bob:
        await alice.sees(alice, bob)
        told = len(alice.of("presence"))
        for _ in range(3):
            await bob.close()
            await bob.open()
        await asyncio.sleep(LINGER + 1.5)
        assert len(alice.of("presence")) == told
        await alice.sees(alice, bob)


async def test_another_name_is_seen_at_once_and_by_those_who_join_later(lobby: Daphne, room: str) -> None:
    async with Watcher(lobby.ws_url(room)) as alice, Watcher(lobby.ws_url(room)) as bob:
        await bob.call_oneself("Ludwig van")
        await alice.sees_named(alice.you["name"], "Ludwig van")
        async with Watcher(lobby.ws_url(room)) as charlie:
            assert "Ludwig van" in charlie.names


async def test_a_plain_socket_is_present_and_is_sent_no_presence_frames(lobby: Daphne, room: str) -> None:
    async with Watcher(lobby.ws_url(room)) as alice:
        async with PlainClient(lobby.ws_url(room)) as bob:
            await alice.wait_until(lambda alice: alice.count == 2)
            async with Watcher(lobby.ws_url(room)) as charlie:
                await charlie.wait_until(lambda charlie: charlie.count == 3)
                await alice.wait_until(lambda alice: alice.count == 3)
            await alice.wait_until(lambda alice: alice.count == 2)
            assert not bob.frames
        await alice.sees(alice)


async def test_of_more_than_a_hundred_only_the_count_is_sent_and_they_can_be_searched(
    lobby: Daphne, room: str
) -> None:
    alice = Watcher(lobby.ws_url(room))
    crowd = [Watcher(lobby.ws_url(room)) for _ in range(110)]
    async with alice:
        async with together(*crowd), Watcher(lobby.ws_url(room)) as bob:
            await bob.call_oneself("STRAẞE Nr. 7")
            await alice.wait_until(lambda alice: alice.count == 112)
            assert len(bob.frames[0]["present"]) == 100
            names = [(person["name"], person["id"]) for person in bob.frames[0]["present"]]
            assert names == sorted(names, key=lambda name: (name[0].casefold(), name[1]))
            crowded = [frame for frame in alice.of("presence") if frame["count"] > 100]
            assert crowded
            assert all(frame.keys() == {"type", "count"} for frame in crowded)
            found = await alice.ask("people", "people", query="strasse nr")
            assert [person["id"] for person in found["people"]] == [bob.you["id"]]
            assert (found["query"], found["count"]) == ("strasse nr", 1)
            everybody = await alice.ask("people", "people", query="")
            assert (len(everybody["people"]), everybody["count"]) == (100, 112)
            nobody = await alice.ask("people", "people", query="%")
            assert (nobody["people"], nobody["count"]) == ([], 0)
        await alice.sees(alice)
        whole = [frame for frame in alice.of("presence") if "present" in frame]
        assert whole, "back at a hundred or less, the list comes whole"


async def test_a_storm_of_joins_costs_few_frames_and_few_writes(site: Site, room: str) -> None:
    server = site.daphne()
    early = [Watcher(server.ws_url(room)) for _ in range(3)]
    crowd = [Wire(server.ws_url(room)) for _ in range(300)]
    async with together(*early):
        for some in range(0, 300, 50):
            await asyncio.gather(*(wire.open() for wire in crowd[some : some + 50]))
        for alice in early:
            await alice.wait_until(lambda alice: alice.count == 303)
            assert len(alice.of("presence")) <= 20
        await until(lambda: site.count("chat_connection") == 303)
        ((transactions,),) = site.sql("SELECT version FROM chat_process")
        assert transactions <= 20
        for wire in crowd:
            await wire.drop()
        for alice in early:
            await alice.sees(*early)
    server.assert_no_traceback()


async def test_time_and_address_of_the_last_visit_are_stored_for_who_has_a_row(
    any_lobby: Daphne, room: str
) -> None:
    server, site = any_lobby, any_lobby.site
    async with ChatClient(server.ws_url(room)) as alice, Watcher(server.ws_url(room)) as bob:
        await alice.post("I am kept")
        await bob.wait_until(lambda bob: bob.count == 2)
    seen = "SELECT last_address FROM chat_participant WHERE last_seen_at IS NOT NULL AND key IN (%s, %s)"
    people = (alice.you["id"], bob.you["id"])
    await until(lambda: site.sql(seen, *people))
    assert site.sql(seen, *people) == [("127.0.0.1",)]
    assert site.sql("SELECT count(*) FROM chat_connection WHERE room_key = %s", room) == [(0,)]
    server.assert_no_traceback()


# --- The list, and the frames ---


def test_somebody_is_present_while_one_process_has_an_entry() -> None:
    roster = Roster()
    assert roster.put("a", person("Alice")) == {"alice"}
    assert roster.put("b", person("Alice")) == set()
    assert roster.drop("a", "alice") == set()
    assert roster.drop("a", "alice") == set()
    assert len(roster) == 1
    assert roster.drop("b", "alice") == {"alice"}
    assert len(roster) == 0
    assert roster.page() == []


def test_the_newest_entries_of_a_process_replace_all_earlier_ones() -> None:
    roster = Roster()
    roster.put("a", person("Alice"))
    roster.replace("b", [person("Alice"), person("Bob"), person("Charlie")])
    changed = roster.replace("b", [person("Bob", role="owner"), person("Dora")])
    assert changed == {"bob", "charlie", "dora"}
    assert roster.page() == [person("Alice"), person("Bob", role="owner"), person("Dora")]
    assert roster.replace("b", []) == {"bob", "dora"}
    assert roster.origins() == {"a"}


def test_a_new_name_is_sent_once_however_many_processes_know_the_person() -> None:
    roster = Roster()
    roster.put("a", person("Alice"))
    roster.put("b", person("Alice"))
    assert roster.rename("alice", "Zoë") == {"alice"}
    assert roster.rename("alice", "Zoë") == set()
    assert roster.drop("a", "alice") == set()
    assert [one.name for one in roster.page()] == ["Zoë"]


class Sockets:
    """A room's sockets without a server: what they are sent is counted."""

    def __init__(self) -> None:
        self.subscribers: set[Any] = set()


class Socket:
    def __init__(self, sockets: Sockets, *, plain: bool = False) -> None:
        self.writer = Line()
        self.plain = plain
        self.behind: Any = None
        self.closing = False
        sockets.subscribers.add(self)

    def offer(self, frames: list[Any]) -> bool:
        if self.writer.backlog() > HIGH_WATER:
            return False
        self.writer.write_all(frames)
        return True

    @property
    def frames(self) -> list[dict[str, Any]]:
        return self.writer.frames


async def test_a_thousand_who_join_at_once_cost_a_socket_few_frames() -> None:
    sockets, roster = Sockets(), Roster()
    frames = PresenceBroadcast(sockets, roster)  # type: ignore[arg-type]
    alice, plain = Socket(sockets), Socket(sockets, plain=True)
    for n in range(1000):
        frames.announce(roster.put("here", Person(f"{n}", f"Name {n}")))
        await asyncio.sleep(0.002)
    await until(lambda: alice.frames and alice.frames[-1]["count"] == 1000)
    assert len(alice.frames) <= 20
    assert plain.frames == []
    frames.stop()


async def test_a_socket_that_does_not_read_is_skipped_and_then_sent_the_list_once() -> None:
    sockets, roster = Sockets(), Roster()
    frames = PresenceBroadcast(sockets, roster)  # type: ignore[arg-type]
    alice, slow = Socket(sockets), Socket(sockets)
    slow.writer.waiting = HIGH_WATER + 1
    frames.announce(roster.put("here", person("Bob")))
    await asyncio.sleep(0.05)
    frames.catch_up()
    assert (len(alice.frames), slow.frames) == (1, [])
    slow.writer.waiting = 0
    frames.catch_up()
    frames.catch_up()
    assert slow.frames == [
        {"type": "presence", "count": 1, "present": [{"id": "bob", "name": "Bob"}]},
    ]
    assert len(alice.frames) == 1
    frames.stop()


async def test_whoever_is_welcomed_between_two_frames_ends_with_the_same_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Bob comes, dora is welcomed, bob goes, and only then the next frame is due."""
    monkeypatch.setattr("chat.presence.broadcast.PAUSE", 1.5)
    sockets, roster = Sockets(), Roster()
    frames = PresenceBroadcast(sockets, roster)  # type: ignore[arg-type]
    alice = Socket(sockets)
    frames.announce(roster.put("here", person("Alice")))
    await until(lambda: alice.frames)
    frames.announce(roster.put("here", person("Bob")))
    frames.announce(roster.put("here", person("Dora")))
    dora = Socket(sockets)
    known = {one.id for one in frames.welcome()[0]}
    frames.announce(roster.drop("here", "bob"))
    await until(lambda: len(alice.frames) == 2)
    assert [frame["count"] for frame in alice.frames] == [1, 2]
    (frame,) = dora.frames
    known = (known | {one["id"] for one in frame["joined"]}) - set(frame["left"])
    assert known == {"alice", "dora"}
    frames.stop()


# --- In the database ---


def entries(count: int, room: str = "tea") -> dict[store.Place, Entry | None]:
    return {(room, f"{n}"): Entry(Person(f"{n}", f"Name {n}"), "2001:db8::1") for n in range(count)}


def whole(count: int) -> dict[store.Place, Entry]:
    return {place: entry for place, entry in entries(count).items() if entry}


def test_a_thousand_who_join_and_leave_cost_few_statements(db: None) -> None:
    store.register("one", 1, {}, {})
    with CaptureQueriesContext(connection) as statements:
        assert store.write("one", Changes(entries(1000))) == 2
    assert len(statements) <= 20
    assert Connection.objects.count() == 1000
    gone = Changes(dict.fromkeys(entries(1000)), {f"{n}": "2001:db8::1" for n in range(1000)})
    with CaptureQueriesContext(connection) as statements:
        assert store.write("one", gone) == 3
    assert len(statements) <= 20
    assert Connection.objects.count() == 0


def test_what_is_written_again_is_there_once(db: None) -> None:
    store.register("one", 1, whole(3), {})
    for _ in range(2):
        store.write("one", Changes(entries(3)))
    ((_version, rooms),) = store.read_people(["tea", "coffee"]).values()
    assert [one.name for one in rooms["tea"]] == ["Name 0", "Name 1", "Name 2"]
    assert rooms.keys() == {"tea"}
    assert Connection.objects.live().count_people(["tea", "coffee"]) == {"tea": 3}


def test_one_person_through_two_processes_counts_once(db: None) -> None:
    store.register("one", 1, whole(3), {})
    store.register("other", 1, whole(4), {})
    assert Connection.objects.live().count_people(["tea"]) == {"tea": 4}


def test_a_process_whose_lease_has_expired_does_not_count_and_is_removed(db: None) -> None:
    Participant.objects.create(key="3", name="Dora")
    store.register("one", 1, whole(3), {})
    store.register("dead", 1, whole(4), {})
    Process.objects.filter(pk="dead").update(renewed_at="2020-01-01T00:00:00Z")
    assert {row.origin: row.is_expired for row in Process.objects.leases()} == {"one": False, "dead": True}
    assert Connection.objects.live().count_people(["tea"]) == {"tea": 3}
    assert store.read_people(["tea"]).keys() == {"one"}
    store.remove_expired()
    assert [row.origin for row in Process.objects.leases()] == ["one"]
    assert Connection.objects.count() == 3
    assert Participant.objects.get(key="3").last_seen_at
    assert not store.renew("dead")
    assert store.write("dead", Changes(entries(1))) is None
    assert Connection.objects.count() == 3


def test_a_new_name_reaches_the_rows_of_other_processes_and_shows_by_their_version(db: None) -> None:
    store.register("one", 1, whole(2), {})
    store.register("other", 7, whole(2), {})
    store.register("third", 4, {}, {})
    store.rename({"1": "Zoë"}, but="one")
    assert {row.origin: row.version for row in Process.objects.leases()} == {"one": 1, "other": 8, "third": 4}
    names = Connection.objects.filter(process="other").values_list("name", flat=True)
    assert set(names) == {"Name 0", "Zoë"}


def test_the_names_that_people_have_are_those_of_their_rows_however_many_are_asked_for(db: None) -> None:
    store.register("one", 1, whole(3), {})
    for key in ("1", "2", "7"):
        Participant.objects.create(key=key, name="Zoë")
    assert store.names_of("one", {"0", "1"}) == {"1": "Zoë"}
    assert store.names_of("one", {f"{n}" for n in range(1001)}) == {"1": "Zoë", "2": "Zoë"}


def test_a_presence_frame_says_nothing_that_is_empty() -> None:
    assert protocol.encode(protocol.Presence(3)) == b'{"type":"presence","count":3}'
