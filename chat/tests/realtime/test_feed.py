"""A feed and its sockets, in one process and with a clock of the test's own."""

import asyncio
import datetime
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec
import pytest

from chat import protocol
from chat.database.threads import DatabaseThreads
from chat.journal import selectors
from chat.journal.changes import Batch, Change, Page
from chat.journal.sql import RoomRow
from chat.realtime.fanout import FLUSH_PAUSE_MAX
from chat.realtime.feed import Feed
from chat.realtime.subscriber import HIGH_WATER, LOW_WATER, Subscriber
from chat.realtime.transports import Frames

from ..harness.watchers import until

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
ALICE = protocol.Author("alice", "Alice")


class Listener:
    """Does nothing of what a feed asks its process for."""

    def on_counters_went_back(self, feed: Feed) -> None: ...
    def on_repaired(self, changes: list[Change]) -> None: ...
    def on_access_changed(self, feed: Feed) -> None: ...

    def on_mention_of_all(self, feed: Feed) -> None: ...


class Line:
    """The way to a peer; the test says how much of it waits."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.waiting = 0
        self.cut = False

    def offer(self, frames: Frames, most: float) -> bool:
        if self.waiting > most:
            return False
        self.frames += map(json.loads, frames.payloads)
        return True

    def backlog(self) -> int:
        return self.waiting

    def abort(self) -> None:
        self.cut = True


class Person:
    def __init__(self, feed: Feed, *, plain: bool = False) -> None:
        self.line = Line()
        self.closed: list[int] = []
        self.subscriber = Subscriber(self._send, plain=plain)
        self.subscriber.writer = self.line
        feed.fanout.join(self.subscriber)

    async def _send(self, message: dict[str, Any]) -> None:
        self.closed.append(message["code"])

    @property
    def texts(self) -> list[str]:
        """What it was sent, in the order in which it came."""
        plain = [frame["message"] for frame in self.line.frames if "type" not in frame]
        return plain or [m["message"] for frame in self.line.frames for m in frame.get("messages", [])]


def batch(after: int, revision: int) -> Batch:
    messages = [
        protocol.Message(n, n, ALICE, f"{n}", "", NOW, UUID(int=n)) for n in range(after + 1, revision + 1)
    ]
    return Batch("tea", "life", after, revision, [Change(m, protocol.encode_message(m)) for m in messages])


def room_row(sequence: int, revision: int) -> RoomRow:
    return RoomRow(
        id=1,
        key="tea",
        name="tea",
        epoch="life",
        sequence=sequence,
        revision=revision,
        room_revision=0,
        access_revision=0,
        last_posted_at=None,
        topic="",
        is_private=False,
        password="",
        is_read_only=False,
        slow_mode=0,
        retention_days=None,
        is_hidden=False,
        closed_at=None,
        purged_through=0,
        pinned=None,
        filter_words="",
        filter_action="mask",
        uploads=True,
    )


@pytest.fixture
async def feed() -> Feed:
    """A feed at the beginning of a room's life, without a database behind it."""
    threads = DatabaseThreads(0, "none")
    made = Feed("tea", "tea", threads, Listener())
    made.ready.set()
    return made


async def flushed() -> None:
    """Long enough for what waits to be sent."""
    await asyncio.sleep(3 * FLUSH_PAUSE_MAX)


async def test_changes_that_come_fast_go_out_together_and_once(feed: Feed) -> None:
    alice, bob = Person(feed), Person(feed, plain=True)
    for n in range(200):
        feed.offer(batch(n, n + 1))
    await flushed()
    assert alice.texts == bob.texts == [f"{n}" for n in range(1, 201)]
    assert len(alice.line.frames) < 200
    edges = [(frame["after"], frame["revision"]) for frame in alice.line.frames]
    assert edges[0][0] == 0
    assert all(one[1] == next_one[0] for one, next_one in pairwise(edges))


