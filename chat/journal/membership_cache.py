"""Seats that let people talk, remembered from one transaction to the next.

Whatever takes a right from somebody in a room (a ban, a mute, another role) moves the room's
`access_revision` under the room's lock, so under the same revision of the same life a seat is what it was.
(A ban from the whole site closes the socket within 5 s.) Only members who may talk are remembered: an
invitation makes a member of a visitor without moving it.
"""

import datetime
from typing import Final

from ..protocol.roles import Role
from .sql import RoomRow, Seat

SEATS_MAX: Final = 20_000
_Key = tuple[int, str, int, int]


class SeatCache:
    """For all threads of a process that write."""

    def __init__(self) -> None:
        self._seats: dict[_Key, Seat] = {}

    def get(self, room: RoomRow, participant_id: int) -> Seat | None:
        # Slow mode asks for the last message, which changes with every one.
        return None if room.slow_mode else self._seats.get(_key(room, participant_id))

    def keep(self, room: RoomRow, seat: Seat, now: datetime.datetime) -> None:
        """A seat as it was stored before the transaction that reads it; `room` is under lock."""
        is_muted = seat.muted_until is not None and seat.muted_until > now
        if seat.role == Role.VISITOR or seat.is_banned or is_muted:
            return
        if len(self._seats) >= SEATS_MAX:
            self._seats.clear()
        self._seats[_key(room, seat.participant_id)] = seat

    def forget(self, room: RoomRow, participant_id: int) -> None:
        """A seat that has changed without a new `access_revision`. Other processes may remember it still: it
        must give no right."""
        self._seats.pop(_key(room, participant_id), None)


def _key(room: RoomRow, participant_id: int) -> _Key:
    return room.id, room.epoch, room.access_revision, participant_id
