"""Hints between processes: small messages on the channel layer. They may be lost, duplicated or late.

Each is signed with the site's key: what another site, or anybody else at the same Redis, sends is ignored.
Each carries a version; who does not understand one reads the database.
"""

import asyncio
import hmac
from functools import cache
from hashlib import blake2b
from typing import Any, Final, TypeVar

import msgspec
from channels.layers import get_channel_layer
from django.conf import settings

from ..infra.logging import redis_outage
from ..journal.changes import Batch
from ..protocol import Person

VERSION: Final = 1
ALL_PROCESSES: Final = "house"  # the group of all processes
REVALIDATE: Final = "lobby.recheck"
PUBLISH_LIMIT: Final = 1.0  # seconds


class RoomPresenceChanges(msgspec.Struct, frozen=True):
    """Who joined a room or changed in it, and the ids of those who left."""

    joined: list[Person]
    left: list[str]


class PresenceEvent(msgspec.Struct, frozen=True, tag="lobby.presence"):
    """What has changed in a process since one version of its rows up to another; after 0: all there is."""

    origin: str
    after: int
    version: int
    rooms: dict[str, RoomPresenceChanges] | None
    """By the rooms' keys. None: too many changes for a hint, read the rows."""
    is_over: bool = False
    """The process ends."""


class TypingEvent(msgspec.Struct, frozen=True, tag="lobby.typing"):
    """All who are typing in a room, through one process."""

    origin: str
    room_key: str
    names: dict[str, str]
    """By the people's ids."""


class RenameEvent(msgspec.Struct, frozen=True, tag="lobby.name"):
    """A participant has taken another name."""

    origin: str
    key: str
    name: str


class SeenEvent(msgspec.Struct, frozen=True, tag="lobby.seen"):
    """A participant has read a mention of them."""

    origin: str
    room_key: str
    key: str
    sequence: int


ClusterEvent = PresenceEvent | TypingEvent | RenameEvent | SeenEvent
AnyEvent = TypeVar("AnyEvent", bound=ClusterEvent)


def group_of(key: str) -> str:
    """The room's group on the channel layer. A digest: group names allow few characters, rooms many."""
    return f"room.{blake2b(key.encode(), digest_size=16).hexdigest()}"


async def publish_batch(batch: Batch) -> bool:
    """Send a room's committed batch to all processes. False, and a line in the log, when that failed: they
    read the database at their next check."""
    return await _send(group_of(batch.key), batch_hint(batch.key, batch, ""))


def batch_hint(key: str, batch: Batch | None, origin: str) -> dict[str, Any]:
    """A room's committed batch; None: there is more than a hint may hold, so read the database."""
    hint = {"origin": origin, "type": "lobby.changes", "v": VERSION, "key": key}
    return signed(hint | {"batch": batch.to_hint()} if batch else hint)


async def publish_revalidation() -> None:
    """Ask every process to check its open sockets now: a session or an account has ended. If the hint is
    lost, they do it within 3 s."""
    await _send(ALL_PROCESSES, signed({"type": REVALIDATE, "v": VERSION}))


async def publish_event(event: ClusterEvent, group: str = ALL_PROCESSES) -> bool:
    """Send an event to the group. False, and a line in the log, when that failed."""
    hint = {
        "origin": event.origin,
        "type": type_of(type(event)),
        "v": VERSION,
        "news": msgspec.json.encode(event),
    }
    return await _send(group, signed(hint))


async def _send(group: str, hint: dict[str, Any]) -> bool:
    try:
        async with asyncio.timeout(PUBLISH_LIMIT):
            await get_channel_layer().group_send(group, hint)
    except Exception as error:
        warn_unpublished(error)
        return False
    return True


def warn_unpublished(error: Exception) -> None:
    redis_outage.warning(
        "A hint was not published (%s): the others will read the database", type(error).__name__
    )


def signed(hint: dict[str, Any]) -> dict[str, Any]:
    return hint | {"signature": _signature(hint)}


def is_authentic(hint: dict[str, Any]) -> bool:
    """Whether a process of this site has sent the hint, whatever its version."""
    theirs = hint.get("signature")
    payload = _payload(hint)
    if not isinstance(theirs, bytes) or not isinstance(payload, bytes):
        return False
    return hmac.compare_digest(theirs, _signature(hint))


def _signature(hint: dict[str, Any]) -> bytes:
    head = repr([hint.get(name) for name in ("type", "v", "origin", "key")])
    return blake2b(head.encode() + _payload(hint), key=_key(), digest_size=16).digest()


def _payload(hint: dict[str, Any]) -> Any:
    return hint.get("batch", hint.get("news", b""))


@cache
def _key() -> bytes:
    return blake2b(settings.SECRET_KEY.encode(), person=b"lobby hints").digest()


def parse_batch(hint: dict[str, Any]) -> Batch | None:
    """The batch in a hint; None when it is not understood, which means: read the database."""
    if hint.get("v") != VERSION:
        return None
    try:
        return Batch.from_hint(hint["key"], hint["batch"])
    except (KeyError, TypeError, msgspec.MsgspecError):
        return None


def type_of(event: type[ClusterEvent]) -> str:
    return str(event.__struct_config__.tag)


def parse_event(hint: dict[str, Any], kind: type[AnyEvent]) -> AnyEvent | None:
    """The event in a hint; None when it is not understood."""
    if hint.get("v") != VERSION:
        return None
    try:
        return msgspec.json.decode(hint["news"], type=kind)
    except (KeyError, TypeError, msgspec.MsgspecError):
        return None
