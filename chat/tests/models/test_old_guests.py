"""Guests of whom nothing is left are deleted after 90 days, and nobody else is."""

import datetime
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from chat.access.identity import Identity
from chat.journal.forgetting import forget_some_guests
from chat.journal.service import write
from chat.models import Ban, Block, Membership, Message, Participant
from chat.protocol import Act
from chat.protocol.roles import Role

from ..harness.moderated_room import connect, room
from ..harness.write_requests import ALICE, act, change, done, post, react, rename, stored

pytestmark = pytest.mark.django_db

GUEST = Identity("guest", "Guest")


@pytest.fixture(autouse=True)
def a_room_and_a_guest_who_took_a_name() -> None:
    stored(post("welcome"))
    write([rename("Somebody", GUEST)])


def guest() -> Participant:
    return Participant.objects.get(key="guest")


def grow_old() -> None:
    long_ago = timezone.now() - datetime.timedelta(days=91)
    Participant.objects.update(created_at=long_ago)


def sits(role: Role, **values: object) -> None:
    Membership.objects.create(room=room(), participant=guest(), role=role, **values)


def enters_the_closed_room() -> None:
    done(change(is_private=True))
    sits(Role.MEMBER)


TIES: dict[str, Callable[[], object]] = {
    "said something": lambda: stored(post("hello", GUEST)),
    "reacted": lambda: write([react(1, "👍", GUEST)]),
    "moderates": lambda: sits(Role.MODERATOR),
    "is a member of a private room": enters_the_closed_room,
    "is muted": lambda: done(act(Act.MUTE, id="guest")),
    "is banned": lambda: Ban.objects.create(participant_key="guest"),
    "blocks somebody": lambda: Block.objects.create(participant=guest(), blocked_key="alice"),
    "is blocked": lambda: Block.objects.create(
        participant=Participant.objects.get(key="alice"), blocked_key="guest"
    ),
    "is here": lambda: connect(GUEST),
    "was here lately": lambda: Participant.objects.filter(key="guest").update(last_seen_at=timezone.now()),
    "is an account": lambda: Participant.objects.filter(key="guest").update(
        user=User.objects.create_user("guest")
    ),
}


@pytest.mark.parametrize("what", TIES)
def test_a_guest_of_whom_something_depends_is_kept(what: str) -> None:
    TIES[what]()
    grow_old()
    forget_some_guests()
    assert Participant.objects.filter(key="guest").exists()


def test_a_guest_of_whom_nothing_is_left_is_deleted_after_90_days_with_the_read_marks() -> None:
    sits(Role.VISITOR, seen=1)
    assert forget_some_guests() == 0
    assert Participant.objects.count() == 2
    grow_old()
    forget_some_guests()
    assert list(Participant.objects.values_list("key", flat=True)) == ["alice"]
    assert Message.objects.get().author == Participant.objects.get()
    assert Membership.objects.count() == 1
    stored(post("I am back", GUEST))
    assert Participant.objects.count() == 2


def test_guests_are_examined_in_steps() -> None:
    Participant.objects.bulk_create(Participant(key=uuid4().hex, name="Guest") for _ in range(700))
    grow_old()
    after = forget_some_guests()
    assert after
    assert forget_some_guests(after) == 0
    assert Participant.objects.get().key == ALICE.key
