"""Every act of a moderator, the owner or staff is written into the room's audit log, in its transaction."""

from typing import Final, NamedTuple, Protocol

from ..drafts import Draft
from ..limits import NAME_MAX
from ..models import AuditEntry
from ..open_room import OpenRoom
from ..transaction import Transaction

DETAIL_MAX: Final = 500


class HasName(Protocol):
    """Whom an act concerns: a participant's row, a target, or what is left of them."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...


class Named(NamedTuple):
    key: str
    name: str


NOBODY: Final = Named("", "")


def audit(
    writing: Transaction,
    room: OpenRoom,
    draft: Draft,
    act: str,
    target: HasName = NOBODY,
    detail: str = "",
) -> None:
    """Who did what to whom. The house's own acts bear the name that the draft says."""
    actor = writing.person(draft)
    AuditEntry.objects.create(
        room_id=room.row.id,
        actor_id=actor.id if actor else None,
        actor_name=actor.name if actor else draft.by[:NAME_MAX],
        act=act,
        target_key=target.key,
        target_name=target.name,
        detail=detail[:DETAIL_MAX],
    )
