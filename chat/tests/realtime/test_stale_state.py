"""Applying `changes` to any stale state equals a fresh read.

Random histories go through the real journal into a real database; hints get lost, come twice, come late. Then
clients that stopped listening at any moment come back to a feed that lived through it, and to a new one.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat import protocol
from chat.database.threads import DatabaseThreads
from chat.journal import selectors
from chat.journal.changes import Batch, Change
from chat.journal.service import write
from chat.journal.types import Done, NewEpoch, Settings, Stored, WriteRequest
from chat.models.message import MessageQuerySet
from chat.realtime.feed import Feed
from chat.realtime.subscriber import Subscriber

from ..harness.clients import ChatClient, Frame
from ..harness.write_requests import ALICE, BOB, act, delete, done, edit, post, stored

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = (ALICE, BOB)
FATES = ("heard", "heard", "heard", "lost", "twice", "late")


@dataclass(frozen=True)
class Step:
    """Something that happens in the room; what becomes of the hint; whether a client stops listening here."""

    kind: str
    pick: int
    fate: str
    leaves: bool


KINDS = ["post"] * 6 + ["edit"] * 4 + ["delete"] * 2 + ["topic", "together", "new life"]
STEPS = st.builds(
    Step,
    kind=st.sampled_from(KINDS),
    pick=st.integers(0, 40),
    fate=st.sampled_from(FATES),
    leaves=st.booleans(),
)
HISTORIES = st.lists(STEPS, min_size=1, max_size=30)


class Offline(ChatClient):
    """A client whose wire we hold in our hands: what it sends, it asks a feed."""

    def __init__(self) -> None:
        super().__init__("ws://localhost/")
        self.questions: list[Frame] = []

    async def send(self, frame: Frame) -> None:
        self.questions.append(frame)

    def twin(self) -> "Offline":
        """Another one that holds the same and is sent no more."""
        twin = Offline()
        twin.log, twin.epoch, twin.revision = dict(self.log), self.epoch, self.revision
        return twin

    async def hear(self, payload: bytes | str) -> None:
        await self.received(json.loads(payload))

    async def catch_up(self, feed: Feed) -> None:
        await self.resume()
        while self.questions:
            question = self.questions.pop(0)
            await self.hear(await feed.resume(question.get("epoch"), question.get("after", 0)))

    @property
    def hole(self) -> int:
        """The highest place below the newest message of which it knows nothing; 0 without one."""
        return next((n for n in range(max(self.log, default=0), 0, -1) if n not in self.log), 0)


@dataclass
class RoomHistory:
    """A room with its feed, somebody who listens all the time, and those who stopped."""

    room: str
    threads: DatabaseThreads
    feed: Feed = field(init=False)
    listener: Offline = field(default_factory=Offline)
    gone: list[Offline] = field(default_factory=list)
    late: list[Batch] = field(default_factory=list)
    authors: list[int] = field(default_factory=list)  # by sequence, from 1
    revisions: dict[int, int] = field(default_factory=dict)  # of those that are not deleted
    frames: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)

    async def open(self) -> None:
        self.feed = await self.new_feed()
        self.feed.fanout.join(Subscriber(self._send, plain=False))
        await self.listener.catch_up(self.feed)

    async def new_feed(self) -> Feed:
        feed = Feed(self.room, self.room, self.threads, self)
        feed.open()
        await asyncio.wait_for(feed.ready.wait(), 60)
        return feed

    def on_counters_went_back(self, feed: Feed) -> None:
        raise AssertionError("the counters never go back here")

    def on_repaired(self, changes: list[Change]) -> None: ...
    def on_access_changed(self, feed: Feed) -> None: ...

    def on_mention_of_all(self, feed: Feed) -> None: ...

    async def _send(self, event: dict[str, Any]) -> None:
        self.frames.put_nowait(event["text"])

    # --- What happens ---

    async def take(self, step: Step) -> None:
        if write_requests := self._drafts(step):
            written = await self.threads.run(write, write_requests)
            for one, outcome in zip(write_requests, written.outcomes, strict=True):
                assert isinstance(outcome, Stored | Done), outcome
                if isinstance(outcome, Done):
                    continue
                if outcome.sequence > len(self.authors) and isinstance(one.command, protocol.Post):
                    self.authors.append(PEOPLE.index(one.who or ALICE))
                if isinstance(one.command, protocol.Post | protocol.Edit):
                    self.revisions[outcome.sequence] = outcome.revision
                elif isinstance(one.command, protocol.Delete):
                    del self.revisions[outcome.sequence]
            for batch in written.batches:
                self._tell(batch, step.fate)
        await asyncio.sleep(0)
        if step.leaves:
            await self._listen()
            self.gone.append(self.listener.twin())

    def _drafts(self, step: Step) -> list[WriteRequest]:
        sequence = 1 + step.pick % max(1, len(self.authors))
        who = PEOPLE[self.authors[sequence - 1]] if self.authors else ALICE
        alive = sequence in self.revisions
        match step.kind:
            case "edit" if alive:
                return [edit(sequence, f"mended {uuid4().hex}", self.revisions[sequence], who, self.room)]
            case "delete" if alive:
                return [delete(sequence, who, self.room)]
            case "topic" if self.authors:
                return [WriteRequest(self.room, self.room, None, Settings({"topic": f"topic {step.pick}"}))]
            case "new life" if self.authors:
                return [WriteRequest(self.room, self.room, None, NewEpoch(self.feed.sequencer.epoch or ""))]
            case "together":
                return [post(f"{n}", PEOPLE[n % 2], self.room) for n in range(2 + step.pick)]
        return [post(f"number {step.pick}", PEOPLE[step.pick % 2], self.room)]

    def _tell(self, batch: Batch, fate: str) -> None:
        late, self.late = self.late, []
        if fate == "late":
            self.late.append(batch)
        elif fate != "lost":
            self.feed.offer(Batch.from_hint(batch.key, batch.to_hint()))
        for one in (batch,) if fate == "twice" else late:
            self.feed.offer(one)

    # --- How it ends ---

    async def look(self) -> None:
        """The look that a process takes every 2 s, and what follows from it."""
        found = await self.threads.run(selectors.counters, [self.room])
        counters = found.get(self.room, selectors.Counters())
        async with asyncio.timeout(60):
            while (self.feed.sequencer.epoch, self.feed.sequencer.revision) != counters[:2]:
                self.feed.check(counters, self.feed.sequencer.revision)
                await asyncio.sleep(0.001)
        await asyncio.sleep(0.04)  # the longest pause before a flush

    async def _listen(self) -> None:
        while not self.frames.empty():
            await self.listener.hear(self.frames.get_nowait())
        while self.listener.questions:
            await self.listener.catch_up(self.feed)

    async def assert_all_hold_what_is_stored(self) -> None:
        await self.look()
        await self._listen()
        room, page = await self.threads.run(selectors.newest_page, self.room, 10_000)
        fresh = [json.loads(bytes(change.wire)) for change in page.changes]
        cursor = (room.epoch, room.revision) if room else (None, 0)
        newcomer = Offline()
        for feed in (self.feed, await self.new_feed()):
            for client in (newcomer, self.listener, *(gone.twin() for gone in self.gone)):
                if client is not self.listener:
                    await client.catch_up(feed)
                await self._page_back(client)
                assert client.messages == fresh
                assert client.cursor == cursor
            feed.close()

    async def _page_back(self, client: Offline) -> None:
        """A reset brings the newest page only; the rest is asked for."""
        while hole := client.hole:
            page = await self.threads.run(selectors.history, self.room, protocol.History(hole + 1, 100))
            frame = protocol.HistoryPage([change.wire for change in page.changes], page.more, page.newer)
            await client.hear(protocol.encode(frame))
            assert client.hole < hole


@pytest.fixture
def no_connection_is_left_open() -> Iterator[None]:
    from django.db import connections

    yield
    connections.close_all()


async def live_through(history: list[Step]) -> None:
    threads = DatabaseThreads(1, "reads")
    room = RoomHistory(f"room-{uuid4().hex[:12]}", threads)
    try:
        await room.open()
        for step in history:
            await room.take(step)
        await room.assert_all_hold_what_is_stored()
    finally:
        threads.stop()


@pytest.mark.usefixtures("no_connection_is_left_open")
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=HISTORIES)
def test_changes_applied_to_any_stale_state_equal_a_fresh_read(history: list[Step]) -> None:
    asyncio.run(live_through(history))


def test_a_client_that_was_away_for_more_than_500_changes_starts_afresh_and_holds_everything() -> None:
    posts = [Step("together", 38, fate, leaves=n == 1) for n, fate in enumerate(FATES * 3)]
    edits = [Step("edit", n % 40, "heard", leaves=False) for n in range(20)]
    asyncio.run(live_through([Step("post", 0, "heard", leaves=True), *posts, *edits]))


def test_what_is_posted_between_the_counters_and_the_rows_is_left_to_the_next_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A feed whose messages were newer than the state of the room would take the ban for known. What was
    posted before and is changed meanwhile comes as it is now: a plain reader would never hear it."""
    write([post("one"), post("two", BOB)])
    read_rows = MessageQuerySet.changed_after

    def committed_meanwhile(rows: MessageQuerySet, *arguments: int) -> MessageQuerySet:
        done(act(protocol.Act.BAN, id=BOB.key))
        stored(edit(1, "once", 1))
        stored(post("three"))
        return read_rows(rows, *arguments)

    monkeypatch.setattr(MessageQuerySet, "changed_after", committed_meanwhile)
    room, changes = selectors.changed_after("tea", 0)
    assert room
    assert room.revision == 2
    assert [(change.sequence, change.message.message) for change in changes] == [(2, "two"), (1, "once")]
