"""Rooms that keep messages for a number of days: what is older is removed, for good."""

import datetime
from collections.abc import Iterator

from django.utils import timezone

from .drafts import Draft, Expire
from .journal import write_and_publish
from .models import Room


def drafts_of_what_expired(now: datetime.datetime | None = None) -> Iterator[Draft]:
    """What is to be removed from which room. A draft goes on until nothing old is left in its room."""
    now = now or timezone.now()
    rooms = Room.objects.filter(retention_days__isnull=False).order_by("pk")
    for name, key, days in rooms.values_list("name", "key", "retention_days"):
        if days is not None:
            yield Draft(name, key, None, Expire(now - datetime.timedelta(days=days)))


def purge_expired(now: datetime.datetime | None = None) -> int:
    """Remove from all rooms what is older than they keep it; gives the number of rooms that keep messages
    for a time only. Call it outside a transaction."""
    drafts = list(drafts_of_what_expired(now))
    for draft in drafts:
        write_and_publish([draft])
    return len(drafts)
