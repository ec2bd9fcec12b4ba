"""The list of rooms, live: read every 2 s while a socket is connected, and sent when it has changed."""

import asyncio
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.db import DatabaseError, InterfaceError

from .. import protocol
from ..database.threads import DatabaseThreads
from ..infra.logging import database_outage
from ..infra.throttle import ThrottledTask
from ..protocol import CloseCode, YourRooms
from .fanout import SLOW_TIMEOUT
from .room_list import RoomListCache, Viewer, read_rooms
from .subscriber import LOW_WATER, Subscriber
from .transports import Frames

INTERVAL: Final = 2.0  # seconds
VIEWS_MAX: Final = 100  # people whose own part of the list is read at a time: of more each has their turn


@dataclass(slots=True)
class Listener:
    viewer: Viewer
    sent: bytes
    """Their own rooms, as they were sent last."""


class RoomListFeed:
    """One a process. The list goes out whole, so whoever was skipped gets the newest."""

    def __init__(self, threads: DatabaseThreads) -> None:
        self.subscribers: set[Subscriber] = set()
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self._frames = Frames()
        self._arriving: set[Subscriber] = set()
        self._missed: dict[Subscriber, float] = {}  # since when (loop time) they have not got the newest
        self._listeners: dict[Subscriber, Listener] = {}  # whose turn it is comes first
        self._cache = RoomListCache()
        self._looking = ThrottledTask(self._look, INTERVAL)

    def join(self, subscriber: Subscriber, viewer: Viewer | None = None) -> None:
        """The first frame goes out with the next read: the page of a new socket may be newer than the
        last one. Without a `viewer` only what is there for all is sent."""
        self.subscribers.add(subscriber)
        if viewer:
            self._listeners[subscriber] = Listener(viewer, b"")
        self._arriving.add(subscriber)
        self._looking.soon()

    def leave(self, subscriber: Subscriber) -> None:
        self.subscribers.discard(subscriber)
        self._arriving.discard(subscriber)
        self._missed.pop(subscriber, None)
        self._listeners.pop(subscriber, None)

    async def _look(self) -> None:
        if not self.subscribers:
            return
        turn = dict(islice(self._listeners.items(), VIEWS_MAX))
        viewers = [listener.viewer for listener in turn.values()]
        try:
            rooms, views = await self._threads.run(read_rooms, viewers, self._cache)
        except (DatabaseError, InterfaceError) as error:
            database_outage.warning("The list of rooms could not be read: %s", str(error).strip())
        else:
            self._show(Frames(protocol.encode(protocol.Rooms(rooms))))
            for subscriber, view in zip(turn, views, strict=True):
                self._show_own(subscriber, view.own)
        self._looking.soon()

    def _show(self, frames: Frames) -> None:
        concerned, self._arriving = self._arriving, set()
        if frames.payloads != self._frames.payloads:
            self._frames = frames
            concerned = self.subscribers
        now = self._loop.time()
        for subscriber in concerned:
            if subscriber not in self._missed and not subscriber.offer(self._frames):
                self._missed[subscriber] = now
        self.catch_up()

    def _show_own(self, subscriber: Subscriber, own: YourRooms) -> None:
        """Who does not read now has their turn again."""
        listener = self._listeners.pop(subscriber, None)
        if listener is None:
            return  # they have left
        self._listeners[subscriber] = listener
        payload = protocol.encode(own)
        is_reading = not subscriber.closing and subscriber.writer.backlog() <= LOW_WATER
        if payload != listener.sent and is_reading and subscriber.offer(Frames(payload)):
            listener.sent = payload

    def catch_up(self) -> None:
        """Send the newest list to those who have not got it and read; close those who do not for 30 s."""
        now = self._loop.time()
        for subscriber, since in list(self._missed.items()):
            if subscriber.writer.backlog() > LOW_WATER:
                if now - since > SLOW_TIMEOUT:
                    del self._missed[subscriber]
                    subscriber.close(CloseCode.TOO_SLOW)
            elif subscriber.offer(self._frames):
                del self._missed[subscriber]
