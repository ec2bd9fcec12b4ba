"""The sending half of a feed: encodes once and hands the same bytes to many sockets, several changes in one
frame when they come fast. Waits for nobody.

A crowd is written to shard by shard, and the event loop turns in between: each shard is sent what there is
when its turn comes, so what is posted meanwhile does not wait until all others have been written to.
"""

import asyncio
import time
from typing import Final

from ..journal.changes import Change
from ..protocol import CloseCode, RoomState
from .frames import changes_frame, plain_frames, reset_frame
from .replay_buffer import ReplayBuffer
from .sequencer import Sequencer
from .shard import Shard
from .subscriber import LOW_WATER, Subscriber
from .transports import Frames

FLUSH_COST_FACTOR: Final = 3  # times its processor time and its changes: a shard's pause after a flush,
FLUSH_PAUSE_MAX: Final = 0.03  # but never a longer one (seconds)
SLOW_TIMEOUT: Final = 30.0  # seconds a socket may be behind


class Fanout:
    def __init__(self, sequencer: Sequencer) -> None:
        self.subscribers: dict[Subscriber, Shard] = {}
        self.behind: set[Subscriber] = set()
        self._sequencer = sequencer
        self._loop = asyncio.get_running_loop()
        self._shards = [Shard(sequencer)]
        self._round: list[Shard] = []  # that are still to be written to
        self._timer: asyncio.Handle | None = None
        self._next_round = 0.0

    def join(self, subscriber: Subscriber) -> None:
        shard = next((shard for shard in self._shards if shard.has_place), None)
        if shard is None:
            self._shards.append(shard := self._shards[-1].split())
        shard.subscribers.add(subscriber)
        self.subscribers[subscriber] = shard

    def leave(self, subscriber: Subscriber) -> None:
        self.behind.discard(subscriber)
        if shard := self.subscribers.pop(subscriber, None):
            shard.subscribers.discard(subscriber)
            if not shard.subscribers and len(self._shards) > 1:
                self._shards.remove(shard)

    def pause_delivery(self, subscriber: Subscriber) -> None:
        """Send it nothing more, until `resume_delivery`."""
        subscriber.behind = subscriber.behind or self.subscribers[subscriber].position
        self.leave(subscriber)

    def resume_delivery(self, subscriber: Subscriber) -> None:
        """It is sent what it has missed with the next catching up."""
        self.join(subscriber)
        self.behind.add(subscriber)

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()

    def start_at(self, sequence: int) -> None:
        """All sockets know everything up to the ordering's revision and this sequence."""
        for shard in self._shards:
            shard.start_at(sequence)

    def send(self, changes: list[Change], room: RoomState | None) -> None:
        """Changes up to the ordering's cursor, by revision: they go out now, or with the next round."""
        for shard in self._shards:
            shard.add(changes, room)
        if self._timer is None:
            if self._loop.time() >= self._next_round:
                self._begin_round()
            else:
                self._timer = self._loop.call_at(self._next_round, self._begin_round)

    def _begin_round(self) -> None:
        """In a quiet room a change is sent at once; the more changes come, the more share a frame."""
        started = time.thread_time()
        self._round = [shard for shard in self._shards if shard.is_due]
        changes = self._write_to_next()
        pause = FLUSH_COST_FACTOR * (time.thread_time() - started) * max(1, changes)
        self._next_round = self._loop.time() + min(FLUSH_PAUSE_MAX, pause)

    def _write_to_next(self) -> int:
        """How many changes the shard was sent whose turn it was."""
        changes = 0
        self._timer = None
        if self._round and (shard := self._round.pop()).is_due:
            changes, fallen = shard.flush()
            self.behind.update(fallen)
        if self._round:
            self._timer = self._loop.call_soon(self._write_to_next)
        elif any(shard.is_due for shard in self._shards):
            self._timer = self._loop.call_at(self._next_round, self._begin_round)
        return changes

    def reset(self, frame: bytes, news: list[Change], sequence: int) -> None:
        """A new epoch: sockets are sent the reset frame. The plain dialect has none: it is sent `news`."""
        frames, said = Frames(frame), plain_frames(news, 0)
        for subscriber in self.subscribers:
            subscriber.send(said if subscriber.plain else frames)
        self.start_at(sequence)

    def catch_up(self, now: float, buffer: ReplayBuffer, room: RoomState, room_revision: int) -> None:
        """Send what they missed to slow sockets that read again; close those that are behind for 30 s.

        Who missed more than we remember starts afresh; a plain socket has no way to, and is closed.
        """
        for subscriber in list(self.behind):
            assert subscriber.behind
            shard = self.subscribers[subscriber]
            if subscriber.writer.backlog() > LOW_WATER:
                if now - subscriber.behind.since > SLOW_TIMEOUT:
                    self._give_up(subscriber)
                continue
            if shard.is_due and subscriber.behind.revision > shard.revision:
                continue  # it was paused in a shard that had been written to before this one
            changes = buffer.since(subscriber.behind.revision)
            if changes is not None and subscriber.behind.revision <= shard.revision:
                state = room if room_revision > subscriber.behind.revision else None
                self._bring_up(subscriber, shard, changes, state)
            elif subscriber.plain:
                self._give_up(subscriber)
            else:
                frame = reset_frame(self._sequencer.epoch, self._sequencer.revision, buffer.page, room)
                self._be_up_to_date(subscriber, Frames(frame))

    def _bring_up(
        self, subscriber: Subscriber, shard: Shard, changes: list[Change], room: RoomState | None
    ) -> None:
        # What waits for the shard's next flush goes out with it.
        assert subscriber.behind
        if subscriber.plain:
            said = [change for change in changes if change.sequence <= shard.sequence]
            self._be_up_to_date(subscriber, plain_frames(said, subscriber.behind.sequence))
        else:
            sent = [change for change in changes if change.revision <= shard.revision]
            after = subscriber.behind.revision
            frame = changes_frame(self._sequencer, after, sent, room, revision=shard.revision)
            self._be_up_to_date(subscriber, Frames(frame))

    def _be_up_to_date(self, subscriber: Subscriber, frames: Frames) -> None:
        subscriber.send(frames)
        self.behind.discard(subscriber)
        subscriber.behind = None

    def _give_up(self, subscriber: Subscriber) -> None:
        self.behind.discard(subscriber)
        subscriber.close(CloseCode.TOO_SLOW)
