"""The room's audit log: every act of a moderator, the owner or staff, written in its transaction."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple, Protocol

from ...models import AuditEntry
from ...protocol.limits import NAME_MAX
from ..locked_room import LockedRoom
from ..transaction import Transaction
from ..types import WriteRequest

DETAIL_MAX: Final = 500
BETWEEN: Final = " · "
"""Separates the parts of a detail; no part contains it."""
_LONE_DOT: Final = re.compile(r"(?<!\S)·(?!\S)")


class HasName(Protocol):
    """Whom an act concerns: a participant's row, a target, or the name of a deleted account."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...


class Named(NamedTuple):
    key: str
    name: str


NO_TARGET: Final = Named("", "")


def in_one_line(parts: Iterable[str]) -> str:
    """The parts in one line. A text that somebody wrote cannot pass for several parts."""
    return BETWEEN.join(_LONE_DOT.sub("–", part) for part in parts)


def audit(
    transaction: Transaction,
    room: LockedRoom,
    request: WriteRequest,
    act: str,
    target: HasName = NO_TARGET,
    detail: str = "",
) -> None:
    """Record who did what to whom. The system acts under the name that the request gives."""
    actor = transaction.person(request)
    AuditEntry.objects.create(
        room_id=room.row.id,
        actor_id=actor.id if actor else None,
        actor_name=actor.name if actor else request.by[:NAME_MAX],
        act=act,
        target_key=target.key,
        target_name=target.name,
        detail=detail[:DETAIL_MAX],
    )