@pytest.mark.parametrize("plain", [True, False])
async def test_a_slow_socket_is_skipped_and_sent_later_what_it_missed(feed: Feed, plain: bool) -> None:
    alice, slow = Person(feed, plain=plain), Person(feed, plain=plain)
    feed.offer(batch(0, 3))
    slow.line.waiting = HIGH_WATER + 1
    for n in range(3, 20):
        feed.offer(batch(n, n + 1))
    await flushed()
    assert slow.texts == ["1", "2", "3"]
    feed.catch_up_slow_sockets()
    assert slow.texts == ["1", "2", "3"]
    slow.line.waiting = LOW_WATER
    feed.catch_up_slow_sockets()
    feed.offer(batch(20, 21))
    await flushed()
    assert alice.texts == slow.texts == [f"{n}" for n in range(1, 22)]
    assert not slow.closed


async def test_a_socket_that_falls_behind_between_two_frames_is_sent_nothing_twice(feed: Feed) -> None:
    """A plain socket is sent a frame a message: the line may be full after the first of five."""
    slow = Person(feed, plain=True)

    class Narrow(Line):
        def offer(self, frames: Frames, most: float) -> bool:
            is_written = super().offer(frames, most)
            self.waiting = HIGH_WATER + 1
            return is_written

    slow.subscriber.writer = slow.line = Narrow()
    feed.offer(batch(0, 5))
    await flushed()
    assert slow.texts == ["1", "2", "3", "4", "5"]
    feed.offer(batch(5, 6))
    await flushed()
    slow.line.waiting = 0
    feed.catch_up_slow_sockets()
    assert slow.texts == ["1", "2", "3", "4", "5", "6"]


async def test_a_socket_that_is_behind_for_30_seconds_is_closed_as_too_slow(feed: Feed) -> None:
    alice, slow = Person(feed), Person(feed)
    slow.line.waiting = HIGH_WATER + 1
    feed.offer(batch(0, 1))
    began = asyncio.get_running_loop().time()
    feed.fanout.catch_up(began + 29, feed.buffer, feed.state, 0)
    await flushed()
    assert not slow.closed
    feed.fanout.catch_up(began + 31, feed.buffer, feed.state, 0)
    await flushed()
    assert slow.closed == [4408]
    assert not feed.fanout.behind
    feed.offer(batch(1, 2))
    await flushed()
    assert alice.texts == ["1", "2"]
    assert slow.texts == []


