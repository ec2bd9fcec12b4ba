"""Who is present in the open rooms: through this process's sockets, and through other processes."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from ..cluster.messages import PresenceEvent, RoomPresenceChanges
from ..database.threads import DatabaseThreads
from ..protocol import PeoplePage, Person
from ..realtime.feed import Feed
from .broadcast import PresenceBroadcast
from .lease import Lease
from .peers import Peers
from .roster import SHOWN_MAX, Roster
from .store import Entry, Place, Rooms

LINGER: Final = 2.0  # seconds somebody stays after their last socket: a reload shows nothing
OURS: Final = ""
"""This process, in its own rosters."""


@dataclass(slots=True)
class PersonSockets:
    """The sockets of one person in one room, here."""

    entry: Entry
    count: int = 0
    leaves_at: float = 0.0
    """When they are no longer shown (loop time), while `count` is 0."""


class RoomPresence:
    def __init__(self, feed: Feed) -> None:
        self.sockets: dict[str, PersonSockets] = {}
        self.roster = Roster()
        self.frames = PresenceBroadcast(feed.fanout, self.roster)


class Presence:
    """One a process. `rename_sockets` is called with the key and the new name of a participant that was
    renamed through another process."""

    def __init__(
        self, origin: str, threads: DatabaseThreads, rename_sockets: Callable[[str, str], None]
    ) -> None:
        self._rename_sockets = rename_sockets
        self._rooms: dict[str, RoomPresence] = {}
        self._leaving: deque[tuple[float, Place]] = deque()
        self._loop = asyncio.get_running_loop()
        self._lease = Lease(origin, threads, self._entries, self._on_names)
        self._peers = Peers(origin, threads, self, self._lease.found)

    async def open(self, feed: Feed) -> None:
        """A room is open here from now on. Returns when it is known who is there through other processes."""
        self._rooms[feed.key] = RoomPresence(feed)
        await self._peers.read_room(feed.key)

    def close(self, room_key: str) -> None:
        """No socket of this process is in the room any more, and nobody who left a moment ago is shown."""
        room = self._rooms.pop(room_key)
        room.frames.stop()
        for key, sockets in room.sockets.items():
            self._lease.drop(room_key, key, sockets.entry.address)

    async def end(self) -> None:
        """The process ends."""
        self._peers.stop()
        await self._lease.end()

    # --- Our sockets ---

    def enter(self, room_key: str, person: Person, address: str) -> None:
        """A socket of this person is in the room now. `leave` is to be called once for each."""
        room, entry = self._rooms[room_key], Entry(person, address)
        sockets = room.sockets.get(person.id)
        if sockets is None or sockets.entry != entry:
            sockets = self._put_entry(room_key, entry)
        sockets.count += 1

    def leave(self, room_key: str, participant_key: str) -> None:
        room = self._rooms.get(room_key)
        sockets = room.sockets.get(participant_key) if room else None
        if not sockets:
            return
        sockets.count -= 1
        if not sockets.count:
            sockets.leaves_at = self._loop.time() + LINGER
            self._leaving.append((sockets.leaves_at, (room_key, participant_key)))
            if len(self._leaving) == 1:
                self._loop.call_at(sockets.leaves_at, self._remove_departed)

    def change(self, room_key: str, person: Person) -> None:
        """Somebody who is present has another name or role."""
        if sockets := self._rooms[room_key].sockets.get(person.id):
            self._put_entry(room_key, sockets.entry._replace(person=person))

    def rename(self, participant_key: str, name: str) -> None:
        """A participant has another name: in every room and every process."""
        self._set_name(participant_key, name)
        self._lease.rename(participant_key, name)

    def _put_entry(self, room_key: str, entry: Entry) -> PersonSockets:
        """Add or change an entry."""
        room, person = self._rooms[room_key], entry.person
        sockets = room.sockets.setdefault(person.id, PersonSockets(entry))
        sockets.entry = entry
        self._lease.put(room_key, entry)
        room.frames.announce(room.roster.put(OURS, person))
        return sockets

    def _remove_departed(self) -> None:
        """Those whose last socket is gone for 2 s."""
        now = self._loop.time()
        while self._leaving and self._leaving[0][0] <= now:
            _due, (room_key, key) = self._leaving.popleft()
            room = self._rooms.get(room_key)
            sockets = room.sockets.get(key) if room else None
            if room and sockets and not sockets.count and sockets.leaves_at <= now:
                del room.sockets[key]
                self._lease.drop(room_key, key, sockets.entry.address)
                room.frames.announce(room.roster.drop(OURS, key))
        if self._leaving:
            self._loop.call_at(self._leaving[0][0], self._remove_departed)

    def _set_name(self, key: str, name: str) -> bool:
        """Show another name, and write the rows of this process again. True if it was not known."""
        is_new = False
        for room_key, room in self._rooms.items():
            if sockets := room.sockets.get(key):
                is_new |= sockets.entry.person.name != name
                person = msgspec.structs.replace(sockets.entry.person, name=name)
                sockets.entry = sockets.entry._replace(person=person)
                self._lease.put(room_key, sockets.entry)
            room.frames.announce(room.roster.rename(key, name))
        return is_new

    def _entries(self) -> dict[Place, Entry]:
        return {
            (room_key, key): sockets.entry
            for room_key, room in self._rooms.items()
            for key, sockets in room.sockets.items()
        }

    # --- Questions, and slow sockets ---

    def here(self, room_key: str) -> tuple[list[Person], int]:
        """Up to 100 people by name, and how many there are."""
        return self._rooms[room_key].frames.welcome()

    def search(self, room_key: str, query: str) -> PeoplePage:
        """Up to 100 people whose name contains the query, and how many those are in all."""
        found = self._rooms[room_key].roster.search(query)
        return PeoplePage(query, found[:SHOWN_MAX], len(found))

    def catch_up_slow_sockets(self) -> None:
        for room in self._rooms.values():
            if room.frames.missed:
                room.frames.catch_up()

    # --- The other processes ---

    def on_event(self, event: PresenceEvent | None) -> None:
        self._peers.on_event(event)

    def read_soon(self) -> None:
        """Hints may have been lost."""
        self._peers.read_soon()

    def on_renamed(self, key: str, name: str) -> None:
        """A hint that a participant has taken another name. Their rows are written again even where it was
        known already: a write that is on its way may hold the old one."""
        if self._set_name(key, name):
            self._rename_sockets(key, name)

    def _on_names(self, names: Mapping[str, str]) -> None:
        """The names that participants have."""
        for key, name in names.items():
            ours = (room.sockets[key].entry.person for room in self._rooms.values() if key in room.sockets)
            if any(person.name != name for person in ours) and self._set_name(key, name):
                self._rename_sockets(key, name)

    def room_keys(self) -> list[str]:
        return list(self._rooms)

    def replace(self, origin: str, rooms: Rooms) -> None:
        for key, room in self._rooms.items():
            room.frames.announce(room.roster.replace(origin, rooms.get(key, ())))

    def replace_in(self, room_key: str, by_origin: Mapping[str, Rooms]) -> None:
        if room := self._rooms.get(room_key):
            for origin in (room.roster.origins() | by_origin.keys()) - {OURS}:
                people = by_origin.get(origin, {}).get(room_key, ())
                room.frames.announce(room.roster.replace(origin, people))

    def apply(self, origin: str, rooms: Mapping[str, RoomPresenceChanges]) -> None:
        for key, changes in rooms.items():
            if room := self._rooms.get(key):
                for person in changes.joined:
                    room.frames.announce(room.roster.put(origin, person))
                for gone in changes.left:
                    room.frames.announce(room.roster.drop(origin, gone))
