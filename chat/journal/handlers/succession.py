"""When a moderator may take the place of a room's owner."""

import datetime

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from ...models import AuditEntry, Connection, Message, Participant, Room
from ...protocol.roles import Role


def may_be_succeeded(room_id: int) -> bool:
    """Whether the room has no owner any more, or one who is connected nowhere and was last active (by a
    connection, a message, an act on a page) longer ago than the room's number of days (else the site's).
    By the database's clock."""
    owner = Participant.objects.filter(memberships__room=room_id, memberships__role=Role.OWNER).first()
    if owner is None:
        return True
    days = Room.objects.values_list("succession_days", flat=True).get(pk=room_id)
    since = Now() - datetime.timedelta(days=settings.OWNER_AWAY_DAYS if days is None else days)
    was_here = Q(last_seen_at__gt=since) | Q(created_at__gt=since)
    return not (
        Connection.objects.live().filter(participant_key=owner.key).exists()
        or Participant.objects.filter(was_here, pk=owner.pk).exists()
        or Message.objects.filter(author=owner, sent_at__gt=since).exists()
        or AuditEntry.objects.filter(actor=owner, at__gt=since).exists()
    )
