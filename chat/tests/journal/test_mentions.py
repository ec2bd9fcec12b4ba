"""Mentions: whom a text names, for whom it counts, and with what a mention goes."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from chat import protocol
from chat.access import rate_limits, token_buckets
from chat.access.identity import Identity
from chat.access.lookup import AccessQuery, look_up
from chat.access.token_buckets import AttemptLimiter
from chat.journal import selectors
from chat.journal.forgetting import forget_participant
from chat.journal.handlers import mentions
from chat.journal.retention import drop_old_copies, purge_expired
from chat.journal.service import write
from chat.journal.types import Refused, Stored, WriteRequest
from chat.models import Connection, Membership, Mention, Message, Participant, Process, Room
from chat.protocol import Act
from chat.realtime.room_list import Viewer, read_rooms

from ..harness.old_messages import DAY, NOW
from ..harness.write_requests import (
    ALICE,
    BOB,
    CHARLIE,
    act,
    change,
    delete,
    done,
    post,
    react,
    rename,
    stored,
    write_one,
    write_request,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def room() -> None:
    """Alice owns it; bob, charlie and two people named Sam are members."""
    write([post(text, who) for text, who in [("one", ALICE), ("two", BOB), ("three", CHARLIE)]])


def say(text: str, who: Identity = ALICE, ids: list[str] | None = None, room: str = "tea") -> int:
    """The place of the message."""
    return stored(write_request(who, protocol.Post(uuid4(), text, mentions=ids), room)).sequence


def change_to(text: str, sequence: int, ids: list[str] | None = None) -> None:
    stored(write_request(ALICE, protocol.Edit(uuid4(), sequence, text, 10_000, ids)))


def shown(sequence: int) -> list[tuple[str | None, str]]:
    """Ids and names that the message's state has."""
    _room, changes = selectors.changed_after("tea", 0)
    (message,) = [c.message for c in changes if c.sequence == sequence]
    return [(mention.id, mention.name) for mention in message.mentions or ()]


def unread(who: Identity = BOB) -> list[int]:
    """The places of the messages that mention somebody, as their socket is told. The index has the count."""
    (result,) = look_up([AccessQuery("tea", who, "")])
    _listed, (view,) = read_rooms([Viewer(who, "")])
    entry = next((entry.mentions for entry in view.own.rooms), view.own.mentions.get("tea", 0))
    assert entry == len(result.permissions.mentions)
    return list(result.permissions.mentions)


def test_a_name_that_one_person_of_the_room_has_mentions_them() -> None:
    place = say("hello @bob, and @CHARLIE!")
    assert shown(place) == [("bob", "bob"), ("charlie", "CHARLIE")]
    assert (unread(), unread(CHARLIE), unread(ALICE)) == ([place], [place], [])


def test_the_post_shows_the_same_at_once_as_when_it_is_read() -> None:
    result = write([write_request(ALICE, protocol.Post(uuid4(), "@bob"))])
    _room, changes = selectors.changed_after("tea", 3)
    assert bytes(result.batches[0].changes[0].wire) == bytes(changes[0].wire)


def test_the_longest_name_wins() -> None:
    stored(post("hi", Identity("bob b", "Bob Builder")))
    assert shown(say("@Bob Builder: hello")) == [("bob b", "Bob Builder")]
    assert shown(say("@Bob builds")) == [("bob", "Bob")]


def test_a_name_that_several_have_mentions_the_one_whose_id_is_given() -> None:
    write([post("hi", Identity(key, "Sam")) for key in ("sam1", "sam2")])
    assert shown(say("@Sam")) == []
    assert shown(say("@Sam", ids=["sam2"])) == [("sam2", "Sam")]
    assert shown(say("@Sam @bob", ids=[])) == []
    assert shown(say("Sam", ids=["sam2"])) == [], "its name does not stand in the text"


def test_who_is_not_of_the_room_is_as_if_there_were_nobody() -> None:
    stored(post("hi", Identity("eve", "Eve"), room="coffee"))
    for ids in (None, ["eve"], ["nobody", "\0", "\ud800"]):
        assert shown(say("@Eve", ids=ids)) == []
    assert not Mention.objects.exists()


def test_nobody_mentions_themselves_or_in_code() -> None:
    place = say("@alice `@bob` ```@bob``` https://example.com/@bob [@bob](https://example.com)")
    assert shown(place) == []


def test_a_message_mentions_ten_people_at_most() -> None:
    write([post("hi", Identity(f"p{n}", f"P{n}")) for n in range(12)])
    assert len(shown(say(" ".join(f"@P{n}" for n in range(12))))) == 10


