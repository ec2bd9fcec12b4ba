"""Who is present in one open room, and its sockets' presence frames."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from ..protocol import Person
from ..realtime.feed import Feed
from .broadcast import PresenceBroadcast
from .roster import Roster
from .store import Entry


@dataclass(slots=True)
class PersonSockets:
    entry: Entry
    count: int = 0
    leaving: asyncio.TimerHandle | None = None
    """Since the last one was closed: at its end they are no longer shown."""


class RoomPresence:
    def __init__(self, feed: Feed) -> None:
        self.sockets: dict[str, PersonSockets] = {}
        self.roster = Roster()
        self.frames = PresenceBroadcast(feed.fanout, self.roster)

    def put(self, origin: str, person: Person) -> None:
        self.frames.announce(self.roster.put(origin, person))

    def drop(self, origin: str, key: str) -> None:
        self.frames.announce(self.roster.drop(origin, key))

    def replace(self, origin: str, people: Iterable[Person]) -> None:
        self.frames.announce(self.roster.replace(origin, people))
