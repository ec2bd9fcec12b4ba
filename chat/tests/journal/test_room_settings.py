"""A room's settings: who may change them, to what, and what follows."""

import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import User
from django.utils import timezone

from chat import protocol
from chat.access.identity import Identity
from chat.journal.service import write
from chat.journal.types import Refused
from chat.models import AuditEntry, Message, Room
from chat.protocol import Act

from ..harness.write_requests import (
    ALICE,
    BOB,
    DORA,
    act,
    change,
    delete,
    done,
    edit,
    post,
    react,
    refusal,
    stored,
    write_one,
    write_request,
)

pytestmark = pytest.mark.django_db

STRANGER = Identity("stranger", "Stranger")


@pytest.fixture(autouse=True)
def members() -> None:
    write([post("welcome"), post("hello", BOB), post("tea?", DORA)])
    done(act(Act.PROMOTE, id="dora"))
    AuditEntry.objects.all().delete()


def room() -> Room:
    return Room.objects.get(key="tea")


def configure(who: Identity = ALICE, **changes: Any) -> Any:
    """As it comes from within the room."""
    return write_request(who, protocol.Configure(uuid4(), **changes))


EVERYTHING: dict[str, Any] = {
    "topic": "Green tea",
    "is_private": True,
    "password": "sesame",
    "is_read_only": True,
    "slow_mode": 10,
    "retention_days": 30,
    "is_hidden": True,
    "is_indexed": True,
    "closed": True,
    "filter_words": "coffee\nmilk",
    "filter_action": "reject",
}
OF_MODERATORS = {"topic", "is_read_only", "slow_mode"}


# --- Who may ---


@pytest.mark.parametrize("name", EVERYTHING)
def test_settings_are_the_owners_and_some_are_the_moderators(name: str) -> None:
    one = {name: EVERYTHING[name]}
    for who in (BOB, STRANGER):
        assert refusal(change(who, **one)) == "forbidden"
    if name in OF_MODERATORS:
        done(change(DORA, **one))
    else:
        assert refusal(change(DORA, **one)) == "forbidden"
        done(change(ALICE, **one))
    done(change(None, **one))


def test_all_of_the_changes_are_made_or_none() -> None:
    before = room().revision
    assert refusal(change(DORA, topic="mine", is_private=True)) == "forbidden"
    assert refusal(change(ALICE, topic="mine", slow_mode=-1)) == "invalid"
    assert (room().topic, room().revision) == ("", before)


def test_a_closed_room_is_opened_again_by_staff_alone() -> None:
    done(change(closed=True))
    assert refusal(post("hello?")) == "closed"
    assert refusal(edit(1, "hello?", 1)) == "closed"
    assert refusal(change(closed=False)) == "forbidden"
    user = User.objects.create_user("Root", is_staff=True)
    root = Identity(f"account-{user.pk}", "Root", user.pk)
    assert refusal(post("hello?", root)) == "closed"
    stored(delete(2, DORA))
    done(change(root, closed=False))
    stored(post("here we are"))


def test_in_a_closed_room_nobody_posts_but_everybody_may_delete_their_messages() -> None:
    done(change(closed=True))
    for who in (ALICE, BOB, DORA):
        assert refusal(post("but", who)) == "closed"
        assert refusal(react(1, "👍", who)) == "closed"
    stored(delete(2, BOB))
    done(configure(topic="It was nice"))
    assert refusal(change(DORA, closed=False)) == refusal(change(ALICE, closed=False)) == "forbidden"
    assert room().closed_at


def test_when_an_owner_may_be_succeeded_is_a_matter_of_staff() -> None:
    assert refusal(change(succession_days=1)) == "forbidden"
    done(change(None, succession_days=1))
    assert room().succession_days == 1
    assert done(change(None, succession_days=1)) == "That is already set."
    done(change(None, succession_days=None))
    assert room().succession_days is None


