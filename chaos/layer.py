"""A channel layer as bad as the specification allows, switched while a site process runs.

The file that CHAOS_LAYER_FILE names holds JSON: what share of the hints fails, is lost, doubled, late or
garbled. `chaos.site_settings` puts it in the place of the site's own.
"""

import asyncio
import json
import os
import random
from pathlib import Path
from typing import Any

from django.utils.module_loading import import_string

SWITCH = Path(os.environ.get("CHAOS_LAYER_FILE", "/nonexistent"))


class PublishFailed(Exception):
    """What a layer may raise."""


class UnreliableLayer:
    """Stands before a real layer: `group_send` goes wrong as often as the switch says."""

    def __init__(self, backend: str, config: dict[str, Any]) -> None:
        self._layer = import_string(backend)(**config)
        self._late: set[asyncio.Task[None]] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layer, name)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        shares = _shares()
        publish = self._layer.group_send
        if _chance(shares.get("fail")):
            raise PublishFailed("chaos")
        if _chance(shares.get("drop")):
            return
        if _chance(shares.get("garble")):
            message = garbled(message)
        if _chance(shares.get("delay")):
            task = asyncio.ensure_future(_later(publish, group, message))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            return
        await publish(group, message)
        if _chance(shares.get("double")):
            await publish(group, message)


async def _later(publish: Any, group: str, message: dict[str, Any]) -> None:
    await asyncio.sleep(random.uniform(0, 0.4))
    await publish(group, message)


def garbled(message: dict[str, Any]) -> dict[str, Any]:
    """A hint of another version of the site, or one that is none."""
    return random.choice(
        [
            message | {"v": 99},
            message | {"v": 99, "batch": {"new": "shape"}},
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


def _chance(share: float | None) -> bool:
    return bool(share) and random.random() < (share or 0)
