"""Edits, deletions and new names."""

import pytest

from chat.journal.service import write
from chat.journal.types import Renamed, Stored
from chat.models import Message, Participant, Room

from ..harness.write_requests import ALICE, BOB, delete, edit, post, refusal, rename, stored, texts, write_one

pytestmark = pytest.mark.django_db(transaction=True)


def counters(room: str = "tea") -> tuple[int, int]:
    row = Room.objects.get(key=room)
    return row.sequence, row.revision


# --- Edits and deletions ---


def test_an_edit_changes_the_text_and_keeps_the_place() -> None:
    stored(post("helo"))
    stored(post("two"))
    assert stored(edit(1, " hello ", 1)) == Stored(1, 3)
    row = Message.objects.get(sequence=1)
    assert (row.text, row.html, row.revision, row.author_name) == ("hello", "hello", 3, "Alice")
    assert row.edited_at
    assert counters() == (2, 3)


def test_an_edit_that_changes_nothing_takes_no_number() -> None:
    stored(post("hello"))
    assert stored(edit(1, "hello", 1)) == Stored(1, 1)
    assert write([edit(1, "hello ", 1)]).batches == []
    assert counters() == (1, 1)


def test_an_edit_that_is_sent_again_is_done_once() -> None:
    stored(post("helo"))
    again = edit(1, "hello", 1)
    assert stored(again) == stored(again) == Stored(1, 2)
    assert counters() == (1, 2)


def test_an_edit_of_what_has_changed_since_is_a_conflict() -> None:
    stored(post("one"))
    stored(edit(1, "two", 1))
    assert refusal(edit(1, "three", 1)) == "conflict"
    assert texts() == ["two"]
    assert stored(edit(1, "three", 2)) == Stored(1, 3)


def test_a_deleted_message_keeps_its_place_without_its_text() -> None:
    stored(post("secret https://example.com"))
    stored(post("two"))
    assert stored(delete(1)) == Stored(1, 3)
    row = Message.objects.get(sequence=1)
    assert (row.text, row.html) == ("", "")
    assert row.deleted_at
    assert refusal(edit(1, "back", 3)) == "conflict"
    assert stored(delete(1)) == Stored(1, 3)
    assert counters() == (2, 3)


def test_nobody_edits_or_deletes_what_another_posted() -> None:
    stored(post("mine"))
    assert refusal(edit(1, "yours", 1, who=BOB)) == "forbidden"
    assert refusal(delete(1, who=BOB)) == "forbidden"
    assert texts() == ["mine"]


def test_what_is_not_there_is_not_found() -> None:
    assert refusal(edit(1, "x", 1)) == "not_found"
    stored(post("hello"))
    assert refusal(edit(2, "x", 1)) == "not_found"
    assert refusal(delete(2**63 - 1)) == "not_found"
    assert refusal(delete(1, room="coffee")) == "not_found"


# --- Names ---


def test_a_rename_holds_for_later_messages_and_leaves_the_earlier_ones() -> None:
    stored(post("one"))
    outcome = write_one(rename("  Ａｌｉｃｅ   Smith "))
    assert isinstance(outcome, Renamed)
    assert outcome.you.name == "Alice Smith"
    stored(post("two"))
    assert list(Message.objects.order_by("sequence").values_list("author_name", flat=True)) == [
        "Alice",
        "Alice Smith",
    ]
    assert counters() == (2, 2)


def test_a_rename_in_a_batch_holds_for_what_is_said_after_it() -> None:
    write([post("one"), rename("Alys"), post("two"), rename("Alice"), post("three")])
    assert list(Message.objects.order_by("sequence").values_list("author_name", flat=True)) == [
        "Alice",
        "Alys",
        "Alice",
    ]


def test_a_rename_before_the_first_message_is_kept() -> None:
    write_one(rename("Alys"))
    assert not Room.objects.exists()
    stored(post("hello"))
    assert Message.objects.get().author_name == "Alys"


@pytest.mark.parametrize(
    ("name", "code"),
    [("", "empty"), ("  ", "empty"), ("x" * 41, "too_long"), ("a\u202eb", "invalid"), ("a\0b", "invalid")],
)
def test_a_bad_name_is_refused(name: str, code: str) -> None:
    stored(post("hello"))
    assert refusal(rename(name)) == code
    assert Participant.objects.get().name == ALICE.name


def test_another_spelling_of_a_room_is_the_same_room_and_keeps_its_first_name() -> None:
    stored(post("one", room="Café"))
    stored(post("two", room="CAFÉ"))
    stored(post("three", room="Cafe\u0301"))
    assert [(r.name, r.sequence) for r in Room.objects.all()] == [("Café", 3)]
