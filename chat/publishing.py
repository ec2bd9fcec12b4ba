"""What this process tells the others of its rooms: in the background, never in the way of a commit."""

import asyncio
from collections.abc import Callable
from typing import Final

from . import hints
from .background import surviving
from .changes import Batch
from .models.room import group_of

BACKLOG_MAX: Final = 1000  # rooms


class Publisher:
    """`on_published` is given the group of each hint that went out."""

    def __init__(self, origin: str, on_published: Callable[[str], None]) -> None:
        self._origin = origin
        self._on_published = on_published
        self._waiting: dict[str, Batch] = {}
        self._publishing: asyncio.Task[None] | None = None
        self._murmur: asyncio.Task[bool] | None = None

    def publish(self, batch: Batch) -> None:
        """Queue a hint for the other processes. Batches of a room that wait become one; the rooms that
        find no place are found by the others' next check."""
        waiting = self._waiting.get(batch.key)
        if waiting and waiting.epoch == batch.epoch and waiting.revision == batch.after:
            self._waiting[batch.key] = waiting.followed_by(batch)
        elif waiting or len(self._waiting) < BACKLOG_MAX:
            self._waiting[batch.key] = batch
        if self._publishing is None:
            self._publishing = asyncio.ensure_future(self._publish_all())

    def murmur(self, news: hints.News, group: str) -> None:
        """Tell what nobody needs to hear: not while anything else is on its way."""
        if self._publishing is None and (self._murmur is None or self._murmur.done()):
            self._murmur = asyncio.ensure_future(hints.tell(news, group))

    async def _publish_all(self) -> None:
        try:
            while self._waiting:
                batch = self._waiting.pop(next(iter(self._waiting)))
                with surviving("A hint could not be published"):
                    if await hints.publish(batch, self._origin):
                        self._on_published(group_of(batch.key))
        finally:
            self._publishing = None
