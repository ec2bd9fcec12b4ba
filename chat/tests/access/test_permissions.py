"""Who may what, as pure rules: alice owns the room, dora moderates, bob is a member, charlie is a visitor."""

import datetime

import pytest

from chat.access.permissions import OF_ONESELF, RoomPermissions, may_enter, may_moderate, refusal_to_post
from chat.protocol import Act, RoomState
from chat.protocol.roles import Role

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SOON = NOW + datetime.timedelta(minutes=5)

OWNER = RoomPermissions(Role.OWNER)
MODERATOR = RoomPermissions(Role.MODERATOR)
MEMBER = RoomPermissions(Role.MEMBER)
STRANGER = RoomPermissions()
STAFF = RoomPermissions(staff=True)


def room(**rules: object) -> RoomState:
    return RoomState("tea", "", **rules)  # type: ignore[arg-type]


def test_a_room_that_nobody_has_spoken_in_is_open_to_all() -> None:
    assert may_enter(None, STRANGER)


def test_a_public_room_is_open_to_all() -> None:
    assert all(may_enter(room(), person) for person in (OWNER, MODERATOR, MEMBER, STRANGER, STAFF))


@pytest.mark.parametrize("closed_door", ["private", "password"])
def test_only_members_and_staff_enter_a_private_room_or_one_with_a_password(closed_door: str) -> None:
    behind = room(**{closed_door: True})
    assert all(may_enter(behind, person) for person in (OWNER, MODERATOR, MEMBER, STAFF))
    assert not may_enter(behind, STRANGER)


def test_who_is_banned_does_not_enter_whatever_their_role() -> None:
    for role in Role:
        assert not may_enter(room(), RoomPermissions(role, banned=True))
        assert refusal_to_post(room(), RoomPermissions(role, banned=True), NOW) == "banned"


def test_a_ban_does_not_hold_staff() -> None:
    assert may_enter(room(private=True), RoomPermissions(staff=True, banned=True))


def test_nobody_talks_in_a_closed_room() -> None:
    for person in (OWNER, MEMBER, STAFF):
        assert refusal_to_post(room(closed=True), person, NOW) == "closed"


def test_in_a_read_only_room_moderators_talk() -> None:
    assert refusal_to_post(room(read_only=True), MEMBER, NOW) == "read_only"
    for person in (OWNER, MODERATOR, STAFF):
        assert refusal_to_post(room(read_only=True), person, NOW) is None


def test_a_mute_ends_when_it_was_said_to_end() -> None:
    muted = RoomPermissions(Role.MEMBER, muted_until=SOON)
    assert refusal_to_post(room(), muted, NOW) == "muted"
    assert refusal_to_post(room(), muted, SOON) is None


def test_an_outsider_cannot_talk_in_a_private_room() -> None:
    assert refusal_to_post(room(private=True), STRANGER, NOW) == "forbidden"


def test_a_moderator_acts_on_those_below() -> None:
    assert may_moderate(Act.MUTE, MODERATOR, MEMBER)
    assert may_moderate(Act.BAN, MODERATOR, STRANGER)
    assert not may_moderate(Act.BAN, MODERATOR, MODERATOR)
    assert not may_moderate(Act.KICK, MODERATOR, OWNER)
    assert may_moderate(Act.KICK, OWNER, MODERATOR)


def test_only_the_owner_and_staff_make_moderators() -> None:
    assert not may_moderate(Act.PROMOTE, MODERATOR, MEMBER)
    assert may_moderate(Act.PROMOTE, OWNER, MEMBER)
    assert may_moderate(Act.DEMOTE, STAFF, MODERATOR)


def test_members_and_visitors_do_not_moderate() -> None:
    for act in set(Act) - OF_ONESELF:
        assert not may_moderate(act, MEMBER, STRANGER)
        assert not may_moderate(act, STRANGER)


def test_nobody_but_staff_acts_on_staff() -> None:
    assert not may_moderate(Act.BAN, OWNER, STAFF)


def test_staff_moderates_every_room() -> None:
    for act in Act:
        assert may_moderate(act, STAFF, OWNER)
