"""`write`: numbers without holes, every message once, and a bad request affects no other."""

import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone

from chat.journal.handlers import messages as message_acts
from chat.journal.handlers.filters import filtered_text
from chat.journal.service import write
from chat.journal.sql import RoomRow
from chat.journal.transaction import Transaction
from chat.journal.types import Refused, Stored
from chat.models import Message, Participant, Room
from chat.text import cleaning

from ..harness.write_requests import (
    BOB,
    CHARLIE,
    delete,
    edit,
    post,
    refusal,
    rename,
    stored,
    texts,
    write_one,
)

pytestmark = pytest.mark.django_db(transaction=True)


def counters(room: str = "tea") -> tuple[int, int]:
    row = Room.objects.get(key=room)
    return row.sequence, row.revision


# --- Numbers ---


def test_numbers_are_dense_and_ordered_in_each_room() -> None:
    write_requests = [post(f"{n}", room=room) for n in range(10) for room in ("tea", "coffee")]
    written = write(write_requests)
    assert written.outcomes[::2] == [Stored(n, n) for n in range(1, 11)]
    assert written.outcomes[1::2] == [Stored(n, n) for n in range(1, 11)]
    assert {(b.key, b.after, b.revision) for b in written.batches} == {("tea", 0, 10), ("coffee", 0, 10)}
    assert stored(post("and on")) == Stored(11, 11)


def test_a_batch_holds_each_message_once_in_its_newest_state_by_revision() -> None:
    stored(post("one"))
    (batch,) = write([post("two"), edit(1, "one, mended", 1), post("three"), delete(2)]).batches
    assert (batch.after, batch.revision) == (1, 5)
    assert [(c.sequence, c.revision, c.message.message) for c in batch.changes] == [
        (1, 3, "one, mended"),
        (3, 4, "three"),
        (2, 5, ""),
    ]
    assert texts() == ["one, mended", "", "three"]


def test_an_answer_names_the_message_it_answers() -> None:
    stored(post("tea?"))
    (batch,) = write([post("yes", BOB, reply_to=1), post("what?", BOB, reply_to=77)]).batches
    assert [c.message.reply_to for c in batch.changes] == [1, None]


def test_the_clock_never_runs_backwards_in_a_room(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    for hours in (0, -5, 1, -24):
        moment = now + datetime.timedelta(hours=hours)
        monkeypatch.setattr("django.utils.timezone.now", lambda moment=moment: moment)
        stored(post(f"{hours}"))
    sent = list(Message.objects.order_by("sequence").values_list("sent_at", flat=True))
    assert sent == sorted(sent)
    assert sent[-1] == now + datetime.timedelta(hours=1)


# --- Once ---


def test_a_resend_is_stored_once_and_gets_the_first_numbers() -> None:
    client_id = uuid4()
    first = stored(post("hello", client_id=client_id))
    stored(post("something else"))
    assert write_one(post("hello", client_id=client_id)) == first
    assert write([post("hello", client_id=client_id)]).batches == []
    assert texts() == ["hello", "something else"]


def test_a_resend_within_one_batch_is_stored_once() -> None:
    client_id = uuid4()
    write_requests = [post("hello", client_id=client_id) for _ in range(3)]
    assert write(write_requests).outcomes == [Stored(1, 1)] * 3
    assert texts() == ["hello"]


def test_a_resend_of_an_edited_message_does_not_undo_the_edit() -> None:
    client_id = uuid4()
    stored(post("helo", client_id=client_id))
    stored(edit(1, "hello", 1))
    assert write_one(post("helo", client_id=client_id)) == Stored(1, 2)
    assert texts() == ["hello"]


def test_a_resend_of_a_deleted_message_does_not_bring_it_back() -> None:
    client_id = uuid4()
    stored(post("oh no", client_id=client_id))
    stored(delete(1))
    assert isinstance(write_one(post("oh no", client_id=client_id)), Stored)
    assert texts() == [""]


def test_a_resend_after_a_day_is_stored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    client_id = uuid4()
    first = stored(post("hello", client_id=client_id))
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: tomorrow)
    assert write_one(post("hello", client_id=client_id)) == first


def test_a_resend_gets_the_first_numbers_whatever_the_rules_say_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit was lowered between the two: what is stored is stored, and its sender gets that answer."""
    client_id = uuid4()
    first = stored(post("a long story", client_id=client_id))
    monkeypatch.setattr(cleaning, "TEXT_MAX", 5)
    assert refusal(post("another long story")) == "too_long"
    assert write_one(post("a long story", client_id=client_id)) == first


def test_the_same_client_id_in_another_room_is_another_message() -> None:
    client_id = uuid4()
    stored(post("hello", client_id=client_id))
    stored(post("hello", room="coffee", client_id=client_id))
    assert (texts("tea"), texts("coffee")) == (["hello"], ["hello"])


# --- What breaks a rule costs only itself ---

BAD = {
    "": "empty",
    " \n\t\u3000": "empty",
    "x" * 4001: "too_long",
    "🦊" * 4001: "too_long",
    "nul \0": "invalid",
    "half \ud83e": "invalid",
}


@pytest.mark.parametrize(("text", "code"), BAD.items(), ids=[ascii(text)[:12] for text in BAD])
def test_a_bad_draft_is_refused_and_costs_only_itself(text: str, code: str) -> None:
    written = write([post("before"), post(text, BOB), post("after", BOB)])
    assert isinstance(written.outcomes[1], Refused)
    assert written.outcomes[1].code == code
    assert written.outcomes[1].text
    assert [written.outcomes[0], written.outcomes[2]] == [Stored(1, 1), Stored(2, 2)]
    assert texts() == ["before", "after"]


@pytest.mark.parametrize("text", BAD)
def test_a_refused_draft_leaves_no_row_behind(text: str) -> None:
    write([post(text), rename("\u202e"), edit(1, "x", 1), delete(1), rename("")])
    assert (Room.objects.count(), Participant.objects.count(), Message.objects.count()) == (0, 0, 0)


def test_four_thousand_letters_of_any_script_fit() -> None:
    for letter in ("x", "é", "日", "🦊"):
        stored(post(f"  {letter * 4000}\r\n"))
    assert texts() == [letter * 4000 for letter in ("x", "é", "日", "🦊")]


def test_a_draft_that_fails_inside_the_database_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever cannot be foreseen: the batch is tried again request by request."""

    def fails(text: str, room: RoomRow) -> str | None:
        if text == "poison":
            raise ValueError("not foreseen")
        return filtered_text(text, room)

    monkeypatch.setattr(message_acts, "filtered_text", fails)
    written = write([post("one"), post("poison", CHARLIE), post("two", BOB), post("three", room="coffee")])
    assert [type(outcome) for outcome in written.outcomes] == [Stored, Refused, Stored, Stored]
    assert (texts("tea"), texts("coffee")) == (["one", "two"], ["three"])
    assert counters() == (2, 2)
    assert [(b.key, b.after, b.revision) for b in written.batches] == [
        ("tea", 0, 1),
        ("tea", 1, 2),
        ("coffee", 0, 1),
    ]


def test_a_database_that_is_away_is_not_the_drafts_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("database is locked")

    write_requests = [post("one"), post("two")]
    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "store", away)
        with pytest.raises(OperationalError):
            write(write_requests)
    assert not Room.objects.exists()
    assert write(write_requests).outcomes == [Stored(1, 1), Stored(2, 2)]
