"""The checker of `make chaos` finds each kind of fault. (A whole round: endurance/test_chaos_round.py.)"""

from dataclasses import replace
from typing import get_args

import pytest

from chaos import roster, verdict
from chaos.people import Person, PlainReader
from chaos.record import Acked, Ended, Excluded, Licence, Reaction, Record, Sight, now
from chaos.report import Report
from chaos.schedule import draw
from chaos.stored import StoredMessage, StoredRoom
from chaos.stranger import WAYS, largest_frames
from chat import protocol
from chat.protocol.limits import FRAME_MAX

ROOM = "tea"


class NoSite:
    def ws_url(self, server: int, room: str, *, through_proxy: bool) -> str:
        return "ws://localhost/"

    def living(self) -> list[int]:
        return []


def stored(*texts: str | None) -> StoredRoom:
    """A room with these messages; None is a deleted one."""
    messages = [
        StoredMessage(n, n, text or "", "", f"id-{n}", "Alice", None, False, text is None)
        for n, text in enumerate(texts, 1)
    ]
    return StoredRoom("epoch", len(texts), len(texts), messages)


def acked(sequence: int, text: str | None, kind: str = "post", at: float = 10.0) -> Acked:
    return Acked(ROOM, "alice", kind, f"id-{sequence}", sequence, sequence, text, at)


def problems_with(room: StoredRoom, *acks: Acked) -> str:
    record = Record(acked=list(acks))
    verdict.check_stored(ROOM, room, record, Licence())
    return "\n".join(record.problems)


# --- The checker ---


def test_a_write_that_was_acked_and_is_not_stored_is_found() -> None:
    assert "acked, not stored" in problems_with(stored("one"), acked(1, "one"), acked(2, "two"))
    assert not problems_with(stored("one", "two"), acked(1, "one"), acked(2, "two"))


def test_an_edit_that_was_acked_and_is_not_stored_is_found() -> None:
    mended = Acked(ROOM, "alice", "edit", "other", 1, 2, "mended", 11.0)
    assert "stored differently" in problems_with(stored("one", "two"), acked(1, "one"), mended)


def test_a_deletion_that_was_acked_and_is_not_stored_is_found() -> None:
    assert "deletion" in problems_with(stored("one"), acked(1, None, "delete"))
    assert not problems_with(stored(None), acked(1, "one"), acked(1, None, "delete"))


def test_a_reaction_that_was_acked_and_is_not_stored_is_found() -> None:
    room = stored("one", None)
    ack = replace(acked(1, None, "react"), reaction=Reaction(1, "👍", "bob"))
    of_none = replace(acked(2, None, "react"), reaction=Reaction(2, "👍", "bob"))
    assert "acked, not stored" in problems_with(room, ack)
    assert not problems_with(room, of_none), "the message is deleted"
    record = Record(acked=[ack], withdrawn={Reaction(1, "👍", "bob")})
    verdict.check_stored(ROOM, room, record, Licence())
    assert not record.problems
    room.messages[0] = room.messages[0]._replace(reactions=(("👍", 1, ("bob",)),))
    assert not problems_with(room, ack)


def test_a_message_that_was_acked_with_files_and_has_others_is_found() -> None:
    ack = replace(acked(1, "one"), files=("a",))
    room = stored("one")
    assert "files" in problems_with(room, ack)
    room.messages[0] = room.messages[0]._replace(files=("a",))
    assert not problems_with(room, ack)
    assert "files" in problems_with(room, acked(1, "one"))
    gone = stored(None)
    assert not problems_with(gone, ack, acked(1, None, "delete"))
    gone.messages[0] = gone.messages[0]._replace(files=("a",))
    assert "files" in problems_with(gone, ack, acked(1, None, "delete"))


def test_a_message_that_is_stored_twice_is_found() -> None:
    room = stored("one", "one")
    room.messages[1] = room.messages[1]._replace(client_id="id-1")
    assert "more than once" in problems_with(room)


def test_a_hole_in_the_places_is_found() -> None:
    room = stored("one", "two", "three")
    del room.messages[1]
    assert "not dense" in problems_with(room)


