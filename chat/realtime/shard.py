"""Some of a feed's sockets, written to in one go: what waits for them, and up to where they were sent all."""

import asyncio
from typing import Final

from ..journal.changes import Change
from ..protocol import RoomState
from .frames import changes_frame, plain_frames
from .sequencer import Sequencer
from .subscriber import Behind, Subscriber
from .transports import Frames

SHARD_MAX: Final = 500  # sockets: some 7 ms of writing, in which the event loop does nothing else


class Shard:
    """All its sockets were sent everything up to `revision`, and all posts up to `sequence`, but for those
    that are behind."""

    def __init__(self, sequencer: Sequencer) -> None:
        self.subscribers: set[Subscriber] = set()
        self.revision = self.sequence = 0
        self.is_due = False
        self._sequencer = sequencer
        self._waiting: dict[int, Change] = {}
        self._waiting_room: RoomState | None = None

    @property
    def has_place(self) -> bool:
        return len(self.subscribers) < SHARD_MAX

    def split(self) -> "Shard":
        """Another one, without sockets, for which the same waits."""
        other = Shard(self._sequencer)
        other.revision, other.sequence, other.is_due = self.revision, self.sequence, self.is_due
        other._waiting, other._waiting_room = self._waiting.copy(), self._waiting_room
        return other

    def start_at(self, sequence: int) -> None:
        """All sockets know everything up to the sequencer's revision and this sequence."""
        self._waiting.clear()
        self.revision, self.sequence, self.is_due = self._sequencer.revision, sequence, False

    def add(self, changes: list[Change], room: RoomState | None) -> None:
        """Changes up to the sequencer's revision, for the next flush."""
        for change in changes:
            self._waiting[change.sequence] = change
        self._waiting_room = room or self._waiting_room
        self.is_due = True

    def flush(self) -> tuple[int, list[Subscriber]]:
        """Send what waits: how many changes, and the sockets that have fallen behind with it."""
        changes = sorted(self._waiting.values(), key=lambda change: change.revision)
        frames = Frames(changes_frame(self._sequencer, self.revision, changes, self._waiting_room))
        plain = any(subscriber.plain for subscriber in self.subscribers)
        said = plain_frames(changes, self.sequence) if plain else frames
        fallen = []
        for subscriber in self.subscribers:
            if not (subscriber.behind or subscriber.offer(said if subscriber.plain else frames)):
                subscriber.behind = self.position
                fallen.append(subscriber)
        self._waiting_room = None
        self.start_at(max([self.sequence, *(change.sequence for change in changes)]))
        return len(changes), fallen

    @property
    def position(self) -> Behind:
        return Behind(self.revision, self.sequence, asyncio.get_running_loop().time())
