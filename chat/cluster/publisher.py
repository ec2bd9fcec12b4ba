"""Publishes this process's committed changes to the others, in the background: no commit waits for it."""

import asyncio
from collections.abc import Callable
from typing import Final

from ..infra.background import surviving
from ..journal.changes import Batch
from ..models.room import group_of
from . import messages

ROOMS_MAX: Final = 1000
CHANGES_MAX: Final = 500  # of a room: who has missed more starts afresh anyway
BYTES_MAX: Final = 16 * 1024 * 1024  # of all rooms


class Publisher:
    """`on_published` is given the group of each hint that went out."""

    def __init__(self, origin: str, on_published: Callable[[str], None]) -> None:
        self._origin = origin
        self._on_published = on_published
        self._waiting: dict[str, list[Batch]] = {}
        """By room: batches that follow on one another. None of them: the others are to read the database."""
        self._size = 0
        self._publishing: asyncio.Task[None] | None = None
        self._idle_publish: asyncio.Task[bool] | None = None

    def publish(self, batch: Batch) -> None:
        """Queue a hint for the other processes. Waiting batches of a room become one. If it is too large, the
        hint only says that there are changes; rooms beyond the limit are found by the others' next check."""
        waiting = self._waiting.get(batch.key)
        if waiting is None and len(self._waiting) >= ROOMS_MAX:
            return
        if waiting is None:
            waiting = self._waiting[batch.key] = [batch]
            self._size += batch.size
        elif waiting:
            self._append(waiting, batch)
        if self._size > BYTES_MAX:
            self._forget(waiting)
        if self._publishing is None:
            self._publishing = asyncio.ensure_future(self._publish_all())

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
        if self._publishing is None and (self._idle_publish is None or self._idle_publish.done()):
            self._idle_publish = asyncio.ensure_future(messages.publish_event(event, group))

    async def _publish_all(self) -> None:
        try:
            while self._waiting:
                key = next(iter(self._waiting))
                batches = self._waiting.pop(key)
                batch = Batch.joined(batches) if batches else None
                self._forget(batches)
                with surviving("A hint could not be published"):
                    if await messages.publish_batch(key, batch, self._origin):
                        self._on_published(group_of(key))
        finally:
            self._publishing = None
