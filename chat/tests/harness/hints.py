"""Processes of which the tests know that they get their messages through Redis."""

import asyncio

import redis
from django.conf import settings

from chat.cluster.messages import group_of
from chat.text.cleaning import fold_room_name

from .servers import RedisServer

NO_CHECKS = (
    "chat.server.runtime.CHECK_INTERVAL=600"
    " chat.cluster.listener.LAYER_LIMIT=60 chat.cluster.messages.PUBLISH_LIMIT=60"
)
"""CONSTANTS of processes that hear of a message by a hint or not at all, however busy the machine is."""


async def joined(redis_server: RedisServer, room: str, count: int = 2) -> None:
    """Wait until so many processes are subscribed to the room's group."""
    group = f"{settings.CHANNEL_PREFIX}__group__{group_of(fold_room_name(room))}"
    async with asyncio.timeout(60):
        with redis.Redis(port=redis_server.port) as client:
            while dict(client.pubsub_numsub(group))[group.encode()] < count:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
