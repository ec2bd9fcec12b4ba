"""Blocking somebody, so that one no longer sees what they write. Nobody else learns of it."""

from typing import Final

from ... import protocol
from ...models import Block, Participant
from ...protocol.text import Text
from ...protocol.text import mark as _
from ..transaction import Transaction
from ..types import Done, Outcome, WriteRequest, refused

BLOCKS_MAX: Final = 500  # of one person


def block(transaction: Transaction, request: WriteRequest, command: protocol.Block) -> Outcome:
    person = transaction.person(request)
    assert person
    if command.id == person.key:
        return refused("invalid.oneself")
    blocks = Block.objects.filter(participant=person.id)
    name = Participant.objects.filter(key=command.id).values_list("name", flat=True).first()
    if not command.on:
        blocks.filter(blocked_key=command.id).delete()
        return Done(_about(name, _("You have unblocked %(name)s."), _("You have unblocked this person.")))
    if not blocks.filter(blocked_key=command.id).exists():
        if blocks.count() >= BLOCKS_MAX:
            return refused("too_many.blocks", max=BLOCKS_MAX)
        Block.objects.create(participant_id=person.id, blocked_key=command.id)
    return Done(_about(name, _("You have blocked %(name)s."), _("You have blocked this person.")))


def _about(name: str | None, named: str, nameless: str) -> Text:
    return Text(named, {"name": name}) if name else Text(nameless)
