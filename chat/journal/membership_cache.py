"""Memberships that let people post, kept from one transaction to the next.

Whatever takes a right from somebody in a room (a ban, a mute, another role) raises the room's
`access_revision` under the room's lock, so at the same revision of the same epoch a row is as it was read.
(A ban from the whole site closes the socket within 5 s.) Only members who may post are kept: an invitation
makes a visitor a member without raising it.
"""

import datetime
from typing import Final

from ..protocol.roles import Role
from .sql import MembershipRow, RoomRow

ENTRIES_MAX: Final = 20_000
_Key = tuple[int, str, int, int]


class MembershipCache:
    """For all threads of a process that write."""

    def __init__(self) -> None:
        self._rows: dict[_Key, MembershipRow] = {}

    def get(self, room: RoomRow, participant_id: int) -> MembershipRow | None:
        # Slow mode asks for the last message, which changes with every one.
        return None if room.slow_mode else self._rows.get(_key(room, participant_id))

    def keep(self, room: RoomRow, membership: MembershipRow, now: datetime.datetime) -> None:
        """Keep a row as it was stored before the transaction that reads it; `room` is locked."""
        is_muted = membership.muted_until is not None and membership.muted_until > now
        if membership.role == Role.VISITOR or membership.is_banned or is_muted:
            return
        if len(self._rows) >= ENTRIES_MAX:
            self._rows.clear()
        self._rows[_key(room, membership.participant_id)] = membership

    def forget(self, room: RoomRow, participant_id: int) -> None:
        """Drop a row that has changed without a new `access_revision`. Other processes may keep theirs: it
        must give no right."""
        self._rows.pop(_key(room, participant_id), None)


def _key(room: RoomRow, participant_id: int) -> _Key:
    return room.id, room.epoch, room.access_revision, participant_id
