"""The list of rooms, live: asked for every 2 s while anybody listens, and sent when it has changed."""

import asyncio
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.db import DatabaseError, InterfaceError

from .. import protocol
from ..database.threads import DatabaseThreads
from ..infra.logging import database_outage
from ..infra.throttle import PacedWork
from ..protocol import CloseCode, YourRooms
from .fanout import SLOW_PATIENCE
from .room_list import Counted, Viewer, read_rooms
from .transports import LOW_WATER, Frame, Member

INTERVAL: Final = 2.0  # seconds
VIEWS_MAX: Final = 100  # people whose own part of the list is read at a time: of more each has their turn


@dataclass(slots=True)
class Listener:
    viewer: Viewer
    told: bytes
    """Their own part of the list, as it was sent last."""


class IndexFeed:
    """One a process. The list goes out whole, so whoever was skipped gets the newest."""

    def __init__(self, threads: DatabaseThreads) -> None:
        self.members: set[Member] = set()
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self._frame = Frame(b"")
        self._arriving: set[Member] = set()
        self._missed: dict[Member, float] = {}  # since when (loop time) they have not got the newest
        self._listeners: dict[Member, Listener] = {}  # whose turn it is comes first
        self._counted = Counted()
        self._looking = PacedWork(self._look, INTERVAL)

    def join(self, member: Member, viewer: Viewer | None = None) -> None:
        """The first frame goes out with the next look: whoever comes has a page that may be newer than the
        last one. Without a `viewer` only what is there for all is sent."""
        self.members.add(member)
        if viewer:
            self._listeners[member] = Listener(viewer, protocol.encode(YourRooms([], {})))
        self._arriving.add(member)
        self._looking.soon()

    def leave(self, member: Member) -> None:
        self.members.discard(member)
        self._arriving.discard(member)
        self._missed.pop(member, None)
        self._listeners.pop(member, None)

    async def _look(self) -> None:
        if not self.members:
            return
        turn = dict(islice(self._listeners.items(), VIEWS_MAX))
        viewers = [listener.viewer for listener in turn.values()]
        try:
            rooms, views = await self._threads.run(read_rooms, viewers, self._counted)
        except (DatabaseError, InterfaceError) as error:
            database_outage.warning("The list of rooms could not be read: %s", str(error).strip())
        else:
            self._show(Frame(protocol.encode(protocol.Rooms(rooms))))
            for member, view in zip(turn, views, strict=True):
                self._show_own(member, view.own)
        self._looking.soon()

    def _show(self, frame: Frame) -> None:
        concerned, self._arriving = self._arriving, set()
        if frame.payload != self._frame.payload:
            self._frame = frame
            concerned = self.members
        now = self._loop.time()
        for member in concerned:
            if member not in self._missed and not member.offer([self._frame]):
                self._missed[member] = now
        self.catch_up()

    def _show_own(self, member: Member, own: YourRooms) -> None:
        """Who does not read now has their turn again."""
        listener = self._listeners.pop(member, None)
        if listener is None:
            return  # they have left
        self._listeners[member] = listener
        payload = protocol.encode(own)
        is_reading = not member.closing and member.outlet.backlog() <= LOW_WATER
        if payload != listener.told and is_reading and member.offer([Frame(payload)]):
            listener.told = payload

    def catch_up(self) -> None:
        """Send the newest list to those who have not got it and read; close those who do not for 30 s."""
        now = self._loop.time()
        for member, since in list(self._missed.items()):
            if member.outlet.backlog() > LOW_WATER:
                if now - since > SLOW_PATIENCE:
                    del self._missed[member]
                    member.close(CloseCode.TOO_SLOW)
            elif member.offer([self._frame]):
                del self._missed[member]
