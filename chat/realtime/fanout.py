"""The sending half of a feed: encodes once and hands the same bytes to each of its sockets, several changes
in one frame when they come fast. Waits for nobody.
"""

import asyncio
import time
from typing import Final

from .. import protocol
from ..journal.changes import Change, Page
from ..protocol import CloseCode, RoomState
from .replay_buffer import ReplayBuffer
from .sequencer import Sequencer
from .subscriber import LOW_WATER, Behind, Subscriber
from .transports import Frame

FLUSH_COST_FACTOR: Final = 3  # times its processor time and its changes: the pause after a flush,
FLUSH_PAUSE_MAX: Final = 0.03  # but never a longer one (seconds)
SLOW_TIMEOUT: Final = 30.0  # seconds a socket may be behind


class Fanout:
    def __init__(self, sequencer: Sequencer) -> None:
        self.subscribers: set[Subscriber] = set()
        self.behind: set[Subscriber] = set()
        self._sequencer = sequencer
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[int, Change] = {}
        self._waiting_room: RoomState | None = None
        self._flushed = 0  # the revision, and
        self._said = 0  # the sequence, up to which all sockets were sent everything
        self._timer: asyncio.TimerHandle | None = None
        self._next_flush = 0.0

    def join(self, subscriber: Subscriber) -> None:
        self.subscribers.add(subscriber)

    def leave(self, subscriber: Subscriber) -> None:
        self.subscribers.discard(subscriber)
        self.behind.discard(subscriber)

    def pause_delivery(self, subscriber: Subscriber) -> None:
        """Send it nothing more, until `resume_delivery`."""
        self.leave(subscriber)
        subscriber.behind = subscriber.behind or Behind(self._flushed, self._said, self._loop.time())

    def resume_delivery(self, subscriber: Subscriber) -> None:
        """It is sent what it has missed with the next catching up."""
        self.subscribers.add(subscriber)
        self.behind.add(subscriber)

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()

    def start_at(self, sequence: int) -> None:
        """All sockets know everything up to the ordering's revision and this sequence."""
        self._waiting.clear()
        self._flushed, self._said = self._sequencer.revision, sequence

    def send(self, changes: list[Change], room: RoomState | None) -> None:
        """Changes up to the ordering's cursor, by revision: they go out now, or with the next flush."""
        for change in changes:
            self._waiting[change.sequence] = change
        self._waiting_room = room or self._waiting_room
        if self._timer is None:
            if self._loop.time() >= self._next_flush:
                self._flush()
            else:
                self._timer = self._loop.call_at(self._next_flush, self._flush)

    def _flush(self) -> None:
        """Send what waits. In a quiet room a change is sent at once; the more changes come, the more share a
        frame."""
        started = time.thread_time()
        self._timer = None
        changes = sorted(self._waiting.values(), key=lambda change: change.revision)
        frames = [Frame(self.changes_frame(self._flushed, changes, self._waiting_room))]
        said = self._plain_frames(changes, self._said)
        behind = Behind(self._flushed, self._said, self._loop.time())
        for subscriber in self.subscribers:
            if not subscriber.behind and not subscriber.offer(said if subscriber.plain else frames):
                subscriber.behind = behind
                self.behind.add(subscriber)
        self._waiting.clear()
        self._waiting_room = None
        self._flushed = self._sequencer.revision
        self._said = max([self._said, *(change.sequence for change in changes)])
        cost = time.thread_time() - started
        pause = FLUSH_COST_FACTOR * cost * max(1, len(changes))
        self._next_flush = self._loop.time() + min(FLUSH_PAUSE_MAX, pause)

    def reset(self, frame: bytes, news: list[Change], sequence: int) -> None:
        """A new epoch: sockets are sent the reset frame. The plain dialect has none: it is sent `news`."""
        frames, said = [Frame(frame)], self._plain_frames(news, 0)
        for subscriber in self.subscribers:
            subscriber.writer.write_all(said if subscriber.plain else frames)
        self.start_at(sequence)

    def catch_up(self, now: float, buffer: ReplayBuffer, room: RoomState, room_revision: int) -> None:
        """Send what they missed to slow sockets that read again; close those that are behind for 30 s.

        Who missed more than we remember starts afresh; a plain socket has no way to, and is closed.
        """
        for subscriber in list(self.behind):
            assert subscriber.behind
            if subscriber.writer.backlog() > LOW_WATER:
                if now - subscriber.behind.since > SLOW_TIMEOUT:
                    self._give_up(subscriber)
                continue
            changes = buffer.since(subscriber.behind.revision)
            if changes is not None and subscriber.behind.revision <= self._flushed:
                state = room if room_revision > subscriber.behind.revision else None
                self._bring_up(subscriber, subscriber.behind, changes, state)
            elif subscriber.plain:
                self._give_up(subscriber)
            else:
                self._be_up_to_date(subscriber, [Frame(self.reset_frame(buffer.page, room))])

    def _bring_up(
        self, subscriber: Subscriber, behind: Behind, changes: list[Change], room: RoomState | None
    ) -> None:
        # What waits for the next flush goes out with it.
        if subscriber.plain:
            said = [change for change in changes if change.sequence <= self._said]
            self._be_up_to_date(subscriber, self._plain_frames(said, behind.sequence))
        else:
            sent = [change for change in changes if change.revision <= self._flushed]
            frame = self.changes_frame(behind.revision, sent, room, revision=self._flushed)
            self._be_up_to_date(subscriber, [Frame(frame)])

    def _be_up_to_date(self, subscriber: Subscriber, frames: list[Frame]) -> None:
        subscriber.writer.write_all(frames)
        self.behind.discard(subscriber)
        subscriber.behind = None

    def _give_up(self, subscriber: Subscriber) -> None:
        self.behind.discard(subscriber)
        subscriber.close(CloseCode.TOO_SLOW)

    # --- Frames ---

    def changes_frame(
        self, after: int, changes: list[Change], room: RoomState | None = None, revision: int | None = None
    ) -> bytes:
        """What changed after a revision, up to the sequencer's unless `revision` is given."""
        sequencer = self._sequencer
        upto = sequencer.revision if revision is None else revision
        wires = [change.wire for change in changes]
        return protocol.encode(protocol.Changes(sequencer.epoch, after, upto, wires, room))

    def reset_frame(self, page: Page, room: RoomState) -> bytes:
        return reset_frame(self._sequencer.epoch, self._sequencer.revision, page, room)

    def _plain_frames(self, changes: list[Change], after: int) -> list[Frame]:
        """The messages posted after a sequence, one a frame, in their order."""
        if not any(subscriber.plain for subscriber in self.subscribers):
            return []
        posted = sorted((c for c in changes if c.sequence > after), key=lambda change: change.sequence)
        return [_plain_frame(change.message) for change in posted if not change.message.deleted]


def reset_frame(epoch: str | None, revision: int, page: Page, room: RoomState) -> bytes:
    """A `changes` frame that replaces everything a client holds."""
    wires = [change.wire for change in page.changes]
    return protocol.encode(
        protocol.Changes(epoch, revision, revision, wires, room, reset=True, more=page.more)
    )


def _plain_frame(message: protocol.Message) -> Frame:
    return Frame(protocol.encode(protocol.Said(message.message, message.author.name, message.sequence)))