def test_what_retention_removed_leaves_no_hole_and_what_it_left_out_does() -> None:
    room = stored("one", "two", "three")
    del room.messages[0]
    acks = acked(1, "one"), acked(2, "two")
    assert not problems_with(replace(room, purged_through=1), *acks)
    assert "not dense" in problems_with(replace(room, purged_through=2), *acks)


def reader() -> tuple[Person, Record]:
    record = Record()
    return Person("bob", ROOM, NoSite(), record, 0), record


def shown(message: StoredMessage) -> dict[str, object]:
    author = {"id": "a", "name": message.author, "verified": False}
    fields = message._asdict() | {"message": message.text, "author": author, "deleted": message.deleted}
    return {name: value for name, value in fields.items() if name not in ("text", "edited")}


@pytest.mark.parametrize(
    "difference", ["missing", "text", "deleted", "revision", "client_id", "extra", "reactions"]
)
def test_a_log_that_differs_from_the_database_is_found(difference: str) -> None:
    bob, record = reader()
    room = stored("one", "two")
    bob.log = {message.sequence: shown(message) for message in room.messages}
    bob.epoch, bob.revision = "epoch", 2
    verdict.check_log(bob, room, record)
    assert not record.problems
    other = {"text": "message"}.get(difference, difference)
    match difference:
        case "missing":
            del bob.log[1]
        case "extra":
            bob.log[3] = bob.log[2] | {"sequence": 3}
        case "reactions":
            bob.log[1] = bob.log[1] | {"reactions": [{"emoji": "👍", "count": 1, "ids": ["bob"]}]}
        case _:
            bob.log[1] = bob.log[1] | {other: 77 if difference == "revision" else "x"}
    verdict.check_log(bob, room, record)
    assert record.problems


def test_a_cursor_that_is_behind_is_found() -> None:
    bob, record = reader()
    room = stored("one")
    bob.log = {1: shown(room.messages[0])}
    bob.epoch, bob.revision = "epoch", 0
    verdict.check_log(bob, room, record)
    assert "cursor" in record.problems[0]


@pytest.mark.parametrize("seen", [[1, 1, 2, 3], [2, 1, 3], [1, 3], [1, 2]])
def test_a_plain_reader_who_saw_twice_out_of_order_or_not_at_all_is_found(seen: list[int]) -> None:
    record = Record(acked=[acked(n, "x") for n in (1, 2, 3)])
    charlie = PlainReader("charlie", ROOM, NoSite(), record, 0)
    charlie.seen = seen
    verdict.check_plain(charlie, stored("x", "x", "x"), record, Licence())
    assert record.problems


def test_a_delivery_that_is_late_is_found_and_one_after_an_outage_is_forgiven() -> None:
    bob, record = reader()
    at = now() - 6
    record.acked = [acked(1, "one", at=at)]
    record.saw("bob", 1, 1, since=at - 1)
    verdict.check_delays([bob], record, Licence(unreadable=[(at, at + 3)]))
    assert not record.problems
    [sight] = record.sights["bob"][1]
    assert verdict.check_delays([bob], record, Licence())[1] == sight.at - at
    assert "after its ack" in record.problems[0]


@pytest.mark.parametrize("revision", [1, 2])
def test_what_a_page_left_out_is_due_only_if_the_page_is_older(revision: int) -> None:
    """The reader's page came before the writer read the acknowledgement."""
    bob, record = reader()
    record.started_afresh("bob", 2, revision)
    record.acked = [Acked(ROOM, "alice", "edit", "other", 1, 2, "mended", now() + 1)]
    record.sights["bob"][1] = [Sight(now() + 20, now() - 20, 3)]
    verdict.check_delays([bob], record, Licence())
    assert bool(record.problems) == (revision < 2)


def test_a_socket_that_was_closed_for_no_reason_is_found() -> None:
    licence = Licence(closing=[(0, 5.0, 6.0, 4012)])
    record = Record(ended=[Ended("alice", 0, 4012, 5.5)])
    verdict.check_closes(record, licence)
    assert not record.problems
    record.ended += [Ended("bob", 0, 1006, 5.5), Ended("charlie", 1, 4012, 5.5), Ended("dora", 0, 4012, 9.0)]
    verdict.check_closes(record, licence)
    assert [problem.split("'")[0] for problem in record.problems] == ["bob", "charlie", "dora"]


