"""The replay buffer: what a client is sent on resume equals what a fresh read shows."""

import datetime
from dataclasses import dataclass, field
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from chat import protocol
from chat.journal.changes import Batch, Change, Page
from chat.protocol.limits import PAGE_SIZE, RESUME_MAX
from chat.realtime import replay_buffer
from chat.realtime.replay_buffer import ReplayBuffer

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
ALICE = protocol.Author("alice", "Alice")

NOTHING = Page([], more=False)


def change(sequence: int, revision: int, text: str = "", client_id: int | None = None) -> Change:
    message = protocol.Message(
        sequence,
        revision,
        ALICE,
        text,
        text,
        NOW,
        UUID(int=client_id or sequence),
        deleted=not text,
    )
    return Change(message, protocol.encode_message(message))


@dataclass
class Truth:
    """The database: the newest state of each message, and the counters."""

    rows: dict[int, Change] = field(default_factory=dict)
    revision: int = 0

    def post(self) -> Change:
        return self._write(len(self.rows) + 1, f"text {self.revision + 1}")

    def touch(self, sequence: int, text: str) -> Change:
        return self._write(sequence, text)

    def _write(self, sequence: int, text: str) -> Change:
        self.revision += 1
        self.rows[sequence] = change(sequence, self.revision, text)
        return self.rows[sequence]

    def changed_after(self, revision: int) -> list[Change]:
        found = [c for c in self.rows.values() if c.revision > revision]
        return sorted(found, key=lambda c: c.revision)

    def page(self, size: int = PAGE_SIZE) -> Page:
        newest = sorted(self.rows)[-size:]
        return Page([self.rows[n] for n in newest], bool(newest) and newest[0] > 1)


NOTHING = Page([], more=False)

# What people do: post, edit or delete the n-th message. The feed may read what is older in between.
steps = st.lists(
    st.tuples(
        st.sampled_from(["post", "post", "post", "edit", "delete", "backfill"]),
        st.integers(0, 10_000),
    ),
    max_size=140,
)


def act(truth: Truth, what: str, number: int) -> Change | None:
    if what == "post":
        return truth.post()
    if what in ("edit", "delete") and truth.rows:
        sequence = number % len(truth.rows) + 1
        return truth.touch(sequence, f"edited {truth.revision}" if what == "edit" else "")
    return None


def apply(stale: dict[int, Change], changes: list[Change]) -> dict[int, Change]:
    """What a browser does with `changes`."""
    known = dict(stale)
    for c in changes:
        if c.sequence not in known or known[c.sequence].revision < c.revision:
            known[c.sequence] = c
    return known


@given(steps, st.integers(0, 60), st.data())
@settings(max_examples=150, deadline=None)
def test_a_client_that_resumes_from_any_revision_ends_with_what_a_fresh_read_shows(
    doings: list[tuple[str, int]], opened_at: int, data: st.DataObject
) -> None:
    truth, memory = Truth(), ReplayBuffer(0, NOTHING)
    states: list[tuple[int, dict[int, Change]]] = [(0, {})]
    for index, (what, number) in enumerate(doings):
        if index == opened_at:
            memory = ReplayBuffer(truth.revision, truth.page())  # the feed was opened in mid-life
        if what == "backfill":
            floor = number % (truth.revision + 1)
            memory.backfill(floor, truth.changed_after(floor))
        elif done := act(truth, what, number):
            memory.add([done])
            states.append((truth.revision, dict(truth.rows)))

    after, stale = data.draw(st.sampled_from(states))
    changes = memory.since(after)
    if changes is None:
        assert after < memory.floor
    else:
        assert apply(stale, changes) == truth.rows
        assert [c.revision for c in changes] == sorted(c.revision for c in changes)
        assert all(c.revision > after for c in changes)
    assert memory.page == truth.page()


@given(steps, st.integers(0, 100), st.integers(0, 40), st.integers(1, 20))
@settings(max_examples=100, deadline=None)
def test_a_page_that_was_read_while_people_talked_equals_a_fresh_one(
    doings: list[tuple[str, int]], counted_at: int, while_reading: int, together: int
) -> None:
    """The counters are read before the page, so the page may hold changes that are delivered once more."""
    truth = Truth()
    for what, number in doings[:counted_at]:
        act(truth, what, number)
    floor, late = truth.revision, list[Change]()
    for what, number in doings[counted_at : counted_at + while_reading]:
        if done := act(truth, what, number):
            late.append(done)
    memory = ReplayBuffer(floor, truth.page())
    for what, number in doings[counted_at + while_reading :]:
        if done := act(truth, what, number):
            late.append(done)
    for start in range(0, len(late), together):
        memory.add(late[start : start + together])
    assert memory.page == truth.page()
    assert memory.since(floor) == truth.changed_after(floor)


