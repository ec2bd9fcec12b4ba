"""Publishes this process's committed changes to the others: no commit waits for it."""

import asyncio
from itertools import starmap
from typing import Any, Final

from channels.layers import get_channel_layer

from ..journal.changes import Batch
from . import messages
from .messages import group_of

ROOMS_MAX: Final = 1000
CHANGES_MAX: Final = 500  # of a room: who has missed more starts afresh anyway
BYTES_MAX: Final = 16 * 1024 * 1024  # of all rooms


class Publisher:
    """Without Redis it publishes nothing: an in-memory layer reaches no other process."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._publish = getattr(get_channel_layer(), "publish", None)
        self._waiting: dict[str, list[Batch]] = {}
        """By room: batches that follow on one another. None of them: the others are to read the database."""
        self._size = 0
        self._publishing = False
        self._idle_publish: asyncio.Task[bool] | None = None

    def publish(self, batches: list[Batch]) -> None:
        """Send hints to the other processes. Until Redis has answered, further batches wait, and those of a
        room become one. If it is too large, the hint only says that there are changes; rooms beyond the limit
        are found by the others' next check."""
        if self._publish:
            for batch in batches:
                self._put(batch)
            self._publish_waiting()

    def _put(self, batch: Batch) -> None:
        waiting = self._waiting.get(batch.key)
        if waiting is None:
            if len(self._waiting) >= ROOMS_MAX:
                return
            waiting = self._waiting[batch.key] = [batch]
            self._size += batch.size
        elif waiting:
            self._append(waiting, batch)
        if self._size > BYTES_MAX:
            self._forget(waiting)

    def _append(self, waiting: list[Batch], batch: Batch) -> None:
        last = waiting[-1]
        follows = (last.epoch, last.revision) == (batch.epoch, batch.after)
        if follows and batch.revision - waiting[0].after <= CHANGES_MAX:
            waiting.append(batch)
            self._size += batch.size
        else:
            self._forget(waiting)

    def _forget(self, waiting: list[Batch]) -> None:
        self._size -= sum(batch.size for batch in waiting)
        waiting.clear()

    def publish_if_idle(self, event: messages.ClusterEvent, group: str) -> None:
        """Send an event that may be dropped: it is, while anything else is being published."""
        if not self._publishing and (self._idle_publish is None or self._idle_publish.done()):
            self._idle_publish = asyncio.ensure_future(messages.publish_event(event, group))

    def _publish_waiting(self) -> None:
        """All rooms together, unless the last ones are still on their way."""
        if self._publishing or not self._waiting or not self._publish:
            return
        waiting, self._waiting, self._size = self._waiting, {}, 0
        self._publishing = True
        self._publish(list(starmap(self._hint, waiting.items())), self._published)

    def _hint(self, key: str, batches: list[Batch]) -> tuple[str, dict[str, Any]]:
        """The room's group and what is sent to it."""
        batch = Batch.joined(batches) if batches else None
        return group_of(key), messages.batch_hint(key, batch, self._origin)

    def _published(self, reply: Any) -> None:
        self._publishing = False
        if isinstance(reply, Exception):
            messages.warn_unpublished(reply)
        self._publish_waiting()
