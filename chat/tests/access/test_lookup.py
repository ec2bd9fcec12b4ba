"""What people are in a room when their sockets connect, looked up for many at once."""

import datetime

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.access.identity import Identity, guest
from chat.access.lookup import AccessQuery, look_up
from chat.models import Ban, Block, Membership, Participant, Room
from chat.protocol.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea() -> Room:
    return Room.objects.create(name="tea", key="tea")


@pytest.fixture
def bob() -> Participant:
    return Participant.objects.create(key="bob", name="Bob")


def ask(key: str, user_id: int | None = None, address: str = "203.0.113.7") -> AccessQuery:
    return AccessQuery("tea", Identity(key, "as the cookie says", user_id), address)


def test_a_guest_without_a_row_is_a_visitor_under_the_name_of_the_cookie(tea: Room) -> None:
    (result,) = look_up([AccessQuery("tea", guest("nobody"), "")])
    assert result.who == guest("nobody")
    assert result.permissions.role is Role.VISITOR
    assert not result.permissions.banned


def test_the_name_is_that_of_the_row(tea: Room, bob: Participant) -> None:
    (result,) = look_up([ask("bob")])
    assert result.who == Identity("bob", "Bob", None)


def test_role_read_mark_and_mute_are_those_of_the_room(tea: Room, bob: Participant) -> None:
    until = timezone.now() + datetime.timedelta(hours=1)
    cake = Room.objects.create(name="cake", key="cake")
    Membership.objects.create(room=tea, participant=bob, role=Role.MODERATOR, seen=7, muted_until=until)
    Membership.objects.create(room=cake, participant=bob, role=Role.OWNER, seen=9)
    (result,) = look_up([ask("bob")])
    permissions = result.permissions
    assert (permissions.role, permissions.seen, permissions.muted_until) == (Role.MODERATOR, 7, until)


def test_a_ban_of_the_person_counts_where_it_was_made(tea: Room, bob: Participant) -> None:
    Ban.objects.create(room=tea, participant_key="bob")
    cake = AccessQuery("cake", Identity("bob", "Bob"), "")
    here, elsewhere = look_up([ask("bob"), cake])
    assert here.permissions.banned
    assert not elsewhere.permissions.banned


def test_a_ban_of_the_network_counts_for_whoever_comes_from_it(tea: Room) -> None:
    Ban.objects.create(room=tea, network="2001:db8::/64")
    inside, outside, unknown = look_up(
        [ask("x", address="2001:db8::17"), ask("x", address="2001:db9::17"), ask("x", address="")]
    )
    assert inside.permissions.banned
    assert not outside.permissions.banned
    assert not unknown.permissions.banned


def test_a_ban_from_the_site_counts_everywhere(tea: Room, bob: Participant) -> None:
    Ban.objects.create(room=None, participant_key="bob")
    (result,) = look_up([ask("bob")])
    assert result.permissions.banned


def test_a_ban_ends_when_it_was_said_to_end(tea: Room, bob: Participant) -> None:
    Ban.objects.create(room=tea, participant_key="bob", until=timezone.now() - datetime.timedelta(seconds=1))
    (result,) = look_up([ask("bob")])
    assert not result.permissions.banned


def test_an_account_is_its_participant_under_whatever_key(tea: Room) -> None:
    user = User.objects.create_user("alice", is_staff=True)
    Participant.objects.create(key="since-she-was-a-guest", name="Alice", user=user)
    (result,) = look_up([ask(f"account-{user.pk}", user.pk)])
    assert result.who == Identity("since-she-was-a-guest", "Alice", user.pk)
    assert result.permissions.staff


def test_a_disabled_account_is_no_staff(tea: Room) -> None:
    user = User.objects.create_user("alice", is_staff=True, is_active=False)
    Participant.objects.create(key="alice", name="Alice", user=user)
    (result,) = look_up([ask("alice", user.pk)])
    assert not result.permissions.staff


def test_the_cookie_of_a_guest_who_signed_up_identifies_nobody(tea: Room) -> None:
    user = User.objects.create_user("alice")
    Participant.objects.create(key="alice", name="Alice", user=user)
    (result,) = look_up([ask("alice")])
    assert result.signed_up
    assert result.who.key != "alice"
    assert result.who.user_id is None


def test_blocks_are_the_persons_own(tea: Room, bob: Participant) -> None:
    alice = Participant.objects.create(key="alice", name="Alice")
    Block.objects.create(participant=bob, blocked_key="charlie")
    Block.objects.create(participant=alice, blocked_key="bob")
    (result,) = look_up([ask("bob")])
    assert result.permissions.blocked == ("charlie",)


def test_a_hundred_people_cost_as_many_queries_as_one(
    tea: Room, bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):
        look_up([ask("bob"), *(ask(f"guest-{number}") for number in range(100))])
    with django_assert_num_queries(2):
        look_up([ask(f"guest-{number}") for number in range(100)])
