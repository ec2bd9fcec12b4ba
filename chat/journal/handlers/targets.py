"""Whom an act of moderation concerns: a person given by id or name, present now or earlier."""

from dataclasses import dataclass
from typing import Final

from ... import protocol
from ...access.lookup import Person
from ...access.permissions import RoomPermissions
from ...models import Ban, Connection, Participant
from ...text.confusables import skeleton
from ...text.mentions import folded
from ..locked_room import LockedRoom
from ..transaction import Transaction
from ..types import Refused, refused

NAME_LONGEST: Final = 200  # characters as they are typed, before they are folded


@dataclass(frozen=True, slots=True)
class Target:
    key: str
    name: str
    person: Person | None
    """None: a guest who has never written anything has no row."""
    permissions: RoomPermissions


def find_target(transaction: Transaction, room: LockedRoom, command: protocol.Moderate) -> Target | Refused:
    """The one person whom the command names. Refusals: `invalid`, `not_found`, `ambiguous`."""
    if command.id:
        return _by_id(transaction, room, command.id) or refused("not_found.person")
    if not command.name:
        return refused("invalid.whom")
    if len(command.name) > NAME_LONGEST:
        return refused("not_found.person")
    keys = _keys_named(room, command.name) or _keys_named(room, command.name.removeprefix("@"))
    if len(keys) > 1:
        return refused("ambiguous")
    return (_by_id(transaction, room, keys.pop()) if keys else None) or refused("not_found.person")


def _by_id(transaction: Transaction, room: LockedRoom, key: str) -> Target | None:
    if person := transaction.find_person(room, key):
        return Target(key, person.name, person, transaction.permissions_of(room, person))
    if here := Connection.objects.filter(room_key=room.row.key, participant_key=key).first():
        # An account without a row was made for the admin.
        return Target(key, here.name, None, RoomPermissions(staff=here.verified))
    banned = Ban.objects.filter(room=room.row.id, participant_key=key).first()
    return Target(key, banned.name, None, RoomPermissions()) if banned else None


def _keys_named(room: LockedRoom, name: str) -> set[str]:
    """The ids of those who have this name in this room, in any case or width: members, people who are
    present, and people who are banned."""
    members = Participant.objects.filter(skeleton=skeleton(name), memberships__room=room.row.id)
    here = Connection.objects.filter(room_key=room.row.key)
    banned = Ban.objects.in_force().filter(room=room.row.id).exclude(participant_key="")
    found = [
        *members.values_list("key", "name"),
        *here.values_list("participant_key", "name"),
        *banned.values_list("participant_key", "name"),
    ]
    return {key for key, theirs in found if folded(theirs) == folded(name)}
