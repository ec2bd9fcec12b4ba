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
class Tabs:
    """The sockets of one person in one room, here."""

    entry: Entry
    count: int = 0
    leaves_at: float = 0.0
    """When they are gone (loop time), while `count` is 0."""


class RoomPresence:
    def __init__(self, feed: Feed) -> None:
        self.tabs: dict[str, Tabs] = {}
        self.roster = Roster()
        self.frames = PresenceBroadcast(feed.fanout, self.roster)


class Presence:
    """One a process. `rename_sockets` is called with the
    key and the new name of a participant that was renamed elsewhere."""

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
        """Nobody is in the room any more, through this process: not even who left a moment ago."""
        room = self._rooms.pop(room_key)
        room.frames.stop()
        for key, tabs in room.tabs.items():
            self._lease.drop(room_key, key, tabs.entry.address)

    async def end(self) -> None:
        """The process ends."""
        self._peers.stop()
        await self._lease.end()

    # --- Our sockets ---

    def enter(self, room_key: str, person: Person, address: str) -> None:
        """A socket of this person is in the room now. `leave` is to be called once for each."""
        room, entry = self._rooms[room_key], Entry(person, address)
        tabs = room.tabs.get(person.id)
        if tabs is None or tabs.entry != entry:
            tabs = self._put_entry(room_key, entry)
        tabs.count += 1

    def leave(self, room_key: str, participant_key: str) -> None:
        room = self._rooms.get(room_key)
        tabs = room.tabs.get(participant_key) if room else None
        if not tabs:
            return
        tabs.count -= 1
        if not tabs.count:
            tabs.leaves_at = self._loop.time() + LINGER
            self._leaving.append((tabs.leaves_at, (room_key, participant_key)))
            if len(self._leaving) == 1:
                self._loop.call_at(tabs.leaves_at, self._remove_departed)

    def change(self, room_key: str, person: Person) -> None:
        """Somebody who is present has another name or role."""
        if tabs := self._rooms[room_key].tabs.get(person.id):
            self._put_entry(room_key, tabs.entry._replace(person=person))

    def rename(self, participant_key: str, name: str) -> None:
        """A participant has another name: in every room and every process."""
        self._set_name(participant_key, name)
        self._lease.rename(participant_key, name)

    def _put_entry(self, room_key: str, entry: Entry) -> Tabs:
        """Add or change an entry."""
        room, person = self._rooms[room_key], entry.person
        tabs = room.tabs.setdefault(person.id, Tabs(entry))
        tabs.entry = entry
        self._lease.put(room_key, entry)
        room.frames.tell(room.roster.put(OURS, person))
        return tabs

    def _remove_departed(self) -> None:
        """Those whose last socket is gone for 2 s."""
        now = self._loop.time()
        while self._leaving and self._leaving[0][0] <= now:
            _due, (room_key, key) = self._leaving.popleft()
            room = self._rooms.get(room_key)
            tabs = room.tabs.get(key) if room else None
            if room and tabs and not tabs.count and tabs.leaves_at <= now:
                del room.tabs[key]
                self._lease.drop(room_key, key, tabs.entry.address)
                room.frames.tell(room.roster.drop(OURS, key))
        if self._leaving:
            self._loop.call_at(self._leaving[0][0], self._remove_departed)

    def _set_name(self, key: str, name: str) -> bool:
        """Show another name, and write the rows of this process again. True if it was not known."""
        is_new = False
        for room_key, room in self._rooms.items():
            if tabs := room.tabs.get(key):
                is_new |= tabs.entry.person.name != name
                tabs.entry = tabs.entry._replace(person=msgspec.structs.replace(tabs.entry.person, name=name))
                self._lease.put(room_key, tabs.entry)
            room.frames.tell(room.roster.rename(key, name))
        return is_new

    def _entries(self) -> dict[Place, Entry]:
        return {
            (room_key, key): tabs.entry
            for room_key, room in self._rooms.items()
            for key, tabs in room.tabs.items()
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
            ours = (room.tabs[key].entry.person for room in self._rooms.values() if key in room.tabs)
            if any(person.name != name for person in ours) and self._set_name(key, name):
                self._rename_sockets(key, name)

    def room_keys(self) -> list[str]:
        return list(self._rooms)

    def replace(self, origin: str, rooms: Rooms) -> None:
        for key, room in self._rooms.items():
            room.frames.tell(room.roster.replace(origin, rooms.get(key, ())))

    def replace_in(self, room_key: str, by_origin: Mapping[str, Rooms]) -> None:
        if room := self._rooms.get(room_key):
            for origin in (room.roster.origins() | by_origin.keys()) - {OURS}:
                people = by_origin.get(origin, {}).get(room_key, ())
                room.frames.tell(room.roster.replace(origin, people))

    def apply(self, origin: str, rooms: Mapping[str, RoomPresenceChanges]) -> None:
        for key, changes in rooms.items():
            if room := self._rooms.get(key):
                for person in changes.joined:
                    room.frames.tell(room.roster.put(origin, person))
                for gone in changes.left:
                    room.frames.tell(room.roster.drop(origin, gone))
