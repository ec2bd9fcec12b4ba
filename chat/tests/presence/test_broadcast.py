"""The roster of a room, and the presence frames that its sockets are sent."""

import asyncio
from typing import Any

import pytest

from chat import protocol
from chat.presence.broadcast import PresenceBroadcast
from chat.presence.roster import Roster
from chat.protocol import Person
from chat.realtime.subscriber import HIGH_WATER
from chat.realtime.transports import Frames

from ..harness.watchers import until
from ..realtime.test_feed import Line


def person(name: str, **fields: Any) -> Person:
    return Person(name.lower(), name, **fields)


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

    def offer(self, frames: Frames) -> bool:
        return self.writer.offer(frames, HIGH_WATER)

    @property
    def frames(self) -> list[dict[str, Any]]:
        return self.writer.frames


@pytest.mark.waits
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
    await until(lambda: alice.frames)
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


def test_a_presence_frame_says_nothing_that_is_empty() -> None:
    assert protocol.encode(protocol.Presence(3)) == b'{"type":"presence","count":3}'
