"""The list of rooms: what everybody may see, what is unread, and the rooms that are shown to you alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from chat.identity import COOKIE, remember_guest
from chat.models import Ban, Connection, Membership, Participant, Process, Role, Room

pytestmark = pytest.mark.django_db
ALICE = "alice-key"


@pytest.fixture
def alice(client: Client) -> Client:
    """A guest's browser."""
    Participant.objects.create(key=ALICE, name="Alice")
    return as_guest(client, ALICE)


def as_guest(client: Client, key: str) -> Client:
    remember_guest(answer := HttpResponse(), key)
    client.cookies[COOKIE] = answer.cookies[COOKIE].value
    return client


def new_room(name: str, **fields: Any) -> Room:
    return Room.objects.create(
        **{"name": name, "key": name, "sequence": 10, "revision": 10, "last_posted_at": timezone.now()}
        | fields
    )


def sit(room: Room, role: Role, seen: int = 0) -> None:
    participant = Participant.objects.get(key=ALICE)
    Membership.objects.create(room=room, participant=participant, role=role, seen=seen)


def shown(client: Client, which: str) -> dict[str, Any]:
    context = client.get("/chat/").context
    return {entry.name: entry for entry in context[which]}


def test_unread_is_what_was_said_since_the_read_mark(alice: Client) -> None:
    new_room("never been there")
    sit(new_room("read to 4"), Role.VISITOR, seen=4)
    sit(new_room("read all"), Role.MEMBER, seen=10)
    sit(new_room("read nothing"), Role.MEMBER)
    sit(new_room("of which 6 are gone", purged_through=6), Role.OWNER, seen=2)
    rooms = shown(alice, "rooms")
    assert {name: entry.unread for name, entry in rooms.items()} == {
        "never been there": 0,
        "read to 4": 6,
        "read all": 0,
        "read nothing": 10,
        "of which 6 are gone": 4,
    }


def test_rooms_that_are_not_for_all_are_listed_for_their_members(alice: Client) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "private": {"is_private": True},
        "hidden": {"is_hidden": True},
        "closed": {"closed_at": timezone.now()},
        "password": {"password": "hash"},
    }
    for name, fields in kinds.items():
        sit(new_room(name, **fields), Role.MEMBER)
        sit(new_room(f"{name}, only looked at", **fields), Role.VISITOR, seen=3)
        new_room(f"{name}, never been there", **fields)
    assert set(shown(alice, "your_rooms")) == set(kinds)
    assert not shown(alice, "rooms")
    assert not shown(Client(), "your_rooms")
    assert not shown(Client(), "rooms")


def test_whoever_is_banned_sees_no_room_of_theirs(alice: Client) -> None:
    secret, another = new_room("secret", is_private=True), new_room("another", is_private=True)
    for room in (secret, another):
        sit(room, Role.MEMBER)
    Ban.objects.create(room=secret, participant_key=ALICE)
    Ban.objects.create(room=another, participant_key=ALICE, until=timezone.now() - timedelta(hours=1))
    assert set(shown(alice, "your_rooms")) == {"another"}


def test_the_list_says_how_many_people_are_there_now(alice: Client) -> None:
    new_room("tea")
    process = Process.objects.create(id="one", renewed_at=timezone.now())
    gone = Process.objects.create(id="gone", renewed_at=timezone.now() - timedelta(minutes=5))
    for key in ("a", "b"):
        Connection.objects.create(process=process, room_key="tea", participant_key=key, name=key)
    Connection.objects.create(process=gone, room_key="tea", participant_key="c", name="c")
    assert shown(alice, "rooms")["tea"].count == 2


def test_the_list_costs_the_same_however_many_rooms_there_are(
    alice: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(20):
        sit(new_room(f"room {n}"), Role.MEMBER)
        sit(new_room(f"private {n}", is_private=True), Role.MEMBER)
    with django_assert_max_num_queries(12):
        alice.get("/chat/")


def test_a_look_at_the_list_keeps_nothing(client: Client) -> None:
    client.get("/chat/")
    assert not Participant.objects.exists()
    assert not Membership.objects.exists()
