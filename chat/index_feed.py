"""The list of rooms, live: asked for every 2 s while anybody listens, and sent when it has changed."""

import asyncio
from typing import Final

from django.db import DatabaseError, InterfaceError

from . import protocol
from .backpressure import LOW_WATER, Frame, Member
from .database_threads import DatabaseThreads
from .fanout import SLOW_PATIENCE
from .logs import database_outage
from .models import Room
from .people.pace import PacedWork
from .people.presence_store import live_counts
from .protocol import CloseCode, RoomEntry

INTERVAL: Final = 2.0  # seconds
FRESH: Final = 2 * INTERVAL  # seconds in which what was read last may be shown to somebody new


class IndexFeed:
    """One a process. The list goes out whole, so whoever was skipped gets the newest."""

    def __init__(self, threads: DatabaseThreads) -> None:
        self.members: set[Member] = set()
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self._frame = Frame(b"")
        self._read_at = -FRESH
        self._missed: dict[Member, float] = {}  # since when (loop time) they have not got the newest
        self._looking = PacedWork(self._look, INTERVAL)

    def join(self, member: Member) -> None:
        """The first frame goes out at once, or as soon as it is read."""
        self.members.add(member)
        self._missed[member] = self._loop.time()
        if self._loop.time() - self._read_at < FRESH:
            self.catch_up()
        self._looking.soon()

    def leave(self, member: Member) -> None:
        self.members.discard(member)
        self._missed.pop(member, None)

    async def _look(self) -> None:
        if not self.members:
            return
        try:
            rooms = await self._threads.run(read_rooms)
        except (DatabaseError, InterfaceError) as error:
            database_outage.warning("The list of rooms could not be read: %s", str(error).strip())
        else:
            self._show(Frame(protocol.encode(protocol.Rooms(rooms))))
        self._looking.soon()

    def _show(self, frame: Frame) -> None:
        self._read_at = self._loop.time()
        if frame.payload != self._frame.payload:
            self._frame = frame
            for member in self.members:
                if member not in self._missed and not member.offer([frame]):
                    self._missed[member] = self._read_at
        self.catch_up()

    def catch_up(self) -> None:
        """Send the newest list to those who have not got it and read; close those who do not for 30 s."""
        now = self._loop.time()
        for member, since in list(self._missed.items()):
            if member.outlet.backlog() > LOW_WATER:
                if now - since > SLOW_PATIENCE:
                    del self._missed[member]
                    member.close(CloseCode.TOO_SLOW)
            elif self._frame.payload and member.offer([self._frame]):
                del self._missed[member]


def read_rooms() -> list[RoomEntry]:
    """The rooms of the index and how many people are in each: two queries."""
    rooms = list(Room.objects.recently_talked_in())
    counts = live_counts([room.key for room in rooms])
    return [
        RoomEntry(room.name, room.topic, room.sequence, room.last_posted_at, counts.get(room.key, 0))
        for room in rooms
        if room.last_posted_at
    ]
