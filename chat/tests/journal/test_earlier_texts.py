"""What a message said before it was edited: what is kept, and with what it goes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from chat import protocol
from chat.journal import selectors
from chat.journal.forgetting import forget_participant, forget_some_guests
from chat.journal.retention import drop_old_copies, purge_expired
from chat.journal.service import write
from chat.journal.types import Refused
from chat.models import EarlierText, Message, Participant, Room
from chat.protocol import Act
from chat.text import markup

from ..harness.old_messages import DAY, NOW
from ..harness.write_requests import BOB, act, change, delete, done, edit, post, react, refusal, stored

pytestmark = pytest.mark.django_db(transaction=True)


def edited(*texts: str) -> None:
    """Bob's message 2, and what it became; alice's message 3 has an earlier text of its own."""
    write([post("welcome"), post("tee?", BOB), post("one")])
    stored(edit(3, "two", revision=3))
    for text in texts:
        stored(edit(2, text, 100, BOB))


def kept(sequence: int = 2) -> list[str]:
    """Newest first."""
    return list(EarlierText.objects.filter(message__sequence=sequence).values_list("text", flat=True))


def read(reader: str | None = None, before: int | None = None) -> Any:
    return selectors.earlier_texts("tea", protocol.Earlier(2, before), reader)


def test_each_edit_keeps_the_text_before_with_the_time_at_which_it_was_written() -> None:
    edited("tea?", "**tea**?")
    message = Message.objects.get(sequence=2)
    page = read()
    assert [(t.number, t.message, t.html) for t in page.texts] == [(2, "tea?", "tea?"), (1, "tee?", "tee?")]
    assert page.texts[1].written_at == message.sent_at
    assert message.sent_at < page.texts[0].written_at < (message.edited_at or NOW)
    stored(edit(2, "none", 100, BOB))
    assert read().texts[0].html == "<strong>tea</strong>?"


def test_the_20_last_ones_are_kept_and_read_in_pages() -> None:
    edited(*(f"{n}" for n in range(30)))
    assert kept() == [f"{n}" for n in range(28, 8, -1)]
    told: list[str] = []
    page = read()
    while page.more:
        told += [text.message for text in page.texts]
        page = read(before=page.texts[-1].number)
    assert told + [text.message for text in page.texts] == kept()
    assert read(before=2**63 - 1) == read()
    assert read(before=1).texts == []


def test_what_changes_no_text_keeps_nothing() -> None:
    edited("tea?")
    stored(edit(2, "tea?", 100, BOB))
    stored(react(2, "👍"))
    assert refusal(edit(2, "coffee?", 1, BOB)) == "conflict"
    assert kept() == ["tee?"]


def test_what_a_word_filter_masked_is_kept_as_it_was_stored() -> None:
    edited()
    done(change(filter_words="coffee"))
    stored(edit(2, "**coffee**?", 100, BOB))
    stored(edit(2, "tea", 100, BOB))
    assert kept() == ["••••••?", "tee?"]
    assert read().texts[0].html == "••••••?"
    assert EarlierText.objects.get(number=2).format == markup.PLAIN


def test_the_author_and_moderators_read_them_and_nobody_else() -> None:
    edited("tea?")
    assert len(read("bob").texts) == len(read().texts) == 1
    for stranger in ("alice", "nobody", ""):
        answer = read(stranger)
        assert isinstance(answer, Refused)
        assert answer.code == "forbidden"
    for asked in (protocol.Earlier(99), protocol.Earlier(2)):
        answer = selectors.earlier_texts("coffee", asked, None)
        assert isinstance(answer, Refused)
        assert answer.code == "not_found"


def test_they_are_in_no_frame() -> None:
    edited("tea?")
    _room, page = selectors.newest_page("tea")
    _room, changes = selectors.changed_after("tea", 0)
    assert not any(b"tee" in bytes(change.wire) for change in [*page.changes, *changes])


def expire() -> None:
    done(change(retention_days=1))
    Message.objects.filter(sequence__lte=2).update(sent_at=NOW - 2 * DAY)
    purge_expired()


@pytest.mark.parametrize(
    "remove",
    [
        pytest.param(lambda: stored(delete(2, BOB)), id="deletion"),
        pytest.param(lambda: done(act(Act.PURGE, id="bob")), id="a purge"),
        pytest.param(expire, id="expiry"),
        pytest.param(lambda: forget_participant(bob(), delete_texts=False), id="forgetting the name"),
        pytest.param(lambda: forget_participant(bob(), delete_texts=True), id="forgetting the texts"),
    ],
)
def test_they_go_with(remove: Callable[[], Any]) -> None:
    edited("tea?")
    remove()
    assert list(EarlierText.objects.values_list("text", flat=True)) == ["one"]  # another message's


def test_they_go_with_the_room() -> None:
    edited("tea?")
    Room.objects.all().delete()
    assert not EarlierText.objects.exists()


def test_a_guest_who_is_forgotten_leaves_none() -> None:
    edited("tea?")
    old = NOW - 91 * DAY
    Participant.objects.update(created_at=old, last_seen_at=old)
    forget_some_guests()
    assert kept() == ["tee?"]  # bob's message is still there
    expire()
    forget_some_guests()
    assert not Participant.objects.filter(key="bob").exists()
    assert list(EarlierText.objects.values_list("text", flat=True)) == ["one"]


def test_what_a_process_of_the_release_before_left_behind_is_shown_to_nobody_and_removed() -> None:
    """It does not know the table."""
    edited("tea?")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE chat_message SET text = '', deleted_at = sent_at WHERE sequence = 2")
        cursor.execute("DELETE FROM chat_message WHERE sequence = 3")
    assert isinstance(read(), Refused)
    assert EarlierText.objects.count() == 2
    drop_old_copies()
    assert not EarlierText.objects.exists()


def bob() -> Participant:
    return Participant.objects.get(key="bob")
