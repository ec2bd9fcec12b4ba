"""Word filters: when texts are filtered, and how many filters are remembered."""

from functools import lru_cache

import pytest
from django.db import connection

from chat.journal.handlers import filters
from chat.journal.service import write
from chat.models import Message, Room
from chat.text import markup, word_filter

from ..harness.write_requests import ALICE, BOB, change, done, edit, post, refusal, stored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tea() -> None:
    """A room of alice's in which bob may talk."""
    write([post("welcome"), post("hello", BOB)])


@pytest.mark.usefixtures("tea")
def test_texts_are_filtered_before_the_room_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    under_lock = []

    def noting(*arguments: str) -> str | None:
        under_lock.append(connection.in_atomic_block)
        return word_filter.filtered(*arguments)

    monkeypatch.setattr(filters, "_filtered", lru_cache(noting))
    for words in ("coffee", "tea"):  # neither is known when the first message comes
        done(change(filter_words=words))
        filters._known.clear()
        for _ in range(2):
            stored(post(f"{words} please", BOB))
    assert under_lock == [False] * len(under_lock)
    texts = list(Message.objects.filter(sequence__gt=2).values_list("text", flat=True))
    assert texts == ["•••••• please", "•••••• please", "••• please", "••• please"]


@pytest.mark.usefixtures("tea")
@pytest.mark.parametrize(
    "hidden", ["co**ff**ee", "c||off||ee", "cof~~fee~~", "cof`fee`", "[cof](https://x.org)fee"]
)
def test_the_filter_sees_what_is_read_and_what_it_masks_has_no_markup(hidden: str) -> None:
    done(change(filter_words="coffee"))
    stored(post(f"*More* {hidden} please", BOB))
    message = Message.objects.get(sequence=3)
    masked = "More •••••• please"
    assert (message.text, message.html, message.format) == (masked, masked, markup.PLAIN)
    stored(post("*tea* please", BOB))
    stored(edit(4, f"_{hidden}_", message.revision + 1, BOB))
    assert Message.objects.get(sequence=4).html == "••••••"

    done(change(filter_action="reject"))
    assert refusal(post(hidden, BOB)) == "filtered"
    stored(post(hidden))  # the owner decides


@pytest.mark.usefixtures("tea")
def test_the_filter_sees_where_a_link_leads() -> None:
    done(change(filter_words="spam.example"))
    stored(post("[*free* tea](https://spam.example/now)", BOB))
    assert Message.objects.get(sequence=3).html == "free tea"
    done(change(filter_action="reject"))
    assert refusal(post("[*free* tea](https://spam.example/now)", BOB)) == "filtered"


@pytest.mark.usefixtures("tea")
def test_more_rooms_with_filters_than_are_remembered_are_written_to_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filters, "ROOMS_MAX", 2)
    rooms = [f"tea {n}" for n in range(5)]
    write([post("welcome", ALICE, room) for room in rooms])
    Room.objects.update(filter_words="coffee")
    write([post("coffee please", BOB, room) for room in rooms])
    texts = Message.objects.filter(room__name__in=rooms, sequence=2).values_list("text", flat=True)
    assert list(texts) == ["•••••• please"] * 5
    assert len(filters._known) <= 5
