"""Who is present in the open rooms: through this process's sockets, and through other processes."""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from ..database.threads import DatabaseThreads
from ..protocol import PeoplePage, Person
from ..realtime.feed import Feed
from .lease import Lease
from .peers import Peers
from .room import PersonSockets, RoomPresence
from .roster import OURS, SHOWN_MAX
from .store import Entry, Place

LINGER: Final = 2.0  # seconds somebody stays after their last socket: a reload shows nothing


class Presence:
    """One a process. `rename_sockets` is called with the key and the new name of a participant."""

    def __init__(
        self, origin: str, threads: DatabaseThreads, rename_sockets: Callable[[str, str], None]
    ) -> None:
        self._rename_sockets = rename_sockets
        self._rooms: dict[str, RoomPresence] = {}
        self._loop = asyncio.get_running_loop()
        self._lease = Lease(origin, threads, self._entries, self.rename)
        self.peers = Peers(self._lease, threads, self._rooms)

    async def open(self, feed: Feed) -> None:
        """A room is open here from now on. Returns when it is known who is there through other processes."""
        self._rooms[feed.key] = RoomPresence(feed)
        await self.peers.read_room(feed.key)

    def close(self, room_key: str) -> None:
        """No socket of this process is in the room any more, and nobody who left a moment ago is shown."""
        room = self._rooms.pop(room_key)
        room.frames.stop()
        for key, sockets in room.sockets.items():
            if sockets.leaving:
                sockets.leaving.cancel()
            self._lease.drop(room_key, key, sockets.entry.address)

    async def end(self) -> None:
        self.peers.stop()
        await self._lease.end()

    # --- Our sockets ---

    def enter(self, room_key: str, person: Person, address: str) -> None:
        """A socket of this person is in the room now. `leave` is to be called once for each."""
        entry = Entry(person, address)
        sockets = self._rooms[room_key].sockets.get(person.id)
        if sockets is None or sockets.entry != entry:
            sockets = self._put_entry(room_key, entry)
        sockets.count += 1
        if sockets.leaving:
            sockets.leaving.cancel()

    def leave(self, room_key: str, participant_key: str) -> None:
        room = self._rooms.get(room_key)
        if sockets := room.sockets.get(participant_key) if room else None:
            sockets.count -= 1
            if not sockets.count:
                sockets.leaving = self._loop.call_later(LINGER, self._remove, room_key, participant_key)

    def change(self, room_key: str, person: Person) -> None:
        """Somebody who is present has another name or role."""
        if sockets := self._rooms[room_key].sockets.get(person.id):
            self._put_entry(room_key, sockets.entry._replace(person=person))

    def rename(self, key: str, name: str) -> None:
        """A participant has another name: show it in every room. Our rows are written again even where it was
        known already: a write that is on its way may hold the old one."""
        is_new = False
        for room_key, room in self._rooms.items():
            if sockets := room.sockets.get(key):
                person = sockets.entry.person
                is_new |= person.name != name
                self.change(room_key, msgspec.structs.replace(person, name=name))
            room.frames.announce(room.roster.rename(key, name))
        if is_new:
            self._rename_sockets(key, name)

    def _put_entry(self, room_key: str, entry: Entry) -> PersonSockets:
        room = self._rooms[room_key]
        sockets = room.sockets.setdefault(entry.person.id, PersonSockets(entry))
        sockets.entry = entry
        self._lease.put(room_key, entry)
        room.put(OURS, entry.person)
        return sockets

    def _remove(self, room_key: str, key: str) -> None:
        room = self._rooms[room_key]
        self._lease.drop(room_key, key, room.sockets.pop(key).entry.address)
        room.drop(OURS, key)

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