# --- What they may be ---


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"topic": "x" * 251}, "too_long"),
        ({"topic": "a\0b"}, "invalid"),
        ({"topic": "\ud83e"}, "invalid"),
        ({"slow_mode": 86_401}, "invalid"),
        ({"slow_mode": -1}, "invalid"),
        ({"retention_days": 0}, "invalid"),
        ({"retention_days": 3651}, "invalid"),
        ({"password": "x" * 129}, "invalid"),
        ({"password": "\ud83e"}, "invalid"),
        ({"filter_words": "\n".join(f"word{n}" for n in range(501))}, "invalid"),
        ({"filter_words": "x" * 61}, "too_long"),
        ({"filter_action": "explode"}, "invalid"),
        ({"epoch": "mine"}, "invalid"),
        ({"sequence": 0}, "invalid"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_with_a_reason(changes: dict[str, Any], code: str) -> None:
    before = Room.objects.values().get(key="tea")
    outcome = write_one(change(**changes))
    assert isinstance(outcome, Refused)
    assert (outcome.code, bool(outcome.text)) == (code, True)
    assert Room.objects.values().get(key="tea") == before


def test_a_topic_is_one_line_and_is_sent_to_everybody() -> None:
    (batch,) = write([configure(topic="  Green \n tea ")]).batches
    assert batch.room
    assert batch.room.topic == "Green tea"
    done(configure(topic=""))
    assert room().topic == ""


def test_what_is_so_already_takes_no_number_and_no_entry() -> None:
    done(change(**{**EVERYTHING, "password": ""}))
    before, entries = room().revision, AuditEntry.objects.count()
    assert write([change(**{**EVERYTHING, "password": "x"} | {"password": ""})]).batches == []
    assert write([configure(topic="Green tea", read_only=True), configure()]).batches == []
    assert (room().revision, AuditEntry.objects.count()) == (before, entries)


def test_a_password_is_stored_hashed_and_is_in_no_log() -> None:
    done(change(password="open sesame"))
    assert check_password("open sesame", room().password)
    (batch,) = write([change(password="other", topic="Tea")]).batches
    assert batch.room
    assert batch.room.password is True
    everything = " ".join(AuditEntry.objects.values_list("detail", flat=True))
    assert everything.count("password") == 2
    assert "sesame" not in everything
    assert room().password not in everything
    assert "other" not in bytes(batch.to_hint()).decode()
    done(change(password=""))
    assert room().password == ""


def test_every_change_stands_in_the_audit_log() -> None:
    done(change(DORA, topic="Green tea", slow_mode=10))
    done(change(filter_words="secret word\n\n secret word \nother"))
    entries = [(e.actor_name, e.act, e.detail) for e in AuditEntry.objects.order_by("pk")]
    assert entries == [
        ("Dora", "settings", "topic: Green tea · slow_mode: 10"),
        ("Alice", "settings", "filter_words"),
    ]
    assert room().filter_words == "secret word\nother"


@pytest.mark.parametrize("name", ["is_private", "password", "is_read_only", "closed"])
def test_a_change_of_who_may_come_in_or_talk_moves_the_access_revision(name: str) -> None:
    before = room().access_revision
    done(change(topic="nothing of the kind", slow_mode=3, is_hidden=True))
    assert room().access_revision == before
    (batch,) = write([change(**{name: EVERYTHING[name]})]).batches
    assert batch.room
    assert batch.room.access == room().access_revision > before


# --- What follows ---


def test_in_a_read_only_room_only_moderators_talk() -> None:
    done(configure(DORA, read_only=True))
    assert refusal(post("but", BOB)) == "read_only"
    assert refusal(edit(2, "but", 2, BOB)) == "read_only"
    stored(post("news"))
    stored(post("more news", DORA))
    done(configure(read_only=False))
    stored(post("at last", BOB))


def test_in_slow_mode_a_refusal_says_how_long_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    done(configure(slow_mode=60))
    outcomes = write([post("one", BOB), post("two", BOB), post("three"), post("four")]).outcomes
    assert isinstance(outcomes[1], Refused)
    assert (outcomes[1].code, outcomes[1].retry_after) == ("slow_mode", 60)
    assert not any(isinstance(outcome, Refused) for outcome in (outcomes[0], *outcomes[2:]))
    soon = timezone.now() + datetime.timedelta(seconds=45)
    monkeypatch.setattr("django.utils.timezone.now", lambda: soon)
    outcome = write_one(post("two", BOB))
    assert isinstance(outcome, Refused)
    assert outcome.retry_after is not None
    assert 0 < outcome.retry_after <= 16
    monkeypatch.setattr("django.utils.timezone.now", lambda: soon + datetime.timedelta(seconds=16))
    stored(post("two", BOB))


def test_a_private_or_locked_room_is_written_in_by_its_members() -> None:
    for changes in ({"is_private": True}, {"is_private": False, "password": "sesame"}):
        done(change(**changes))
        assert refusal(post("hello", STRANGER)) == "forbidden"
        stored(post("among us", BOB))


def test_unwanted_words_are_masked_or_refused_but_not_from_moderators() -> None:
    done(change(filter_words="coffee\nwarm milk"))
    stored(post("Coffee with warm  milk!", BOB))
    stored(edit(2, "I drink COFFEE", 2, BOB))
    stored(post("coffee"))
    texts = dict(Message.objects.values_list("sequence", "text"))
    assert texts[4] == "•••••• with ••••  ••••!"
    assert texts[2] == "I drink ••••••"
    assert texts[5] == "coffee"
    done(change(filter_action="reject"))
    assert refusal(post("coffee", BOB)) == "filtered"
    stored(post("coffeehouse", BOB))
