"""Deleting participants: their messages stay without a name, or are deleted too."""

import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from .. import models
from ..files import attachments
from ..models.participant import Leaving
from ..protocol.roles import Role
from .service import write_all_steps
from .types import Forget, WriteRequest

GUEST_RETENTION: Final = datetime.timedelta(days=90)  # after they were last here
GUESTS_STEP: Final = 500


def forget_participant(participant: models.Participant, delete_texts: bool) -> None:
    """Take the participant out of every room, then out of the database. Their messages stay under "Deleted
    account" or, with `delete_texts`, become tombstones. Their reactions and the mentions
    of them are deleted in either case.

    Call it outside a transaction, when the person can no longer write. Raises the database's errors; calling
    it again goes on where it stopped.
    """
    while not _is_deleted(participant):
        for request in forget_requests(participant, delete_texts):
            write_all_steps([request])


def forget_requests(participant: models.Participant, delete_texts: bool) -> list[WriteRequest]:
    """One for each room where something of the participant is left."""
    command = Forget(participant.key, delete_texts)
    return [WriteRequest(room.name, room.key, None, command) for room in _rooms_of(participant)]


def _rooms_of(participant: models.Participant) -> list[models.Room]:
    said = Q(pk__in=participant.messages.values("room"))
    reacted = Q(pk__in=participant.reactions.values("message__room"))
    named = Q(pk__in=participant.mentions.values("room"))
    return list(models.Room.objects.filter(said | reacted | named).only("name", "key"))


def _is_deleted(participant: models.Participant) -> bool:
    """Delete the row, and a leaving account, unless they have something in a room: perhaps a new post."""
    with transaction.atomic():
        row = models.Participant.objects.select_for_update().filter(pk=participant.pk).first()
        if row and _rooms_of(row):
            return False
        if row:
            models.Invite.objects.revoke_of(row.pk)
            attachments.forget_owner(row.key)
            account = row.user if row.leaving else None
            row.delete()
            if account:
                account.delete()
        return True


def finish_deletions() -> None:
    """Delete the accounts whose deletion has begun and was interrupted."""
    for participant in models.Participant.objects.exclude(leaving=""):
        forget_participant(participant, delete_texts=participant.leaving == Leaving.MESSAGES_GO)


def deletion_requests() -> list[WriteRequest]:
    """What `finish_deletions` would write, room by room: for a process whose journal worker is running."""
    return [
        request
        for participant in models.Participant.objects.exclude(leaving="")
        for request in forget_requests(participant, participant.leaving == Leaving.MESSAGES_GO)
    ]


# --- Guests of whom nothing is left ---


def forget_some_guests(after: int = 0) -> int:
    """Delete, of the next 500 guests by id, those who were last here 90 days ago and of whom nothing depends:
    they have said nothing that is still there, hold no role, and nobody has anything against them, nor they
    against anybody. Gives the id to go on after; 0 at the end."""
    old = models.Participant.objects.filter(user=None, created_at__lt=Now() - GUEST_RETENTION, pk__gt=after)
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:GUESTS_STEP])
    _unreferenced(old.filter(pk__in=keys)).delete()
    return keys[-1] if len(keys) == GUESTS_STEP else 0


def _unreferenced(guests: QuerySet[models.Participant]) -> QuerySet[models.Participant]:
    me, key = OuterRef("pk"), OuterRef("key")
    closed = Q(room__is_private=True) | ~Q(room__password="")
    holds = Q(role__in=(Role.MODERATOR, Role.OWNER)) | Q(role=Role.MEMBER) & closed
    return guests.filter(
        Q(last_seen_at=None) | Q(last_seen_at__lt=Now() - GUEST_RETENTION),
        ~Exists(models.Message.objects.filter(author=me)),
        ~Exists(models.Reaction.objects.filter(participant=me)),
        ~Exists(models.Mention.objects.filter(participant=me)),
        ~Exists(models.Report.objects.filter(reporter=me)),
        ~Exists(models.AuditEntry.objects.filter(actor=me)),
        ~Exists(models.Membership.objects.filter(holds | Q(muted_until__gt=Now()), participant=me)),
        ~Exists(models.Ban.objects.filter(participant_key=key)),
        ~Exists(models.Block.objects.filter(participant=me)),
        # Their ids have no index there: read once, not once a guest.
        ~Q(key__in=models.Block.objects.values("blocked_key")),
        ~Q(key__in=models.Connection.objects.values("participant_key")),
    )
