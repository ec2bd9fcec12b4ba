"""The index follows the messages, behind their commits."""

from typing import Final

from django.db import connection

from ..models import Message, SearchPending
from . import index
from .contents import COLUMNS, entry_of

STEP: Final = 200  # messages that one transaction stores: others wait less than 20 ms
MARKED_AT_ONCE: Final = 50_000  # messages


def pending(low: int, high: int, limit: int) -> list[int]:
    """The newest messages (from `low` to below `high`) that are not indexed yet."""
    rows = SearchPending.objects.filter(pk__gte=low, pk__lt=high).order_by("-pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def index_step(count: int = STEP) -> int:
    """Index the oldest pending messages, at most so many: how many were looked at. Call it outside a
    transaction, on a thread that writes nothing else."""
    pks = list(SearchPending.objects.order_by("pk").values_list("pk", flat=True)[:count])
    if not pks:
        return 0
    messages = Message.objects.filter(pk__in=pks, deleted_at=None).order_by("pk")
    entries = [entry_of(*row) for row in messages.values_list(*COLUMNS)]
    gone = {*pks}.difference(entry.message_id for entry in entries)
    index.add(entries, gone)
    index.tidy()
    return len(pks)


def begin_anew() -> None:
    """Every entry is replaced from now on. Until then a message is found by the one that it has."""
    newest = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with connection.cursor() as cursor:
        for first in range(0, newest + 1, MARKED_AT_ONCE):
            cursor.execute(
                "INSERT INTO chat_searchpending SELECT id FROM chat_message WHERE id >= %s AND id < %s"
                " AND deleted_at IS NULL ON CONFLICT DO NOTHING",
                [first, first + MARKED_AT_ONCE],
            )
