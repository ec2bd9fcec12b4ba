"""The process's one channel on the channel layer: the groups it has joined, and the hints it receives.

The layer may be away at any time, so every wait is bounded and every failed join is tried again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

from channels.layers import get_channel_layer

from ..infra.background import surviving
from ..infra.logging import redis_outage

LAYER_LIMIT: Final = 1.0  # seconds for a join or a leave
RETRY_PAUSE: Final = 2.0  # seconds


class ChannelListener:
    """`on_hint` gets each hint; `on_joined` a group's name each time it was joined. On Redis, hints that bear
    the process's own origin are dropped before they are decoded."""

    def __init__(
        self,
        origin: str,
        on_hint: Callable[[dict[str, Any]], None],
        on_joined: Callable[[str], None],
    ) -> None:
        self._layer = get_channel_layer()
        self._origin = origin
        self._on_hint = on_hint
        self._on_joined = on_joined
        self._channel = ""
        self._wanted: set[str] = set()
        self._joined: set[str] = set()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._reader = asyncio.ensure_future(self._read())

    async def join(self, group: str) -> None:
        self._wanted.add(group)
        await self._settle(group)

    async def leave(self, group: str) -> None:
        self._wanted.discard(group)
        await self._settle(group)

    async def retry(self) -> None:
        """Retry failed joins and leaves."""
        for group in self._wanted ^ self._joined:
            if not await self._settle(group):
                break  # the layer is still away: one wait is enough

    def close(self) -> None:
        self._reader.cancel()

    async def _settle(self, group: str) -> bool:
        """Make what is joined what is wanted: one at a time a group. False when the layer is away."""
        async with self._locks[group]:
            wanted = group in self._wanted
            if wanted != (group in self._joined):
                if not self._channel or not await self._change_membership(group, wanted):
                    return False
                if wanted:
                    self._joined.add(group)
                    self._on_joined(group)
                else:
                    self._joined.discard(group)
        if group not in self._wanted and group not in self._joined and not self._locks[group].locked():
            del self._locks[group]
        return True

    async def _change_membership(self, group: str, wanted: bool) -> bool:
        change = self._layer.group_add if wanted else self._layer.group_discard
        try:
            async with asyncio.timeout(LAYER_LIMIT):
                await change(group, self._channel)
        except Exception as error:
            redis_outage.debug("The channel layer did not answer: %r", error)
            return False
        return True

    async def _read(self) -> None:
        self._channel = await self._new_channel()
        is_direct = hasattr(self._layer, "listen")
        if is_direct:
            self._layer.listen(self._channel, self._hear, {"origin": self._origin})
        with surviving("A group could not be joined"):
            await self.retry()
        while not is_direct:
            try:
                hint = await self._layer.receive(self._channel)
            except Exception as error:
                redis_outage.warning("The channel layer could not be read: %s", type(error).__name__)
                await asyncio.sleep(RETRY_PAUSE)
                continue
            with surviving("A hint could not be taken in"):
                self._on_hint(hint)

    def _hear(self, data: bytes) -> None:
        with surviving("A hint could not be taken in"):
            self._on_hint(self._layer.deserialize(data))

    async def _new_channel(self) -> str:
        while True:
            try:
                async with asyncio.timeout(LAYER_LIMIT):
                    channel: str = await self._layer.new_channel("lobby.")
                    return channel
            except Exception as error:
                redis_outage.warning(
                    "The channel layer is away (%s): rooms are read from the database",
                    type(error).__name__,
                )
                await asyncio.sleep(RETRY_PAUSE)
