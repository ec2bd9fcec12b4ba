"""One feed a room and process: puts changes in order, repairs gaps, answers those who come back."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from .. import protocol
from ..database.threads import DatabaseThreads
from ..infra.background import surviving
from ..journal import selectors
from ..journal.changes import Batch, Change, Page
from ..journal.sql import RoomRow
from ..protocol.limits import RESUME_MAX
from .fanout import Fanout
from .frames import changes_frame, reset_frame
from .mentioned import Mentioned
from .replay_buffer import ReplayBuffer
from .sequencer import Disposition, Sequencer

GAP_TIMEOUT: Final = 0.03  # seconds in which a missing batch may still arrive by itself
RETRY_PAUSE: Final = 1.0  # seconds between attempts while the database is away


class FeedListener(Protocol):
    """What a feed reports to its process."""

    def on_counters_went_back(self, feed: "Feed") -> None:
        """The room needs a new epoch and then `feed.reload()`; until then the feed delivers nothing."""

    def on_repaired(self, changes: list[Change]) -> None:
        """These changes were read from the database: no batch had brought them."""

    def on_access_changed(self, feed: "Feed") -> None:
        """Who may enter or do what in the room is different now."""

    def on_mention_of_all(self, feed: "Feed") -> None:
        """A new message mentions everybody who was present."""


class Feed:
    """`ready` is set once the database was read: from then on nothing that is committed is missed.

    `key` is the folded name of the room; `threads` run the reads."""

    def __init__(self, name: str, key: str, threads: DatabaseThreads, listener: FeedListener) -> None:
        self.key = key
        self.state = protocol.RoomState(name, "")
        self._state_revision = 0
        self.sequence = 0
        self.ready = asyncio.Event()
        self.sequencer = Sequencer()
        self.buffer = ReplayBuffer(0, Page([], more=False))
        self.mentioned = Mentioned()
        self.users = 0  # sockets that hold the feed, welcomed or not
        self.fanout = Fanout(self.sequencer)
        self._threads = threads
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._work: asyncio.Task[None] | None = None
        self._repair_timer: asyncio.TimerHandle | None = None
        self._is_doubtful = False
        self._reload_next = False
        self._ring_read: asyncio.Future[None] | None = None

    # --- Reading the database: at the start, after a gap, after a new epoch ---

    def open(self) -> None:
        """Begin to read; to be called once, after the group was joined."""
        self._start(self._open)

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        if self._work is None:
            self._work = self._loop.create_task(self._until_read(work))

    async def _until_read(self, work: Callable[[], Awaitable[None]]) -> None:
        """One job at a time, tried again while the database is away."""
        while True:
            with surviving("A feed could not read the database"):
                await work()
                if not self._reload_next:
                    break
                self._reload_next, work = False, self._reload
                continue
            await asyncio.sleep(RETRY_PAUSE)
        self._work = None
        self._release()

    async def _open(self) -> None:
        room, page = await self._threads.run(selectors.newest_page, self.key)
        self._know(room)
        epoch, revision = (room.epoch, room.revision) if room else (None, 0)
        # What was committed while we read is held, and is sent to every socket that is here already.
        early = [batch for batch in self.sequencer.held if batch.epoch == epoch]
        posts = [c.sequence for batch in early for c in batch.changes if not c.message.edited_at]
        self.sequencer.start_at(epoch, min([revision, *(batch.after for batch in early)]))
        self.fanout.start_at(min([self.sequence, *(sequence - 1 for sequence in posts)]))
        self.buffer = ReplayBuffer(self.sequencer.revision, page)
        self.ready.set()

    def _know(self, room: RoomRow | None) -> None:
        if room:
            self._learn(selectors.room_state(room), room.room_revision)
            self.sequence = max(self.sequence, room.sequence)

    def _learn(self, state: protocol.RoomState, revision: int) -> bool:
        """The room's own state as of a revision. False, and nothing is done, if we know a newer one."""
        if revision < self._state_revision:
            return False
        before, self.state = self.state, state
        self._state_revision = revision
        if state.purged_through > before.purged_through:
            self.buffer.drop(state.purged_through)
        if state.access != before.access:
            self._listener.on_access_changed(self)
        return True

    async def _repair(self) -> None:
        """Deliver everything past the cursor, however much, in steps of 500 changes. The last change that we
        hold is read as well: where it is gone, the counters went back and passed the cursor again unseen."""
        while True:
            newest, held = self.buffer.newest, list(self.sequencer.held)
            cursor = self.sequencer.revision
            # What was edited between the counters and the rows is held, and newer than the cursor.
            after = min(cursor, newest.revision - 1) if newest else cursor
            room, changes = await self._threads.run(selectors.changed_after, self.key, after)
            if (room.epoch if room else None) != self.sequencer.epoch and self.sequencer.epoch is not None:
                await self._reload()
                return
            if room is None:
                self.sequencer.forget(held)
                return
            full = len(changes) == RESUME_MAX
            if newest and not full and _is_gone(newest, room, changes):
                self._doubt()
                return
            revision = min(changes[-1].revision, room.revision) if full else room.revision
            is_newer = room.room_revision > self._state_revision
            if is_newer or revision > self.sequencer.revision:
                news = [change for change in changes if change.revision > self.sequencer.revision]
                self.sequencer.start_at(room.epoch, max(revision, self.sequencer.revision))
                self._take(news, selectors.room_state(room) if is_newer else None, room.room_revision)
                self._listener.on_repaired(news)
            self._know(room)
            if not full:
                # Hints follow their commits: what the counters do not know belongs to an earlier epoch.
                self.sequencer.forget(held)
                return

    async def _reload(self) -> None:
        """A new epoch: every socket is sent the newest page."""
        room, page = await self._threads.run(selectors.newest_page, self.key)
        news = self.buffer.unseen(page)
        self.sequence = max([0, *(change.sequence for change in page.changes)])
        self._state_revision = 0
        if room is None:  # the room has no row any more
            self._learn(protocol.RoomState(self.name, ""), 0)
        self._know(room)
        self.sequencer.start_at(room.epoch if room else None, room.revision if room else 0)
        self.buffer = ReplayBuffer(self.sequencer.revision, page)
        self.fanout.reset(self._reset_frame(), news, self.sequence)
        self._is_doubtful = False

    # --- Taking changes ---

    def offer(self, batch: Batch) -> None:
        """Take a committed batch, from our own journal or from a hint: early, late, twice, in any order."""
        if not self.ready.is_set():
            self.sequencer.hold(batch)
            return
        if self._is_doubtful:
            return  # the reload that is coming reads it
        ours = self.sequencer
        is_late = batch.after < ours.revision and batch.epoch == ours.epoch
        if is_late and self.buffer.contradicts(batch, ours.revision):
            self._doubt()
            return
        match self.sequencer.classify(batch):
            case Disposition.DELIVER:
                self._deliver(batch)
                self._release()
            case Disposition.GAP:
                self.sequencer.hold(batch)
                self._repair_soon()
            case Disposition.EPOCH_CHANGED:
                self.reload()

    def check(self, counters: selectors.Counters, asked_at: int) -> None:
        """Compare with the database's counters; `asked_at` is our revision when they were asked for."""
        if not self.ready.is_set():
            return
        ours = self.sequencer
        if counters.epoch != ours.epoch and ours.epoch is not None:
            self.reload()
        elif counters.revision > ours.revision or counters.room_revision > self._state_revision:
            self._start(self._repair)
        elif counters.revision < asked_at:
            self._doubt()

    def _doubt(self) -> None:
        """The counters went back: nothing is delivered until the room has begun a new epoch."""
        if not self._is_doubtful:
            self._is_doubtful = True
            self._listener.on_counters_went_back(self)

    def reload(self) -> None:
        """The room's epoch has changed, or may have: start afresh from the database."""
        self._reload_next = self._work is not None
        self._start(self._reload)

    def _repair_soon(self) -> None:
        if self._repair_timer is None:
            self._repair_timer = self._loop.call_later(GAP_TIMEOUT, self._repair_now)

    def _repair_now(self) -> None:
        self._repair_timer = None
        if self.sequencer.held:
            self._start(self._repair)

    def _release(self) -> None:
        while batch := self.sequencer.release():
            self._deliver(batch)
        if self.sequencer.held:
            self._repair_soon()

    def _deliver(self, batch: Batch) -> None:
        news = [change for change in batch.changes if change.revision > self.sequencer.revision]
        self.sequencer.advance(batch)
        self._take(news, batch.room, batch.revision)

    def _take(self, changes: list[Change], room: protocol.RoomState | None, room_revision: int) -> None:
        """Changes up to the cursor, by revision: remember them and send them, with the room's own state as
        of `room_revision` unless we know a newer one."""
        self.buffer.add(changes)
        if self.mentioned.note(changes, self.sequence):
            self._listener.on_mention_of_all(self)
        self.sequence = max([self.sequence, *(change.sequence for change in changes)])
        is_news = room is not None and self._learn(room, room_revision)
        self.fanout.send(changes, room if is_news else None)

    # --- Those who come and go ---

    def close(self) -> None:
        """The room has no socket here any more: an answer that arrives later changes nothing."""
        self.ready.clear()
        self.fanout.close()
        for handle in (self._work, self._repair_timer):
            if handle:
                handle.cancel()

    async def resume(self, epoch: str | None, after: int) -> bytes:
        """A `changes` frame with all since a client's cursor, or a reset. Raises the database's errors.

        However many come back at once, they cost one read a room: that of the ring.
        """
        if epoch is not None and epoch == self.sequencer.epoch and after > self.sequencer.revision:
            await self._ask_database()  # the client comes from a process that is ahead of us
        if epoch is not None and epoch == self.sequencer.epoch and after <= self.sequencer.revision:
            if after < self.buffer.floor and self.sequencer.revision - after <= RESUME_MAX:
                await self._fill_ring()
            changes = self.buffer.since(after)
            if changes is not None and len(changes) <= RESUME_MAX and epoch == self.sequencer.epoch:
                return changes_frame(self.sequencer, after, changes, self._state_since(after))
        return self._reset_frame()

    def catch_up_slow_sockets(self) -> None:
        self.fanout.catch_up(self._loop.time(), self.buffer, self.state, self._state_revision)

    @property
    def name(self) -> str:
        return self.state.name

    @property
    def state_for_outsiders(self) -> protocol.Changes:
        """What everybody may know of a room that they may not enter, sent to those who were in it."""
        shut = protocol.RoomState(self.name, "", private=self.state.private, password=self.state.password)
        return protocol.Changes(self.sequencer.epoch, 0, 0, [], shut)

    def _state_since(self, revision: int) -> protocol.RoomState | None:
        return self.state if self._state_revision > revision else None

    def _reset_frame(self) -> bytes:
        return reset_frame(self.sequencer.epoch, self.sequencer.revision, self.buffer.page, self.state)

    async def _ask_database(self) -> None:
        self._start(self._repair)
        if self._work:
            await asyncio.shield(self._work)

    async def _fill_ring(self) -> None:
        if self._ring_read is None:
            self._ring_read = asyncio.ensure_future(self._read_ring())
        try:
            await asyncio.shield(self._ring_read)
        finally:
            self._ring_read = None

    async def _read_ring(self) -> None:
        buffer = self.buffer
        floor = max(0, self.sequencer.revision - RESUME_MAX)
        _room, changes = await self._threads.run(selectors.changed_after, self.key, floor)
        buffer.backfill(
            floor,
            [change for change in changes if change.revision <= self.sequencer.revision],
        )


def _is_gone(ours: Change, room: RoomRow, changes: list[Change]) -> bool:
    """A change that we hold is not among those that are stored since."""
    stored = next((change for change in changes if change.sequence == ours.sequence), None)
    return ours.differs(stored) if stored else ours.sequence > room.purged_through
