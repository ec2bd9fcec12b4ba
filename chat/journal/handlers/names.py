"""Renaming a participant, in all rooms at once. The name in the command is clean already."""

from django.db import IntegrityError
from django.db.transaction import atomic

from ... import protocol
from ...models import Participant
from ...models.participant import is_claimed
from ...text.confusables import skeleton
from ..transaction import Transaction
from ..types import Outcome, Renamed, WriteRequest, refused


def rename(transaction: Transaction, request: WriteRequest, command: protocol.Rename) -> Outcome:
    person = transaction.person(request)
    assert person
    name = command.name
    if is_claimed(name, by=person.id):
        return refused("name_taken")
    try:
        with atomic():
            Participant.objects.filter(pk=person.id).update(name=name, skeleton=skeleton(name))
    except IntegrityError:  # two accounts in the same instant
        return refused("name_taken")
    transaction.people[person.key] = person = person._replace(name=name)
    return Renamed(person.author)
