"""A write in its locked room: who asked for what. Each handler takes one."""

from collections.abc import Sequence
from typing import Generic, TypeAlias, TypeVar

import msgspec

from ... import protocol
from ...access.lookup import Person
from ...access.permissions import RoomPermissions
from ...models import AuditEntry, Message, Report
from ...protocol.limits import NAME_MAX
from ...protocol.text import Text
from ..locked_room import LockedRoom
from ..transaction import Transaction
from ..types import Done, Refused, WriteRequest, refused
from .audit import DETAIL_MAX, NO_TARGET, HasName, in_one_line
from .targets import Target

C = TypeVar("C")


class Action(msgspec.Struct, Generic[C], frozen=True):
    transaction: Transaction
    room: LockedRoom
    request: WriteRequest
    command: C
    """Its texts are clean already."""

    @property
    def actor(self) -> Person | None:
        """None: the system."""
        return self.transaction.person(self.request)

    @property
    def author(self) -> Person:
        """The actor of a command that the system never gives."""
        assert self.actor
        return self.actor

    @property
    def permissions(self) -> RoomPermissions:
        return self.transaction.permissions(self.room, self.request)

    def find_message(self, sequence: int) -> Message | Refused:
        messages = Message.objects.filter(room_id=self.room.row.id, sequence=sequence)
        return messages.select_related("author").first() or refused("not_found")

    def audit(self, act: str, target: HasName = NO_TARGET, detail: str = "") -> None:
        """Record who did what to whom. The system acts under the name that the request gives."""
        actor = self.actor
        AuditEntry.objects.create(
            room_id=self.room.row.id,
            actor_id=actor.id if actor else None,
            actor_name=actor.name if actor else self.request.by[:NAME_MAX],
            act=act,
            target_key=target.key,
            target_name=target.name,
            detail=detail[:DETAIL_MAX],
        )

    def settle_reports(self, messages: Sequence[Message]) -> None:
        """A moderator has deleted the messages: nobody has to look at them any more."""
        Report.objects.filter(message__in=messages).settle(by=self.actor.id if self.actor else None)

    def participant_row(self, target: Target) -> Person:
        """The row of whom the act concerns, created if there is none."""
        return target.person or self.transaction.create_participant(target.key, target.name)

    def done(
        self: "ModerationAction",
        notice: str,
        target: HasName = NO_TARGET,
        *,
        detail: str = "",
        act: str = "",
        then: protocol.Moderate | None = None,
        **words: object,
    ) -> Done:
        """Record the act in the audit log, with the reason that was given; `act`: not the one asked for."""
        parts = [part for part in (detail, self.command.reason.strip()) if part]
        self.audit(act or self.command.act, target, in_one_line(parts))
        return Done(Text(notice, {"name": target.name, **words}), then)

    def nothing_to_do(self: "ModerationAction", notice: str, target: HasName = NO_TARGET) -> Done:
        """Nothing changes: no revision, no entry in the audit log."""
        return Done(Text(notice, {"name": target.name}))


ModerationAction: TypeAlias = Action[protocol.Moderate]
