"""A channel layer as bad as the specification allows, switched while a site process runs.

The file that CHAOS_LAYER_FILE names holds JSON: what share of the hints fails, is lost, doubled, late or
garbled. `chaos.site_settings` puts it in the place of the site's own. What was really done to a hint
stands in the file beside it that ends in `.done`, a word a line.
"""

import asyncio
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.utils.module_loading import import_string

SWITCH = Path(os.environ.get("CHAOS_LAYER_FILE", "/nonexistent"))
DONE = ".done"


class PublishFailed(Exception):
    """What a layer may raise."""


class UnreliableLayer:
    """Wraps a real layer: `group_send` and `publish` go wrong as often as the switch says."""

    def __init__(self, backend: str, config: dict[str, Any]) -> None:
        self._layer = import_string(backend)(**config)
        self._tasks: set[asyncio.Task[None]] = set()
        self._published: Counter[str] = Counter()  # by group

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layer, name)

    def publish(self, messages: Sequence[tuple[str, dict[str, Any]]], done: Callable[[Any], None]) -> None:
        """Send messages to groups one by one, until one fails; `done` gets the error."""
        self._keep(asyncio.ensure_future(self._publish_each(messages, done)))

    async def _publish_each(
        self, messages: Sequence[tuple[str, dict[str, Any]]], done: Callable[[Any], None]
    ) -> None:
        try:
            for group, message in messages:
                await self.group_send(group, message)
        except Exception as error:
            done(error)
        else:
            done(None)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        shares = _shares()
        if _chance(shares.get("fail")):
            _note("failed")
            raise PublishFailed("chaos")
        if _chance(shares.get("drop")):
            _note("dropped")
            return
        if _chance(shares.get("garble")):
            _note("garbled")
            message = garbled(message)
        if _chance(shares.get("delay")):
            _note("delayed")
            self._keep(asyncio.ensure_future(self._publish_late(group, message)))
            return
        await self._publish(group, message)
        if _chance(shares.get("double")):
            _note("doubled")
            await self._publish(group, message)

    def _keep(self, task: "asyncio.Task[None]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _publish(self, group: str, message: dict[str, Any]) -> None:
        self._published[group] += 1
        await self._layer.group_send(group, message)

    async def _publish_late(self, group: str, message: dict[str, Any]) -> None:
        before = self._published[group]
        await asyncio.sleep(random.uniform(0, 0.4))
        if self._published[group] != before:
            _note("reordered")
        await self._publish(group, message)


def garbled(message: dict[str, Any]) -> dict[str, Any]:
    """A hint of another version of the site, or one that is none."""
    from chat.cluster import messages  # the command itself runs without Django's models

    return random.choice(
        [
            messages.signed(message | {"v": 99}),
            messages.signed(message | {"v": 99, "batch": b"another shape"}),
            messages.signed(message | {"batch": b"\xff\x00 no frame"}),
            message | {"batch": b"\xff\x00 no frame"},
            message | {"batch": None},
            {name: value for name, value in message.items() if name != "batch"},
        ]
    )


def _shares() -> dict[str, float]:
    try:
        shares: dict[str, float] = json.loads(SWITCH.read_text())
    except (OSError, ValueError):
        return {}
    return shares


def _note(what: str) -> None:
    """One short write: those of several processes do not mix."""
    with SWITCH.with_suffix(DONE).open("a") as file:
        file.write(f"{what}\n")


def _chance(share: float | None) -> bool:
    return bool(share) and random.random() < (share or 0)
