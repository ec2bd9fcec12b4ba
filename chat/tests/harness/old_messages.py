"""Messages from some time ago."""

import datetime

from django.utils import timezone

from chat.access.identity import Identity
from chat.journal.service import write
from chat.models import Message, Room

from .write_requests import (
    ALICE,
    post,
)

NOW = timezone.now()
DAY = datetime.timedelta(days=1)


def said_before(count: int, age: datetime.timedelta, who: Identity = ALICE, room: str = "tea") -> None:
    """Messages from some time ago, each a second after the one before, put where the journal put them."""
    before = Message.objects.filter(room__key=room).count()
    for start in range(0, count, 500):
        write([post(f"{n}", who, room) for n in range(start, min(start + 500, count))])
    rows = list(Message.objects.filter(room__key=room, sequence__gt=before).order_by("sequence"))
    for n, row in enumerate(rows):
        row.sent_at = NOW - age + datetime.timedelta(seconds=n)
    Message.objects.bulk_update(rows, ["sent_at"], batch_size=500)


def room(key: str = "tea") -> Room:
    return Room.objects.get(key=key)


def places(key: str = "tea") -> list[int]:
    return list(Message.objects.filter(room__key=key).order_by("sequence").values_list("sequence", flat=True))
