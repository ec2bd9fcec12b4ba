"""Sends one room's sockets its presence frames: at most one a second, encoded once for all."""

from typing import Final

from .. import protocol
from ..infra.throttle import Throttle
from ..protocol import Person
from ..realtime.fanout import Fanout
from ..realtime.subscriber import LOW_WATER, Subscriber
from ..realtime.transports import Frames
from .roster import SHOWN_MAX, Roster

PAUSE: Final = 1.0  # seconds from one frame to the next
CROWD_PAUSE: Final = 3.0  # seconds, where only a count is sent: a thousand may join in a minute


class PresenceBroadcast:
    """Up to 100 people: sockets hold the complete list and are sent what changed. More: they are sent the
    count alone. The plain dialect is sent nothing."""

    def __init__(self, fanout: Fanout, roster: Roster) -> None:
        self.missed: set[Subscriber] = set()
        self._fanout = fanout
        self._roster = roster
        self._throttle = Throttle(self._send, PAUSE)
        self._changed: set[str] = set()
        self._is_complete = True  # every socket holds the whole list, but for what has changed
        self._last_count = 0

    def announce(self, changed: set[str]) -> None:
        """These people (ids) joined, left or changed."""
        if changed and self._fanout.subscribers:
            self._changed |= changed
            self._throttle.soon()

    def welcome(self) -> tuple[list[Person], int]:
        """For a new socket: up to 100 people by name, and how many there are."""
        count = len(self._roster)
        if count > SHOWN_MAX:
            self._is_complete = False
        return self._roster.page(), count

    def catch_up(self) -> None:
        """Send the whole list to sockets that were skipped and read again."""
        self.missed.intersection_update(self._fanout.subscribers)
        ready = [s for s in self.missed if not (s.behind or s.closing) and s.writer.backlog() <= LOW_WATER]
        if ready:
            frames = Frames(protocol.encode(self._whole()))
            self.missed -= {subscriber for subscriber in ready if subscriber.offer(frames)}

    def stop(self) -> None:
        self._throttle.stop()

    def _send(self) -> None:
        event = self._event()
        self._changed.clear()
        if event is None:
            return
        self._last_count = event.count
        frames = Frames(protocol.encode(event))
        for subscriber in self._fanout.subscribers:
            if subscriber.plain or subscriber.closing:
                continue
            if subscriber.behind or subscriber in self.missed or not subscriber.offer(frames):
                self.missed.add(subscriber)

    def _event(self) -> protocol.Presence | None:
        count = len(self._roster)
        was_complete, self._is_complete = self._is_complete, count <= SHOWN_MAX
        self._throttle.interval = PAUSE if self._is_complete else CROWD_PAUSE
        if not self._is_complete:
            return protocol.Presence(count) if was_complete or count != self._last_count else None
        if not was_complete:
            return self._whole()
        people = self._roster.people
        return protocol.Presence(
            count,
            joined=[people[key] for key in self._changed if key in people],
            left=[key for key in self._changed if key not in people],
        )

    def _whole(self) -> protocol.Presence:
        count = len(self._roster)
        return protocol.Presence(count, present=self._roster.page() if count <= SHOWN_MAX else None)