def test_deleted_text_is_not_in_the_replay_buffer() -> None:
    memory = ReplayBuffer(0, NOTHING)
    memory.add([change(1, 1, "my password"), change(2, 2, "oh")])
    memory.add([change(1, 3, "")])
    remembered = [*memory, *(memory.since(0) or []), *memory.page.changes]
    assert remembered
    assert not any("my password" in bytes(c.wire).decode() for c in remembered)


def test_deleted_text_does_not_come_back_with_an_older_read() -> None:
    memory = ReplayBuffer(2, Page([change(1, 1, "my password"), change(2, 2, "oh")], more=False))
    memory.add([change(1, 3, "")])
    memory.backfill(0, [change(1, 1, "my password"), change(2, 2, "oh")])
    for remembered in (memory.since(0), memory.page.changes):
        assert remembered
        assert {(c.sequence, c.message.message) for c in remembered} == {(1, ""), (2, "oh")}


def test_memory_is_bounded_by_number_and_says_how_far_back_it_reaches() -> None:
    memory = ReplayBuffer(0, NOTHING)
    last = 3 * RESUME_MAX
    memory.add([change(n, n, "x") for n in range(1, last + 1)])
    assert len(list(memory)) == RESUME_MAX
    assert memory.since(last - RESUME_MAX - 1) is None
    found = memory.since(last - RESUME_MAX)
    assert found is not None
    assert [c.revision for c in found] == list(range(last - RESUME_MAX + 1, last + 1))


def test_memory_is_bounded_by_size() -> None:
    memory = ReplayBuffer(0, NOTHING)
    text = "日" * 4000
    for n in range(1, 300):
        memory.add([change(n, n, text)])
    assert sum(c.size for c in memory) <= replay_buffer.BYTES_MAX
    assert memory.since(0) is None
    assert memory.since(299) == []


def test_edits_of_one_message_do_not_push_the_others_out() -> None:
    memory = ReplayBuffer(0, NOTHING)
    memory.add([change(n, n, "hello") for n in range(1, 11)])
    for revision in range(11, 2_000):
        memory.add([change(1, revision, f"hello {revision}")])
    found = memory.since(0)
    assert found is not None
    assert [c.sequence for c in found] == [2, 3, 4, 5, 6, 7, 8, 9, 10, 1]


def test_the_page_knows_that_older_messages_exist_once_it_is_full() -> None:
    memory = ReplayBuffer(0, NOTHING)
    memory.add([change(n, n, "x") for n in range(1, PAGE_SIZE + 1)])
    assert not memory.page.more
    memory.add([change(PAGE_SIZE + 1, PAGE_SIZE + 1, "x")])
    assert memory.page.more
    assert [c.sequence for c in memory.page.changes] == list(range(2, PAGE_SIZE + 2))


def test_an_edit_of_an_old_message_does_not_come_onto_the_page() -> None:
    memory = ReplayBuffer(100, Page([change(n, n, "x") for n in range(51, 101)], more=True))
    memory.add([change(3, 101, "mended")])
    assert [c.sequence for c in memory.page.changes] == list(range(51, 101))


def test_another_message_under_a_known_number_is_a_contradiction() -> None:
    memory = ReplayBuffer(0, NOTHING)
    memory.add([change(1, 1, "first life")])
    again = Batch("tea", "life", 0, 1, [change(1, 1, "second life", client_id=99)])
    same = Batch("tea", "life", 0, 1, [change(1, 1, "first life")])
    assert memory.contradicts(again, 1)
    assert not memory.contradicts(same, 1)


def test_a_contradiction_with_the_page_alone_is_one_too() -> None:
    """The feed was opened after the message: only its page has it."""
    memory = ReplayBuffer(1, Page([change(1, 1, "first life")], more=False))
    assert memory.contradicts(Batch("tea", "life", 0, 1, [change(1, 1, "second life", client_id=99)]), 1)


def test_a_change_that_should_have_come_before_the_cursor_is_a_contradiction() -> None:
    """After a restored backup only edits and reactions may follow."""
    memory = ReplayBuffer(0, NOTHING)
    memory.add([change(1, 1, "one"), change(2, 5, "two")])
    edit = Batch("tea", "life", 2, 3, [change(1, 3, "one, edited")])
    assert memory.contradicts(edit, cursor=5)
    assert not memory.contradicts(edit, cursor=2)


def test_a_batch_that_comes_late_is_none_where_a_newer_state_is_known() -> None:
    memory = ReplayBuffer(0, NOTHING)
    memory.add([change(1, 7, "edited twice")])
    assert not memory.contradicts(Batch("tea", "life", 3, 4, [change(1, 4, "edited once")]), cursor=7)
