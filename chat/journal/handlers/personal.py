"""What people do for themselves: read no more of somebody, ask the moderators to look at a message."""

from typing import Final

from django.utils.translation import gettext as _

from ... import protocol
from ...access.permissions import may_enter
from ...models import Block, Participant, Report
from ..locked_room import OpenRoom
from ..transaction import Transaction
from ..types import Done, Draft, Outcome, Refused
from .messages import find
from .refusals import not_found, refused

BLOCKS_MAX: Final = 500  # of one person


def block(writing: Transaction, draft: Draft, command: protocol.Block) -> Outcome:
    """Concerns nobody else, and nobody else hears of it."""
    person = writing.person(draft)
    assert person
    if command.id == person.key:
        return Refused("invalid", _("You cannot block yourself."))
    blocks = Block.objects.filter(participant=person.id)
    words = {"name": _name_of(command.id)}
    if not command.on:
        blocks.filter(blocked_key=command.id).delete()
        return Done(_("You read %(name)s again.") % words)
    if not blocks.filter(blocked_key=command.id).exists():
        if blocks.count() >= BLOCKS_MAX:
            return Refused("too_many", _("You have blocked %(max)d people already.") % {"max": BLOCKS_MAX})
        Block.objects.create(participant_id=person.id, blocked_key=command.id)
    return Done(_("You read no more of %(name)s.") % words)


def _name_of(key: str) -> str:
    return Participant.objects.filter(key=key).values_list("name", flat=True).first() or _("this person")


def report(writing: Transaction, room: OpenRoom, draft: Draft, command: protocol.Report) -> Outcome:
    """Once a person and message: another report of the same says the newer reason, and is looked at again."""
    person = writing.person(draft)
    assert person
    standing = writing.standing(room, draft)
    if not may_enter(room.state, standing):
        return refused("banned" if standing.banned else "forbidden")
    message = find(writing, room, command.sequence)
    if isinstance(message, Refused) or message.deleted_at:
        return not_found()
    if message.author_id == person.id:
        return Refused("invalid", _("This is your own message."))
    Report.objects.update_or_create(
        message=message,
        reporter_id=person.id,
        defaults={"reason": command.reason.strip(), "resolved_at": None, "resolved_by": None},
    )
    return Done(_("Thank you. The moderators will look at it."))
