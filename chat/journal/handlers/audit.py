"""Every act of a moderator, the owner or staff is written into the room's audit log, in its transaction."""

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
"""Stands between the parts of a detail, and in none of them."""
_LONE_DOT: Final = re.compile(r"(?<!\S)·(?!\S)")


class HasName(Protocol):
    """Whom an act concerns: a participant's row, a target, or what is left of them."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...


class Named(NamedTuple):
    key: str
    name: str


NO_TARGET: Final = Named("", "")


def in_one_line(parts: Iterable[str]) -> str:
    """The parts in one line. What people wrote in one of them cannot be taken for another one."""
    return BETWEEN.join(_LONE_DOT.sub("–", part) for part in parts)


def audit(
    transaction: Transaction,
    room: LockedRoom,
    request: WriteRequest,
    act: str,
    target: HasName = NO_TARGET,
    detail: str = "",
) -> None:
    """Who did what to whom. The house's own acts bear the name that the request says."""
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
