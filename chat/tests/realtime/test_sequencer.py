"""The ordering rule: whatever way batches arrive, each revision is delivered once and in order."""

import datetime
import random
from dataclasses import dataclass, field
from itertools import pairwise
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from chat import protocol
from chat.journal.changes import Batch, Change
from chat.realtime.sequencer import HELD_MAX, Disposition, Sequencer

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
ALICE = protocol.Author("alice", "Alice")


def change(revision: int, sequence: int | None = None) -> Change:
    sequence = sequence or revision
    message = protocol.Message(sequence, revision, ALICE, f"text {revision}", "", NOW, UUID(int=sequence))
    return Change(message, protocol.encode_message(message))


def batch(after: int, revision: int, epoch: str = "life") -> Batch:
    return Batch("tea", epoch, after, revision, [change(n) for n in range(after + 1, revision + 1)])


@dataclass
class Reader:
    """A feed without its sockets and timers: takes batches as feed.py does, repairs from `database`."""

    database: list[Batch]
    sequencer: Sequencer = field(default_factory=Sequencer)
    delivered: list[int] = field(default_factory=list)

    def take(self, changes: list[Change]) -> None:
        self.delivered += [c.revision for c in changes]

    def offer(self, arrived: Batch) -> None:
        match self.sequencer.classify(arrived):
            case Disposition.DELIVER:
                self.deliver(arrived)
                self.release()
            case Disposition.GAP:
                self.sequencer.hold(arrived)

    def deliver(self, arrived: Batch) -> None:
        news = [c for c in arrived.changes if c.revision > self.sequencer.revision]
        self.sequencer.advance(arrived)
        self.take(news)

    def release(self) -> None:
        while ready := self.sequencer.release():
            self.deliver(ready)

    def repair(self, up_to: int) -> None:
        """What a look at the database brings: everything past the cursor that is committed by then."""
        cursor = self.sequencer.revision
        found = [c for b in self.database for c in b.changes if cursor < c.revision <= up_to]
        if found:
            self.sequencer.start_at("life", found[-1].revision)
            self.take(found)
        self.release()


@st.composite
def histories(draw: st.DrawFn) -> list[Batch]:
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=30))
    edges = [0]
    for size in sizes:
        edges.append(edges[-1] + size)
    return [batch(after, revision) for after, revision in pairwise(edges)]


@given(histories(), st.randoms(use_true_random=False), st.floats(0, 0.5))
@settings(max_examples=300)
def test_any_shuffled_doubled_and_lossy_stream_is_delivered_once_and_in_order(
    database: list[Batch], chance: random.Random, loss: float
) -> None:
    stream = [b for b in database + database if chance.random() > loss]
    # Two batches that waited together may also arrive as one.
    stream += [Batch.joined(pair) for pair in pairwise(database) if chance.random() < 0.3]
    chance.shuffle(stream)
    reader = Reader(database)
    for arrived in stream:
        reader.offer(arrived)
        if chance.random() < 0.2:
            # Whoever looks at the database finds at least what it was told of.
            reader.repair(up_to=max(arrived.revision, chance.choice(database).revision))
    reader.repair(up_to=database[-1].revision)
    assert reader.delivered == list(range(1, database[-1].revision + 1))
    assert reader.sequencer.revision == database[-1].revision
    assert not reader.sequencer.held


@given(histories(), st.randoms(use_true_random=False))
def test_a_stream_without_loss_needs_no_repair(database: list[Batch], chance: random.Random) -> None:
    stream = database + database
    chance.shuffle(stream)
    reader = Reader([])
    for arrived in stream:
        reader.offer(arrived)
    assert reader.delivered == list(range(1, database[-1].revision + 1))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6))
def test_a_batch_that_overlaps_the_cursor_delivers_only_what_is_new(edges: list[tuple[int, int]]) -> None:
    reader = Reader([])
    for one, other in edges:
        reader.offer(batch(min(one, other), max(one, other) + 1))
    assert reader.delivered == sorted(set(reader.delivered))


def test_the_first_batch_of_a_room_without_a_row_sets_the_epoch() -> None:
    sequencer = Sequencer()
    assert sequencer.classify(batch(0, 1)) is Disposition.DELIVER
    sequencer.advance(batch(0, 1))
    assert (sequencer.epoch, sequencer.revision) == ("life", 1)


def test_a_room_without_a_row_whose_first_hints_were_lost_has_a_gap() -> None:
    assert Sequencer().classify(batch(2, 3)) is Disposition.GAP


def test_a_batch_of_another_epoch_is_an_epoch_change_whatever_its_numbers() -> None:
    sequencer = Sequencer("life", 7)
    for after in (0, 6, 7, 9):
        assert sequencer.classify(batch(after, after + 1, epoch="next life")) is Disposition.EPOCH_CHANGED


def test_a_batch_up_to_the_cursor_is_seen() -> None:
    sequencer = Sequencer("life", 7)
    assert sequencer.classify(batch(6, 7)) is Disposition.SEEN
    assert sequencer.classify(batch(0, 1)) is Disposition.SEEN


def test_memory_for_early_batches_is_bounded_and_the_rest_comes_from_the_database() -> None:
    database = [batch(n, n + 1) for n in range(10 * HELD_MAX)]
    reader = Reader(database)
    for arrived in reversed(database[1:]):
        reader.offer(arrived)
    assert len(reader.sequencer.held) <= HELD_MAX
    reader.repair(up_to=database[-1].revision)
    assert reader.delivered == list(range(1, 10 * HELD_MAX + 1))


def test_held_batches_of_an_earlier_epoch_do_not_delay_the_next() -> None:
    sequencer = Sequencer("life", 1)
    sequencer.hold(batch(3, 4))
    sequencer.start_at("next life", 5)
    sequencer.hold(batch(5, 6, epoch="next life"))
    released = sequencer.release()
    assert released
    assert (released.epoch, released.revision) == ("next life", 6)
