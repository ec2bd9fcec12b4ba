"""Hints between processes: one message on the channel layer a batch. They may be lost, doubled, late."""

import asyncio
from typing import Any, Final

import msgspec
from channels.layers import get_channel_layer

from .changes import Batch
from .logs import redis_outage
from .models.room import group_of

VERSION: Final = 1
PUBLISH_LIMIT: Final = 1.0  # seconds


async def publish(batch: Batch, origin: str = "") -> bool:
    """Tell the other processes of a committed batch. False, and a line in the log, when that failed:
    they read the database at their next check."""
    hint = {
        "type": "lobby.changes",
        "v": VERSION,
        "origin": origin,
        "key": batch.key,
        "batch": batch.to_hint(),
    }
    try:
        async with asyncio.timeout(PUBLISH_LIMIT):
            await get_channel_layer().group_send(group_of(batch.key), hint)
    except Exception as error:
        redis_outage.warning(
            "A hint was not published (%s): the others will read the database",
            type(error).__name__,
        )
        return False
    return True


def batch_of(hint: dict[str, Any]) -> Batch | None:
    """The batch in a hint; None when it is not understood, which means: read the database."""
    if hint.get("v") != VERSION:
        return None
    try:
        return Batch.from_hint(hint["key"], hint["batch"])
    except (KeyError, TypeError, msgspec.MsgspecError):
        return None
