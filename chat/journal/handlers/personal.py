"""What people do for themselves: read no more of somebody, ask the moderators to look at a message."""

from typing import Final

from ... import protocol
from ...access.permissions import may_enter
from ...models import Block, Participant, Report
from ...protocol.text import Text
from ...protocol.text import mark as _
from ..locked_room import LockedRoom
from ..transaction import Transaction
from ..types import Done, Outcome, Refused, WriteRequest, refused
from .messages import find_message

BLOCKS_MAX: Final = 500  # of one person


def block(transaction: Transaction, request: WriteRequest, command: protocol.Block) -> Outcome:
    """Concerns nobody else, and nobody else hears of it."""
    person = transaction.person(request)
    assert person
    if command.id == person.key:
        return refused("invalid.oneself")
    blocks = Block.objects.filter(participant=person.id)
    name = Participant.objects.filter(key=command.id).values_list("name", flat=True).first()
    if not command.on:
        blocks.filter(blocked_key=command.id).delete()
        return Done(_about(name, _("You read %(name)s again."), _("You read this person again.")))
    if not blocks.filter(blocked_key=command.id).exists():
        if blocks.count() >= BLOCKS_MAX:
            return refused("too_many.blocks", max=BLOCKS_MAX)
        Block.objects.create(participant_id=person.id, blocked_key=command.id)
    return Done(_about(name, _("You read no more of %(name)s."), _("You read no more of this person.")))


def _about(name: str | None, named: str, nameless: str) -> Text:
    return Text(named, {"name": name}) if name else Text(nameless)


def report(
    transaction: Transaction, room: LockedRoom, request: WriteRequest, command: protocol.Report
) -> Outcome:
    """Once a person and message: another report of the same says the newer reason, and is looked at again."""
    person = transaction.person(request)
    assert person
    standing = transaction.standing(room, request)
    if not may_enter(room.state, standing):
        return refused("banned" if standing.banned else "forbidden")
    message = find_message(transaction, room, command.sequence)
    if isinstance(message, Refused) or message.deleted_at:
        return refused("not_found")
    if message.author_id == person.id:
        return refused("invalid.own_message")
    Report.objects.update_or_create(
        message=message,
        reporter_id=person.id,
        defaults={"reason": command.reason.strip(), "resolved_at": None, "resolved_by": None},
    )
    return Done(Text(_("Thank you. The moderators will look at it.")))
