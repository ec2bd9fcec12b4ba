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
    return owner is None or not (_is_connected(owner) or _was_active(owner, _days(room_id)))


def _days(room_id: int) -> int:
    days = Room.objects.values_list("succession_days", flat=True).get(pk=room_id)
    site: int = settings.OWNER_AWAY_DAYS
    return site if days is None else days


def _is_connected(person: Participant) -> bool:
    return Connection.objects.live().filter(participant_key=person.key).exists()


def _was_active(person: Participant, days: int) -> bool:
    since = Now() - datetime.timedelta(days=days)
    was_here = Q(last_seen_at__gt=since) | Q(created_at__gt=since)
    return (
        Participant.objects.filter(was_here, pk=person.pk).exists()
        or Message.objects.filter(author=person, sent_at__gt=since).exists()
        or AuditEntry.objects.filter(actor=person, at__gt=since).exists()
    )
