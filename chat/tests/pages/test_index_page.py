"""The list of rooms: what everybody may see, what is unread, and the rooms that are shown to you alone."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.access import identity
from chat.access.identity import COOKIE, remember_guest
from chat.models import Ban, Block, Connection, Membership, Message, Participant, Process, Report, Room
from chat.protocol.roles import Role
from chat.realtime.room_list import RoomListCache, Viewer, read_rooms

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
    """A room in which somebody else has posted ten messages."""
    room = Room.objects.create(
        **{"name": name, "key": name, "sequence": 10, "revision": 10, "last_posted_at": timezone.now()}
        | fields
    )
    say(room, range(1, 11))
    return room


def say(room: Room, places: Iterable[int], **fields: Any) -> None:
    Message.objects.bulk_create(
        Message(room=room, sequence=n, revision=n, client_id=uuid4(), sent_at=timezone.now(), **fields)
        for n in places
    )


def sit(room: Room, role: Role, seen: int = 0) -> None:
    participant = Participant.objects.get(key=ALICE)
    Membership.objects.create(room=room, participant=participant, role=role, seen=seen)


def shown(client: Client, *which: str) -> dict[str, Any]:
    context = client.get("/chat/").context
    return {entry.name: entry for part in which for entry in context[part]}


def test_unread_is_what_was_said_since_the_read_mark(alice: Client) -> None:
    new_room("never been there")
    sit(new_room("read to 4"), Role.VISITOR, seen=4)
    sit(new_room("read all"), Role.MEMBER, seen=10)
    sit(new_room("read nothing"), Role.MEMBER)
    sit(gone := new_room("of which 6 are gone", purged_through=6), Role.OWNER, seen=2)
    gone.messages.filter(sequence__lte=6).delete()
    rooms = shown(alice, "rooms", "your_rooms")
    assert {name: entry.unread for name, entry in rooms.items()} == {
        "never been there": None,
        "read to 4": 6,
        "read all": 0,
        "read nothing": 10,
        "of which 6 are gone": 4,
    }


def test_what_one_has_said_what_is_deleted_and_who_is_blocked_is_not_unread(alice: Client) -> None:
    me = Participant.objects.get(key=ALICE)
    charlie = Participant.objects.create(key="charlie", name="Charlie")
    Block.objects.create(participant=me, blocked_key="charlie")
    sit(tea := new_room("tea", sequence=22), Role.MEMBER, seen=8)
    say(tea, range(11, 14), author=me)
    say(tea, range(14, 17), deleted_at=timezone.now())
    say(tea, range(17, 20), author=charlie)
    say(tea, range(20, 23), author=Participant.objects.create(key="bob", name="Bob"))
    assert shown(alice, "your_rooms")["tea"].unread == 2 + 3


def test_of_very_much_that_is_unread_a_hundred_is_counted(alice: Client) -> None:
    sit(busy := new_room("busy", sequence=5000), Role.MEMBER, seen=1)
    say(busy, range(4500, 5001))
    sit(purged := new_room("purged", sequence=5000, is_private=True), Role.MEMBER, seen=1)
    say(purged, range(4000, 5001), deleted_at=timezone.now())
    assert shown(alice, "your_rooms")["busy"].unread == 100
    assert shown(alice, "your_rooms")["purged"].unread == 0
    assert "99+" in alice.get("/chat/").content.decode()


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


def test_a_room_one_has_talked_in_or_joined_or_owns_is_ones_own_and_listed_once(alice: Client) -> None:
    for role in (Role.MEMBER, Role.MODERATOR, Role.OWNER):
        sit(new_room(role), role)
    sit(new_room("only read"), Role.VISITOR, seen=3)
    let_in = new_room("let in by others")
    sit(let_in, Role.MEMBER)
    Membership.objects.filter(room=let_in).update(was_admitted=True)
    assert set(shown(alice, "your_rooms")) == {"member", "moderator", "owner"}
    assert set(shown(alice, "rooms")) == {"only read", "let in by others"}


def test_reports_are_counted_for_whoever_moderates_the_room(alice: Client) -> None:
    bob, charlie = (Participant.objects.create(key=name, name=name) for name in ("bob", "charlie"))
    for role in (Role.MEMBER, Role.MODERATOR, Role.OWNER):
        sit(room := new_room(role), role)
        one, other, settled = room.messages.order_by("sequence")[:3]
        for message, reporter in ((one, bob), (one, charlie), (other, bob)):
            Report.objects.create(message=message, reporter=reporter)
        Report.objects.create(message=settled, reporter=bob, resolved_at=timezone.now())
    counted = {name: entry.reports for name, entry in shown(alice, "your_rooms").items()}
    assert counted == {"member": 0, "moderator": 2, "owner": 2}


def test_the_form_leads_into_the_room_or_says_what_is_wrong_with_its_name(client: Client) -> None:
    assert client.get("/chat/", {"room": " my room "}).headers["Location"] == "/chat/my%20room/"
    for name, reason in {
        "#general": "can have letters",
        "C#": "can have letters",
        "a/b": "can have letters",
        "\N{GRINNING FACE}": "can have letters",
        "x" * 100: "at most 80",
        "": "needs a name",
        "..": "cannot be only dots",
        "a\0b": "can have letters",
    }.items():
        page = client.get("/chat/", {"room": name})
        assert page.status_code == 200
        assert reason in page.context["flaw"]
        assert page.context["typed"] == name
    assert "&lt;i&gt;" in client.get("/chat/", {"room": "<i>"}).content.decode()


def test_rooms_are_found_by_part_of_their_name_and_only_those_that_everybody_finds() -> None:
    rooms: dict[str, dict[str, Any]] = {
        "tea": {},
        "green tea": {},
        "tea room": {},
        "tea for two": {"is_private": True},
        "tea time": {"is_hidden": True},
        "teapot": {"password": "hash"},
        "tea party": {"closed_at": timezone.now()},
        "coffee": {},
        "100%": {},
    }
    for name, fields in rooms.items():
        new_room(name, **fields)
    find = Room.objects.find_names
    assert find("tea") == ["tea", "tea room", "green tea"]
    assert find("e") == ["coffee", "tea room", "green tea", "tea"]
    assert find("tea time") == find("_") == find("") == []
    assert find("%") == ["100%"]


def test_of_a_thousand_rooms_that_are_called_so_the_newest_eight_are_found(
    django_assert_num_queries: Any,
) -> None:
    now = timezone.now()
    Room.objects.bulk_create(
        Room(name=f"room {n}", key=f"room {n}", last_posted_at=now - timedelta(minutes=n))
        for n in range(1100)
    )
    with django_assert_num_queries(2):
        assert Room.objects.find_names("room") == [f"room {n}" for n in range(8)]
    assert Room.objects.find_names("room 1099") == ["room 1099"], "its whole name finds it however old it is"
    assert Room.objects.find_names("om 1099") == []


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
    with django_assert_max_num_queries(8):
        alice.get("/chat/")
    with django_assert_max_num_queries(4):
        Client().get("/chat/")


def test_who_reads_the_list_again_counts_only_what_has_changed(alice: Client) -> None:
    tea, cache = new_room("tea"), RoomListCache()
    say(new_room("secret", is_private=True), range(11, 13))
    for room in Room.objects.all():
        sit(room, Role.MEMBER, seen=4)
    rows = Membership.objects.filter(room=tea)
    process = Process.objects.create(id="one", renewed_at=timezone.now())
    charlie = Participant.objects.create(key="charlie", name="Charlie")

    def read() -> tuple[int, int | None, bool]:
        """Of tea how many are there, how many messages are unread, and whether that was counted."""
        with CaptureQueriesContext(connection) as queries:
            [entry], [view] = read_rooms([Viewer(identity.guest(ALICE), "")], cache)
        sql = " ".join(query["sql"] for query in queries)
        assert view.own.rooms[0].unread == 8
        return entry.count, view.own.unread["tea"], "chat_message" in sql or "COUNT(DISTINCT" in sql

    assert read() == (0, 6, True)
    assert read() == (0, 6, False)
    rows.update(seen=5)
    assert read() == (0, 5, True)
    say(tea, [11], author=charlie)
    Room.objects.filter(pk=tea.pk).update(sequence=11, revision=11)
    assert read() == (0, 6, True)
    Block.objects.create(participant=rows.get().participant, blocked_key="charlie")
    assert read() == (0, 5, True)
    Connection.objects.create(process=process, room_key="tea", participant_key="b", name="b")
    Process.objects.update(version=F("version") + 1)
    assert read() == (1, 5, True)
    Process.objects.update(renewed_at=timezone.now() - timedelta(minutes=5))
    assert read() == (0, 5, True)
    assert read() == (0, 5, False)


def test_whoever_opens_many_rooms_hides_no_more_than_half_of_the_others(alice: Client) -> None:
    for n in range(12):
        new_room(f"room {n}")
    Room.objects.update(created_at=timezone.now() - timedelta(hours=2))
    for n in range(30):
        new_room(f"spam {n}")
    assert list(shown(alice, "rooms")) == [
        *(f"spam {n}" for n in range(29, 19, -1)),
        *(f"room {n}" for n in range(11, 1, -1)),
    ]


def test_of_many_rooms_that_are_not_for_all_the_newest_fifty_are_listed(alice: Client) -> None:
    for n in range(60):
        sit(new_room(f"{n}", is_private=True), Role.MEMBER)
    assert list(shown(alice, "your_rooms")) == [f"{n}" for n in range(59, 9, -1)]


def test_a_look_at_the_list_keeps_nothing(client: Client) -> None:
    client.get("/chat/")
    assert not Participant.objects.exists()
    assert not Membership.objects.exists()


def test_an_account_finds_what_is_its_own_and_the_guest_it_was_nothing(alice: Client) -> None:
    sit(new_room("secret", is_private=True), Role.OWNER)
    sit(new_room("tea"), Role.MEMBER, seen=7)
    user = User.objects.create_user("alice")
    Participant.objects.filter(key=ALICE).update(user=user)
    assert not shown(alice, "your_rooms"), "the guest's cookie is nobody any more"
    assert shown(alice, "rooms")["tea"].unread is None
    account = Client()
    account.force_login(user)
    yours = shown(account, "your_rooms")
    assert set(yours) == {"secret", "tea"}
    assert yours["tea"].unread == 3
    assert account.get("/chat/").context["you"]["name"] == "Alice"


def test_staff_without_a_participant_is_shown_the_list_as_anybody(client: Client) -> None:
    new_room("secret", is_private=True)
    client.force_login(User.objects.create_user("admin", is_staff=True))
    assert not shown(client, "your_rooms")
    assert client.get("/chat/").context["you"]["name"] == "admin"