def test_somebody_has_thirty_mentions_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "mention_limiter", AttemptLimiter(rate_limits.MENTIONS))
    monkeypatch.setattr(token_buckets, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    for _ in range(15):
        say("@bob @charlie")
    refused = write_one(write_request(ALICE, protocol.Post(uuid4(), "@bob")))
    assert isinstance(refused, Refused)
    assert refused.code == "too_fast"
    assert 0 < (refused.retry_after or 0) <= 2
    assert shown(say("@alice", BOB)) == [("alice", "alice")]
    assert shown(say("nobody @ all")) == []


def test_who_may_not_read_the_room_is_not_mentioned() -> None:
    done(act(Act.BAN, id="charlie"))
    done(act(Act.MUTE, id="bob"))
    assert shown(say("@bob @charlie")) == [("bob", "bob")]
    done(change(is_private=True))
    done(act(Act.DISMISS, id="bob"))
    assert shown(say("@bob @charlie")) == []


def test_who_has_blocked_the_author_has_no_mention_and_the_author_does_not_see_that() -> None:
    stored(react(1, "👍", BOB))
    earlier = say("@bob")
    write_one(write_request(BOB, protocol.Block(uuid4(), "alice")))
    place = say("@bob")
    assert unread() == []
    assert shown(place) == [("bob", "bob")]
    write_one(write_request(BOB, protocol.Block(uuid4(), "alice", on=False)))
    assert unread() == [earlier]


def test_an_edit_adds_and_withdraws() -> None:
    place = say("@bob")
    change_to("@charlie", place)
    assert (shown(place), unread(), unread(CHARLIE)) == ([("charlie", "charlie")], [], [place])
    change_to("nobody", place)
    assert (shown(place), unread(CHARLIE), Mention.objects.count()) == ([], [], 0)
    change_to("@bob", place, ["bob"])
    assert unread() == [place]


def test_a_mention_keeps_the_name_under_which_it_was_written() -> None:
    place = say("@Bob")
    write_one(rename("Robert", BOB))
    assert shown(place) == [("bob", "Bob")]
    stored(post("hi", Identity("bob2", "Bob")))
    for ids in (None, ["bob"]):
        change_to(f"@Bob, hello {ids}", place, ids)
        assert shown(place) == [("bob", "Bob")]


def test_a_text_that_a_word_filter_masked_mentions_whom_it_still_names() -> None:
    done(change(filter_words="coffee\ncharlie"))
    assert shown(say("@alice @charlie coffee", BOB)) == [("alice", "alice")]


def expire() -> None:
    done(change(retention_days=1))
    Message.objects.update(sent_at=NOW - 2 * DAY)
    purge_expired()


@pytest.mark.parametrize(
    "remove",
    [
        pytest.param(lambda: stored(delete(4)), id="deletion"),
        pytest.param(lambda: done(act(Act.PURGE, None, id="alice")), id="a purge"),
        pytest.param(expire, id="expiry"),
        pytest.param(lambda: forget_participant(person("alice"), delete_texts=True), id="forgetting texts"),
        pytest.param(
            lambda: forget_participant(person("bob"), delete_texts=False), id="forgetting whom it names"
        ),
        pytest.param(lambda: Room.objects.all().delete(), id="the room"),
    ],
)
def test_mentions_go_with(remove: Callable[[], Any]) -> None:
    say("@bob")
    remove()
    assert not Mention.objects.exists()
    assert not any(message.mentions for message in Message.objects.all())


def test_who_is_present_and_has_never_written_is_mentioned_too() -> None:
    present("dora", "Dora")
    place = say("@Dora")
    assert shown(place) == [("dora", "Dora")]
    Membership.objects.filter(participant__key="dora").update(seen=1)
    assert unread(Identity("dora", "Dora")) == [place]


def test_here_mentions_those_who_are_present_once_a_minute() -> None:
    for key, name in (("bob", "Bob"), ("alice", "Alice")):
        present(key, name)
    place = say("@here come")
    assert shown(place) == [(None, "here")]
    assert (unread(), unread(CHARLIE), unread(ALICE)) == ([place], [], [])
    assert shown(say("@here again")) == []
    Room.objects.update(here_at=timezone.now() - mentions.HERE_PAUSE)
    assert shown(say("@here again", BOB)) == [], "for moderators alone"
    assert shown(say("@here again")) == [(None, "here")]
    change_to("@here, come", place)
    assert place in unread()
    change_to("come", place)
    assert place not in unread()
    change_to("@here", place)
    assert shown(place) == [], "an edit calls nobody"


def test_a_resend_mentions_nobody_twice() -> None:
    request: WriteRequest = write_request(ALICE, protocol.Post(uuid4(), "@bob"))
    assert isinstance(write_one(request), Stored)
    assert isinstance(write_one(request), Stored)
    assert len(unread()) == 1


def test_texts_of_one_batch_are_read_together(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(16):
        write([post(f"@nobody-{n} @ {n}", BOB) for n in range(100)])


def test_what_a_process_of_the_release_before_left_behind_counts_for_nobody_and_is_removed() -> None:
    place = say("@bob")
    Message.objects.filter(sequence=place).update(text="", deleted_at=NOW)
    assert unread() == []
    drop_old_copies()
    assert not Mention.objects.exists()


def present(key: str, name: str) -> None:
    process, _ = Process.objects.get_or_create(id="one", defaults={"renewed_at": timezone.now()})
    Connection.objects.create(process=process, room_key="tea", participant_key=key, name=name)


def person(key: str) -> Participant:
    return Participant.objects.get(key=key)
