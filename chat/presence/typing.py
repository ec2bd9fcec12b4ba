"""Who is typing: never stored, sent at most once a second and room, dropped first under load."""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

from .. import protocol
from ..access.identity import Identity
from ..cluster.messages import TypingEvent, group_of
from ..infra.throttle import Throttle
from ..realtime.feed import Feed
from ..realtime.transports import Frames
from .roster import OURS

PAUSE: Final = 1.0  # seconds from one frame or hint to the next
GOOD_FOR: Final = 5.0  # seconds
NAMES_MAX: Final = 20  # in a frame or a hint


class TypingTracker:
    """One a process. `publish_if_idle` publishes an event unless something else is being published. While
    `is_busy` gives true, nothing is sent or published."""

    def __init__(
        self, origin: str, publish_if_idle: Callable[[TypingEvent, str], None], is_busy: Callable[[], bool]
    ) -> None:
        self._origin = origin
        self._publish_if_idle = publish_if_idle
        self._is_busy = is_busy
        self._rooms: dict[str, RoomTyping] = {}

    def typed(self, feed: Feed, who: Identity) -> None:
        """A participant who may post here typed just now."""
        if not self._is_busy():
            self._room(feed).typed(who.key, who.name)

    def stopped(self, feed: Feed, key: str) -> None:
        """They posted, or left."""
        if room := self._rooms.get(feed.key):
            room.stopped(key)

    def on_event(self, feed: Feed, event: TypingEvent) -> None:
        """All who are typing in the room, through another process."""
        self._room(feed).set_names_of(event.origin, event.names)

    def forget(self, feed: Feed) -> None:
        if room := self._rooms.pop(feed.key, None):
            room.stop()

    def _room(self, feed: Feed) -> "RoomTyping":
        if (room := self._rooms.get(feed.key)) is None:
            room = self._rooms[feed.key] = RoomTyping(feed, self._publish, self._is_busy)
        return room

    def _publish(self, feed: Feed, names: dict[str, str]) -> None:
        self._publish_if_idle(TypingEvent(self._origin, feed.key, names), group_of(feed.key))


class TypingPerson(NamedTuple):
    name: str
    until: float  # loop time


class RoomTyping:
    """Who is typing in one room."""

    def __init__(
        self, feed: Feed, publish: Callable[[Feed, dict[str, str]], None], is_busy: Callable[[], bool]
    ) -> None:
        self._feed = feed
        self._publish = publish
        self._is_busy = is_busy
        self._by_origin: dict[str, dict[str, TypingPerson]] = {}
        """By process and id."""
        self._loop = asyncio.get_running_loop()
        self._shown_until = 0.0
        self._frames = Throttle(self._send, PAUSE)
        self._hints = Throttle(self._publish_hint, PAUSE)
        self._expiry: asyncio.TimerHandle | None = None

    def typed(self, key: str, name: str) -> None:
        self._by_origin.setdefault(OURS, {})[key] = self._typing_person(name)
        self._frames.soon()
        self._hints.soon()

    def stopped(self, key: str) -> None:
        if self._by_origin.get(OURS, {}).pop(key, None):
            self._frames.soon()
            self._hints.soon()

    def set_names_of(self, origin: str, names: dict[str, str]) -> None:
        self._by_origin[origin] = {key: self._typing_person(name) for key, name in names.items()}
        self._frames.soon()

    def stop(self) -> None:
        self._frames.stop()
        self._hints.stop()
        if self._expiry:
            self._expiry.cancel()

    def _typing_person(self, name: str) -> TypingPerson:
        return TypingPerson(name, self._loop.time() + GOOD_FOR)

    def _send(self) -> None:
        """To those whose line is idle: for whom anything waits, this is not worth waiting for."""
        now = self._loop.time()
        self._forget_expired(now)
        typing = {key: typist for typists in self._by_origin.values() for key, typist in typists.items()}
        if self._is_busy() or (not typing and now >= self._shown_until):
            return
        self._shown_until = now + GOOD_FOR if typing else 0.0
        ids = list(typing)[:NAMES_MAX]
        frames = Frames(protocol.encode(protocol.TypingNames([typing[key].name for key in ids], ids)))
        for subscriber in self._feed.fanout.subscribers:
            if not (subscriber.plain or subscriber.closing or subscriber.behind):
                subscriber.offer(frames, most=0)
        if self._expiry:
            self._expiry.cancel()
        if len(typing) > 1:  # a new frame when the first ends; the browser ends the last one
            first = min(typist.until for typist in typing.values())
            self._expiry = self._loop.call_at(first, self._frames.soon)

    def _publish_hint(self) -> None:
        if not self._is_busy():
            self._forget_expired(self._loop.time())
            here = list(self._by_origin.get(OURS, {}).items())[:NAMES_MAX]
            self._publish(self._feed, {key: typist.name for key, typist in here})

    def _forget_expired(self, now: float) -> None:
        by_origin = {
            origin: {key: typist for key, typist in typists.items() if typist.until > now}
            for origin, typists in self._by_origin.items()
        }
        self._by_origin = {origin: typists for origin, typists in by_origin.items() if typists}
