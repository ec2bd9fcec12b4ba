"""Who may what in a room: pure rules for sockets, pages, the admin and commands."""

import datetime
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from .. import protocol
from ..protocol import Act, RoomState
from ..protocol.roles import Role
from ..protocol.slash_commands import Needs

RANK = {Role.VISITOR: 0, Role.MEMBER: 1, Role.MODERATOR: 2, Role.OWNER: 3}
STAFF_RANK = 4


class RoomPermissions(msgspec.Struct, frozen=True):
    """What a person is in one room. Staff of the site ranks above every role."""

    role: Role = Role.VISITOR
    staff: bool = False
    seen: int = 0
    muted_until: datetime.datetime | None = None
    banned: bool = False
    blocked: tuple[str, ...] = ()
    offered: bool = False
    """The owner offers them the room."""
    mentions: tuple[int, ...] = ()
    """The places of the first 100 messages after the read mark that mention them."""

    @property
    def rank(self) -> int:
        """Of somebody who is banned it is 0, whatever their role."""
        if self.staff:
            return STAFF_RANK
        return 0 if self.banned else RANK[self.role]

    @property
    def is_member(self) -> bool:
        return self.rank >= RANK[Role.MEMBER]

    @property
    def moderates(self) -> bool:
        return self.rank >= RANK[Role.MODERATOR]

    @property
    def owns(self) -> bool:
        return self.rank >= RANK[Role.OWNER]

    def is_muted(self, now: datetime.datetime) -> bool:
        return self.muted_until is not None and self.muted_until > now

    def event_at(self, now: datetime.datetime) -> protocol.Standing:
        """With the seconds that are left of a mute, for clients whose clock differs."""
        left = (self.muted_until - now).total_seconds() if self.muted_until else 0
        muted = self.muted_until, left if left > 0 else None
        return protocol.Standing(
            self.role.value,
            self.staff,
            self.seen,
            *muted,
            list(self.blocked),
            self.offered,
            list(self.mentions),
        )

    def read_up_to(self, sequence: int) -> "RoomPermissions":
        """With the read mark moved there, unless it is further on."""
        mentions = tuple(place for place in self.mentions if place > sequence)
        return replace(self, seen=max(self.seen, sequence), mentions=mentions)


class EntryPolicy(NamedTuple):
    """What of a room's state decides who may enter, and the revision of that."""

    access: int
    private: bool
    password: bool


def may_enter(room: RoomState | EntryPolicy | None, person: RoomPermissions) -> bool:
    """Read a room and be seen in it. `room` None: nobody has said anything there yet."""
    if person.staff or room is None:
        return True
    if person.banned:
        return False
    return person.is_member or not (room.private or room.password)


def refusal_to_post(room: RoomState, person: RoomPermissions, now: datetime.datetime) -> str | None:
    """The code with which a message is refused, or None. Slow mode and the word filter come after it."""
    if room.closed:
        return "closed"
    if not may_enter(room, person):
        return "banned" if person.banned else "forbidden"
    if person.staff:
        return None
    if person.is_muted(now):
        return "muted"
    if room.read_only and not person.moderates:
        return "read_only"
    return None


# The role one must have; beside that one must rank above whom the act concerns.
NEEDED = {Act.HAND_OVER: Role.OWNER, Act.PROMOTE: Role.OWNER, Act.DEMOTE: Role.OWNER}


OF_ONESELF = frozenset({Act.LEAVE, Act.ACCEPT, Act.DECLINE})
"""Everybody may do these: they concern nobody else."""


def may_moderate(act: Act, person: RoomPermissions, target: RoomPermissions | None = None) -> bool:
    """Whether a person may do this (to somebody). `SUCCEED` has rules of its own in `succession.py`.

    Nobody ranks above themselves, so nobody does it to themselves. A ban takes away somebody's rights, but
    not their rank as a target: moderators cannot dismiss an owner whom staff has banned."""
    if act in OF_ONESELF:
        return True
    needed = RANK[NEEDED.get(act, Role.MODERATOR)]
    if person.rank < needed:
        return False
    return target is None or person.rank > replace(target, banned=False).rank


def meets(needs: Needs, person: RoomPermissions) -> bool:
    return {
        Needs.ANYBODY: True,
        Needs.MEMBERSHIP: person.role in (Role.MEMBER, Role.MODERATOR),
        Needs.MODERATOR: person.moderates,
        Needs.OWNER: person.owns,
        Needs.OFFER: person.offered,
        Needs.OFFER_OR_OWNER: person.offered or person.owns,
    }[needs]
