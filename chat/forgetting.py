"""Somebody goes for good: what they said stays without their name, or goes too."""

from django.db import transaction
from django.db.models import Q

from .drafts import Draft, Forget
from .journal import write_and_publish
from .models import Invite, Participant, Room


def forget_participant(participant: Participant, empty: bool) -> None:
    """Take the participant out of every room, then out of the database. `empty`: their messages go too, and
    leave tombstones; otherwise they stand under "Deleted account". Their reactions go in either case.

    Call it outside a transaction, when the person can no longer write. Raises the database's errors; calling
    it again goes on where it stopped.
    """
    while not _is_deleted(participant):
        for draft in drafts_of_forgetting(participant, empty):
            write_and_publish([draft])


def drafts_of_forgetting(participant: Participant, empty: bool) -> list[Draft]:
    """One for each room where something of the participant is left."""
    command = Forget(participant.key, empty)
    return [Draft(room.name, room.key, None, command) for room in _rooms_of(participant)]


def _rooms_of(participant: Participant) -> list[Room]:
    said = Q(pk__in=participant.messages.values("room"))
    reacted = Q(pk__in=participant.reactions.values("message__room"))
    return list(Room.objects.filter(said | reacted).only("name", "key"))


def _is_deleted(participant: Participant) -> bool:
    """Delete the row, and the account if it is to be deleted, unless something of theirs is left in a room:
    the last word may just have been said."""
    with transaction.atomic():
        row = Participant.objects.select_for_update().filter(pk=participant.pk).first()
        if row and _rooms_of(row):
            return False
        if row:
            Invite.objects.revoke_of(row.pk)
            account = row.user if row.leaving else None
            row.delete()
            if account:
                account.delete()
        return True
