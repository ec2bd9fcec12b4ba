"""An act of moderation that is allowed: who asked for what, in which room."""

from dataclasses import dataclass

from ... import protocol
from ...access.lookup import Person
from ...protocol.text import Text
from ..locked_room import LockedRoom
from ..transaction import Transaction
from ..types import Done, WriteRequest
from .audit import NO_TARGET, HasName, audit, in_one_line
from .targets import Target


@dataclass(frozen=True, slots=True)
class ModerationAction:
    transaction: Transaction
    room: LockedRoom
    request: WriteRequest
    command: protocol.Moderate

    @property
    def actor(self) -> Person | None:
        """None: the system."""
        return self.transaction.person(self.request)

    def done(
        self,
        notice: str,
        target: HasName = NO_TARGET,
        *,
        detail: str = "",
        act: str = "",
        then: protocol.Moderate | None = None,
        **words: object,
    ) -> Done:
        """The act is done: record it in the audit log (as `act`, if that is another than was asked), with the
        reason that was given."""
        parts = [part for part in (detail, self.command.reason.strip()) if part]
        audit(self.transaction, self.room, self.request, act or self.command.act, target, in_one_line(parts))
        return Done(Text(notice, {"name": target.name, **words}), then)

    def nothing_to_do(self, notice: str, target: HasName = NO_TARGET) -> Done:
        """Nothing changes: no revision, no entry in the audit log."""
        return Done(Text(notice, {"name": target.name}))

    def participant_row(self, target: Target) -> Person:
        """The row of whom the act concerns, created if there is none."""
        return target.person or self.transaction.create_participant(target.key, target.name)