@pytest.mark.parametrize("wrong", ["missing", "not here", "count"])
def test_a_list_of_people_that_is_not_true_is_found(wrong: str) -> None:
    bob, record = reader()
    bob.people, bob.count = {"alice": {}, "bob": {}}, 2
    roster.check_roster(bob, {"alice", "bob"}, record)
    assert not record.problems
    match wrong:
        case "missing":
            del bob.people["alice"]
        case "not here":
            bob.people["charlie"] = {}
        case "count":
            bob.count = 3
    roster.check_roster(bob, {"alice", "bob"}, record)
    assert "2 are here" in record.problems[0]


def excluded(ends: list[Ended], licence: Licence | None = None) -> str:
    """What is wrong where charlie was banned at 10 and alice, who banned them, heard so at 11."""
    charlie = Person("charlie", ROOM, NoSite(), record := Record(ended=ends), 0)
    licence = licence or Licence()
    licence.excluded.append(Excluded("charlie", asked=10.0, done=11.0))
    verdict.check_closes(record, licence)
    verdict.check_excluded([charlie], record, licence)
    return "\n".join(record.problems)


def test_somebody_who_was_banned_and_stays_or_goes_late_is_found() -> None:
    assert "still there" in excluded([])
    assert not excluded([Ended("charlie", 0, 4403, 15.5)])
    assert "6.5 s after" in excluded([Ended("charlie", 0, 4403, 17.5)])
    assert not excluded([Ended("charlie", 0, 4403, 17.5)], Licence(unreadable=[(10.0, 13.0)]))


def test_a_room_that_is_shut_to_somebody_else_or_too_soon_is_found() -> None:
    charlie_goes = Ended("charlie", 0, 4403, 12.0)
    assert "bob's socket" in excluded([charlie_goes, Ended("bob", 0, 4403, 12.0)])
    assert "charlie's socket" in excluded([Ended("charlie", 0, 4403, 9.0), charlie_goes])


# --- The schedules ---


def test_a_schedule_follows_from_its_seed() -> None:
    assert [draw(seed) for seed in range(50)] == [draw(seed) for seed in range(50)]
    assert len({str(draw(seed)) for seed in range(50)}) == 50


def test_every_way_to_misbehave_is_drawn_at_least_three_times_in_two_hundred_schedules() -> None:
    drawn = [draw(seed).stranger for seed in range(1, 201)]
    assert min(drawn.count(way) for way in WAYS) >= 3
    assert 60 <= len(drawn) - drawn.count("") <= 70


def test_a_stranger_sends_the_largest_legal_frame_of_every_command() -> None:
    frames = list(largest_frames())
    assert {type(protocol.parse(frame.decode())) for frame in frames} == set(get_args(protocol.AnyCommand))
    assert all(FRAME_MAX - 40 < len(frame) <= FRAME_MAX for frame in frames)


def test_a_layer_that_is_to_drop_hints_is_one_that_carries_them() -> None:
    drawn = [schedule for schedule in map(draw, range(1, 400)) if schedule.topology.unreliable]
    assert {schedule.topology.layer for schedule in drawn} == {"redis"}


def test_a_blackout_of_more_than_three_seconds_is_found() -> None:
    def report(*blackouts: float) -> Report:
        return Report([{"blackouts": list(blackouts)}], 1, 1.0)

    assert not report(*[1.0] * 99, 9.0).blackouts_are_too_long
    assert report(*[1.0] * 98, 3.5, 9.0).blackouts_are_too_long
    assert not report().blackouts_are_too_long


def test_every_fault_is_drawn_at_least_three_times_in_two_hundred_schedules() -> None:
    from chaos.faults import ALL

    drawn = [name for seed in range(1, 201) for name in draw(seed).names]
    assert min(drawn.count(fault.name) for fault in ALL) >= 3