async def test_the_connection_of_a_peer_that_does_not_take_its_close_frame_is_aborted(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.realtime.subscriber.CLOSE_TIMEOUT", 0.05)
    slow = Person(feed)

    async def never(_: dict[str, Any]) -> None:
        await asyncio.Event().wait()

    slow.subscriber._send = never
    slow.subscriber.close(protocol.CloseCode.TOO_SLOW)
    await until(lambda: slow.line.cut)


async def test_a_server_whose_send_waits_for_the_peer_does_not_hold_up_the_feed(feed: Feed) -> None:
    """Any other ASGI server: its `send` may never return."""
    stuck = asyncio.Event()
    heard: list[str] = []

    def sender(event: asyncio.Event | None) -> Callable[[dict[str, Any]], Awaitable[None]]:
        async def send(message: dict[str, Any]) -> None:
            if event:
                await event.wait()
            heard.append(message["text"])

        return send

    alice, slow = Subscriber(sender(None), plain=True), Subscriber(sender(stuck), plain=True)
    feed.fanout.join(alice)
    feed.fanout.join(slow)
    for n in range(5):
        feed.offer(batch(n, n + 1))
    await flushed()
    assert [json.loads(text)["message"] for text in heard] == ["1", "2", "3", "4", "5"]
    stuck.set()
    await flushed()
    assert [json.loads(text)["message"] for text in heard] == ["1", "2", "3", "4", "5"] * 2


async def test_a_crowd_is_written_to_in_parts_that_take_what_has_come_meanwhile(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.realtime.shard.SHARD_MAX", 2)
    people = [Person(feed, plain=n % 3 == 0) for n in range(8)]
    feed.offer(batch(0, 1))
    feed.offer(batch(1, 2))
    assert sorted(len(person.texts) for person in people) == [0] * 6 + [1] * 2
    late = Person(feed)
    feed.fanout.leave(people[0].subscriber)
    await until(lambda: all(person.texts == ["1", "2"] for person in people[1:]))
    later = [person for person in people[1:6] if not person.subscriber.plain]
    assert [len(person.line.frames) for person in later] == [1] * len(later)
    feed.offer(batch(2, 3))
    await until(lambda: all(person.texts[-1:] == ["3"] for person in [*people[1:], late]))
    assert all(person.texts == ["1", "2", "3"] for person in people[1:])
    assert people[0].texts == []


@pytest.mark.parametrize("plain", [True, False])
async def test_whoever_was_paused_between_two_parts_of_a_crowd_misses_nothing_and_is_told_nothing_twice(
    feed: Feed, monkeypatch: pytest.MonkeyPatch, plain: bool
) -> None:
    """Bob's part was written to before he was paused; the one that he comes back to was not."""
    monkeypatch.setattr("chat.realtime.shard.SHARD_MAX", 1)
    alice, bob = Person(feed, plain=plain), Person(feed, plain=plain)
    feed.offer(batch(0, 1))
    assert (alice.texts, bob.texts) == ([], ["1"])
    feed.fanout.pause_delivery(bob.subscriber)
    feed.fanout.resume_delivery(bob.subscriber)
    feed.catch_up_slow_sockets()
    assert bob.subscriber.behind
    feed.offer(batch(1, 2))
    await until(lambda: alice.texts == ["1", "2"])
    await flushed()
    feed.catch_up_slow_sockets()
    assert bob.texts == ["1", "2"]
    assert not feed.fanout.behind


class Database(DatabaseThreads):
    """Answers as the test says, and remembers what it was asked."""

    def __init__(self, row: RoomRow | None, changes: list[Change] | None = None) -> None:
        super().__init__(0, "none")
        self.row = row
        self.changes = changes or []
        self.questions: list[str] = []
        self.before_answer: Callable[[], object] = lambda: None
        self.error: Exception | None = None

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.questions.append(function.__name__)
        error, self.error = self.error, None
        if error:
            raise error
        self.before_answer()
        if function is not selectors.changed_after:
            return self.row, Page([], more=False)
        return self.row, [change for change in self.changes if change.revision > args[1]]

    async def feed(self) -> Feed:
        """Opened, with what the row says."""
        feed = Feed("tea", "tea", self, Listener())
        feed.open()
        await asyncio.wait_for(feed.ready.wait(), 60)
        return feed


@pytest.mark.parametrize("row", [room_row(sequence=3, revision=3), None], ids=["with a row", "without"])
async def test_a_hint_that_the_database_does_not_confirm_is_not_looked_up_without_end(
    row: RoomRow | None,
) -> None:
    """It was committed and lost, or the room was deleted: its number may never come, or come for something
    else."""
    database = Database(row)
    feed = await database.feed()
    alice = Person(feed)
    feed.offer(batch(70, 71))
    await until(lambda: len(database.questions) > 1)
    await asyncio.sleep(1)
    assert len(database.questions) < 10, database.questions
    assert alice.texts == []


async def test_a_newer_room_state_is_not_replaced_by_an_older_answer() -> None:
    """The database is asked; the room gets a topic; the answer is of the time before."""
    database = Database(room_row(1, 1))
    feed = await database.feed()
    database.row = room_row(2, 2)
    database.changes = batch(1, 2).changes
    topic = protocol.RoomState("tea", "all about tea")
    database.before_answer = lambda: feed.offer(replace(batch(1, 3), room=topic))
    feed.check(selectors.Counters("life", 2, 0), asked_at=1)
    await until(lambda: feed._work is None)
    assert feed.sequencer.revision == 3
    assert feed.state == topic


async def test_a_plain_socket_is_sent_once_what_was_edited_between_the_counters_and_the_rows() -> None:
    database = Database(room_row(0, 0))
    feed = await database.feed()
    bob = Person(feed, plain=True)
    one, two, edited = batch(0, 3).changes
    edited = Change(msgspec.structs.replace(one.message, revision=3, message="edited"), edited.wire)
    database.row, database.changes = room_row(2, 2), [two, edited]
    feed.check(selectors.Counters("life", 2, 0), asked_at=0)
    await until(lambda: feed._work is None)
    assert feed.sequencer.revision == 2
    feed.offer(Batch("tea", "life", 2, 3, [edited]))
    feed.offer(batch(3, 4))
    await until(lambda: len(bob.texts) >= 3)
    assert bob.texts == ["edited", "2", "4"]


async def test_what_was_posted_between_the_counters_and_an_edit_is_sent_by_the_next_repair() -> None:
    database = Database(room_row(0, 0))
    feed = await database.feed()
    alice = Person(feed)
    one, two, three = batch(0, 3).changes
    edited = Change(msgspec.structs.replace(one.message, revision=4), one.wire)
    database.row, database.changes = room_row(2, 2), [two, edited]
    feed.check(selectors.Counters("life", 2, 0), asked_at=0)
    await until(lambda: feed._work is None)
    database.row, database.changes = room_row(3, 4), [two, three, edited]
    feed.check(selectors.Counters("life", 4, 0), asked_at=2)
    await until(lambda: "3" in alice.texts)


async def test_a_change_of_the_room_without_a_hint_is_found_by_the_check_of_the_counters() -> None:
    """Even where the revisions are equal, as if the feed's messages had passed its state by."""
    database = Database(room_row(2, 2))
    feed = await database.feed()
    alice = Person(feed)
    database.row = replace(room_row(2, 2), room_revision=2, access_revision=2, is_private=True)
    for _look in range(2):
        feed.check(selectors.Counters("life", 2, 2), asked_at=2)
        await until(lambda: feed._work is None)
    assert database.questions == ["newest_page", "changed_after"]
    assert feed.state.private
    assert [frame["room"]["private"] for frame in alice.line.frames if "room" in frame] == [True]


@pytest.mark.parametrize("is_back", [True, False])
async def test_counters_that_went_back_and_came_past_the_cursor_unseen_are_noticed_by_the_repair(
    is_back: bool,
) -> None:
    """A backup was restored and others have written since: the last change that we hold is not stored."""
    database = Database(room_row(0, 0))
    feed = await database.feed()
    alice = Person(feed)
    feed.offer(batch(0, 3))
    ours, theirs = batch(0, 3).changes[-1], batch(3, 5).changes
    database.row, database.changes = room_row(5, 5), theirs if is_back else [ours, *theirs]
    feed.check(selectors.Counters("life", 5, 0), asked_at=3)
    await until(lambda: feed._work is None)
    await flushed()
    assert feed._is_doubtful is is_back
    assert alice.texts == (["1", "2", "3"] if is_back else ["1", "2", "3", "4", "5"])


async def test_one_bug_does_not_end_a_rooms_repairs(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.realtime.feed.RETRY_PAUSE", 0.01)
    monkeypatch.setattr("chat.infra.background.QUIET", 0.0)
    database = Database(room_row(0, 0))
    feed = await database.feed()
    database.row, database.changes = room_row(3, 3), batch(0, 3).changes
    database.error = ValueError("a bug")
    feed.check(selectors.Counters("life", 3, 0), asked_at=0)
    await until(lambda: feed.sequencer.revision == 3)
    assert "ValueError: a bug" in caplog.text
