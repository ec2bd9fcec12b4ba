"""One feed a room and process: puts changes in order, repairs gaps from the database, encodes once, and
hands the same bytes to each of its sockets, several changes in one frame when they come fast.
"""

import asyncio
import datetime
import time
from collections.abc import Awaitable, Callable
from typing import Final

from django.db import DatabaseError, InterfaceError

from . import protocol, reads
from .backpressure import LOW_WATER, Behind, Frame, Member
from .changes import Batch, Change, Page
from .database_threads import DatabaseThreads
from .limits import RESUME_MAX
from .logs import database_outage
from .ordering import Ordering, Verdict
from .protocol import CloseCode
from .recent import Recent

GAP_PATIENCE: Final = 0.03  # seconds in which a missing batch may still arrive by itself
FLUSH_COST_FACTOR: Final = 3  # a flush is followed by a pause of so many times its processor time,
FLUSH_PAUSE_MAX: Final = 0.03  # but never a longer one (seconds)
SLOW_PATIENCE: Final = 30.0  # seconds a socket may be behind
RETRY_PAUSE: Final = 1.0  # seconds between attempts while the database is away


class Feed:
    """`ready` is set once the database was read: from then on nothing that is committed is missed."""

    def __init__(
        self,
        name: str,
        key: str,
        threads: DatabaseThreads,
        renew_epoch: Callable[["Feed"], None],
    ) -> None:
        self.name = name
        self.key = key
        self.topic = ""
        self.sequence = 0
        self.ready = asyncio.Event()
        self.ordering = Ordering()
        self.recent = Recent(0, Page([], more=False))
        self.users = 0  # sockets that hold the feed; those that have been welcomed are its members
        self.members: set[Member] = set()
        self.behind: set[Member] = set()
        self._threads = threads
        self._renew_epoch = renew_epoch
        self._loop = asyncio.get_running_loop()
        self._opened_at = datetime.datetime.now(datetime.UTC)
        self._work: asyncio.Task[None] | None = None
        self._repair_timer: asyncio.TimerHandle | None = None
        self._flush_timer: asyncio.TimerHandle | None = None
        self._next_flush = 0.0
        self._waiting: dict[int, Change] = {}
        self._waiting_room: protocol.RoomState | None = None
        self._flushed = 0  # the revision, and
        self._said = 0  # the sequence, up to which all sockets were sent everything
        self._ring_read: asyncio.Future[None] | None = None

    # --- Reading the database: at the start, after a gap, after a new life ---

    def open(self) -> None:
        """Begin to read; to be called once, after the group was joined."""
        self._start(self._open)

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        if self._work is None:
            self._work = self._loop.create_task(self._until_read(work))

    async def _until_read(self, work: Callable[[], Awaitable[None]]) -> None:
        """One job at a time, tried again while the database is away."""
        while True:
            try:
                await work()
                break
            except (DatabaseError, InterfaceError) as error:
                database_outage.warning("A feed could not read the database: %s", str(error).strip())
                await asyncio.sleep(RETRY_PAUSE)
        self._work = None
        self._release()

    async def _open(self) -> None:
        room, page = await self._threads.run(reads.newest_page, self.key)
        self._know(room)
        epoch, revision = (room.epoch, room.revision) if room else (None, 0)
        # What was committed while we read is held, and is news to every socket that is here already.
        early = [batch for batch in self.ordering.held if batch.epoch == epoch]
        posts = [c.sequence for batch in early for c in batch.changes if not c.message.edited_at]
        self.ordering.start_at(epoch, min([revision, *(batch.after for batch in early)]))
        self._flushed = self.ordering.revision
        self._said = min([self.sequence, *(sequence - 1 for sequence in posts)])
        self.recent = Recent(self.ordering.revision, page)
        self.ready.set()

    def _know(self, room: reads.RoomRow | None) -> None:
        if room:
            self.name, self.topic = room.name, room.topic
            self.sequence = max(self.sequence, room.sequence)

    async def _repair(self) -> None:
        """Deliver everything past the cursor, however much, in steps of 500 changes."""
        while True:
            before = self.ordering.revision
            room, changes = await self._threads.run(reads.changed_after, self.key, before)
            if (room.epoch if room else None) != self.ordering.epoch and self.ordering.epoch is not None:
                await self._reload()
                return
            if room is None:
                return
            self._know(room)
            full = len(changes) == RESUME_MAX
            # The rows were read after the counter, so they may be ahead of it.
            revision = changes[-1].revision if full else max([room.revision, *(c.revision for c in changes)])
            if revision > self.ordering.revision:
                news = [change for change in changes if change.revision > self.ordering.revision]
                state = reads.room_state(room) if room.room_revision > before else None
                self.ordering.start_at(room.epoch, revision)
                self._take(news, state)
            if not full:
                return

    async def _reload(self) -> None:
        """A new life: everybody starts afresh from the newest page."""
        room, page = await self._threads.run(reads.newest_page, self.key)
        heard = max([self._opened_at, *(change.message.sent_at for change in self.recent)])
        self.sequence = max([0, *(change.sequence for change in page.changes)])
        self._know(room)
        self.ordering.start_at(room.epoch if room else None, room.revision if room else 0)
        self.recent = Recent(self.ordering.revision, page)
        self._waiting.clear()
        self._flushed = self.ordering.revision
        frame = Frame(self._reset_frame(page))
        # A plain socket has no reset: it hears what was said after the last thing it could have heard.
        self._said = 0
        said = self._plain_frames([change for change in page.changes if change.message.sent_at > heard])
        for member in self.members:
            for each in said if member.plain else [frame]:
                member.outlet.write(each)
        self._said = self.sequence

    # --- Taking changes ---

    def offer(self, batch: Batch) -> None:
        """Take a committed batch, from our own journal or from a hint: early, late, twice, in any order."""
        if not self.ready.is_set():
            self.ordering.hold(batch)
            return
        match self.ordering.judge(batch):
            case Verdict.DELIVER:
                self._deliver(batch)
                self._release()
            case Verdict.GAP:
                self.ordering.hold(batch)
                self._repair_soon()
            case Verdict.OTHER_LIFE:
                self.reload()
            case Verdict.SEEN if self.recent.contradicts(batch):
                self._renew_epoch(self)

    def check(self, epoch: str | None, revision: int, asked_at: int) -> None:
        """What the database's counters said; `asked_at` is our revision when they were asked for."""
        if not self.ready.is_set():
            return
        ours = self.ordering
        if epoch != ours.epoch and ours.epoch is not None:
            self.reload()
        elif revision > ours.revision:
            self._start(self._repair)
        elif revision < asked_at:
            self._renew_epoch(self)

    def reload(self) -> None:
        """The room's life has changed, or may have: start afresh from the database."""
        self._start(self._reload)

    def _repair_soon(self) -> None:
        if self._repair_timer is None:
            self._repair_timer = self._loop.call_later(GAP_PATIENCE, self._repair_now)

    def _repair_now(self) -> None:
        self._repair_timer = None
        if self.ordering.held:
            self._start(self._repair)

    def _release(self) -> None:
        while batch := self.ordering.release():
            self._deliver(batch)
        if self.ordering.held:
            self._repair_soon()

    def _deliver(self, batch: Batch) -> None:
        news = [change for change in batch.changes if change.revision > self.ordering.revision]
        self.ordering.pass_by(batch)
        self._take(news, batch.room)

    def _take(self, changes: list[Change], room: protocol.RoomState | None) -> None:
        """Changes up to the cursor, by revision: remember them, and send them now or with the next flush."""
        self.recent.add(changes)
        for change in changes:
            self._waiting[change.sequence] = change
            self.sequence = max(self.sequence, change.sequence)
        if room:
            self.name, self.topic = room.name, room.topic
            self._waiting_room = room
        if self._flush_timer is None:
            now = self._loop.time()
            if now >= self._next_flush:
                self._flush()
            else:
                self._flush_timer = self._loop.call_at(self._next_flush, self._flush)

    # --- Sending ---

    def _flush(self) -> None:
        """Send what waits. At rest nothing ever waits; under load a pause in proportion to the work."""
        started = time.thread_time()
        self._flush_timer = None
        changes = sorted(self._waiting.values(), key=lambda change: change.revision)
        frame = Frame(self._changes_frame(self._flushed, self.ordering.revision, changes, self._waiting_room))
        said = self._plain_frames(changes)
        behind = Behind(self._flushed, self._said, self._loop.time())
        for member in self.members:
            if member.behind:
                continue
            if not all(map(member.offer, said)) if member.plain else not member.offer(frame):
                member.behind = behind
                self.behind.add(member)
        self._waiting.clear()
        self._waiting_room = None
        self._flushed, self._said = self.ordering.revision, self.sequence
        cost = time.thread_time() - started
        self._next_flush = self._loop.time() + min(FLUSH_PAUSE_MAX, FLUSH_COST_FACTOR * cost)

    def _changes_frame(
        self,
        after: int,
        revision: int,
        changes: list[Change],
        room: protocol.RoomState | None = None,
    ) -> bytes:
        wires = [change.wire for change in changes]
        return protocol.encode(protocol.Changes(self.ordering.epoch, after, revision, wires, room))

    def _reset_frame(self, page: Page) -> bytes:
        revision = self.ordering.revision
        wires = [change.wire for change in page.changes]
        room = protocol.RoomState(self.name, self.topic)
        return protocol.encode(
            protocol.Changes(
                self.ordering.epoch,
                revision,
                revision,
                wires,
                room,
                reset=True,
                more=page.more,
            )
        )

    def _plain_frames(self, changes: list[Change]) -> list[Frame]:
        """The new messages among the changes, one a frame, by sequence."""
        if not any(member.plain for member in self.members):
            return []
        said = sorted(
            (c for c in changes if c.sequence > self._said),
            key=lambda change: change.sequence,
        )
        return [plain_frame(change) for change in said if not change.message.deleted]

    def catch_up(self, now: float) -> None:
        """Send what they missed to slow sockets that read again; close those that are behind for 30 s."""
        for member in list(self.behind):
            assert member.behind
            if member.outlet.backlog() <= LOW_WATER:
                self._bring_up(member, member.behind)
            elif now - member.behind.since > SLOW_PATIENCE:
                self.behind.discard(member)
                member.close(CloseCode.TOO_SLOW)

    def _bring_up(self, member: Member, behind: Behind) -> None:
        changes = self.recent.since(behind.revision)
        if changes is None or behind.revision > self.ordering.revision:
            self.behind.discard(member)
            member.close(CloseCode.TOO_SLOW)  # it comes back and resumes
            return
        # What waits for the next flush goes out with it.
        sent = [change for change in changes if change.revision <= self._flushed]
        if member.plain:
            said = sorted(
                (c for c in sent if c.sequence > behind.sequence),
                key=lambda change: change.sequence,
            )
            for change in said:
                member.outlet.write(plain_frame(change))
        else:
            member.outlet.write(Frame(self._changes_frame(behind.revision, self._flushed, sent)))
        self.behind.discard(member)
        member.behind = None

    # --- Members and their questions ---

    def join(self, member: Member) -> None:
        self.members.add(member)

    def leave(self, member: Member) -> None:
        self.members.discard(member)
        self.behind.discard(member)

    def close(self) -> None:
        """Nobody is here any more."""
        for handle in (self._work, self._repair_timer, self._flush_timer):
            if handle:
                handle.cancel()

    async def resume(self, epoch: str | None, after: int) -> bytes:
        """A `changes` frame with all since a client's cursor, or a reset. Raises the database's errors.

        However many come back at once, they cost one read a room: that of the ring.
        """
        if epoch is not None and epoch == self.ordering.epoch and after <= self.ordering.revision:
            if after < self.recent.floor and self.ordering.revision - after <= RESUME_MAX:
                await self._fill_ring()
            changes = self.recent.since(after)
            if changes is not None and len(changes) <= RESUME_MAX and epoch == self.ordering.epoch:
                return self._changes_frame(after, self.ordering.revision, changes)
        return self._reset_frame(self.recent.page)

    async def _fill_ring(self) -> None:
        if self._ring_read is None:
            self._ring_read = asyncio.ensure_future(self._read_ring())
        try:
            await asyncio.shield(self._ring_read)
        finally:
            self._ring_read = None

    async def _read_ring(self) -> None:
        recent = self.recent
        floor = max(0, self.ordering.revision - RESUME_MAX)
        _room, changes = await self._threads.run(reads.changed_after, self.key, floor)
        recent.backfill(
            floor,
            [change for change in changes if change.revision <= self.ordering.revision],
        )


def plain_frame(change: Change) -> Frame:
    message = change.message
    return Frame(protocol.encode(protocol.Said(message.message, message.author.name, message.sequence)))
