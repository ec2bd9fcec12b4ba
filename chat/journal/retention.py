"""What is kept for a number of days: the messages of rooms that say so, and reports' copies of texts."""

from django.db.models import Exists, OuterRef

from ..models import EarlierText, Mention, Message, Report, Room
from .service import write_all_steps
from .types import Expire, Outcome, WriteRequest


def expire_requests() -> list[WriteRequest]:
    """One for each room with a limit. Each goes on until no older message is left."""
    rooms = Room.objects.filter(retention_days__isnull=False).order_by("pk")
    return [WriteRequest(name, key, None, Expire()) for name, key in rooms.values_list("name", "key")]


def purge_expired() -> list[Outcome]:
    """Remove from all rooms what is older than they keep it; gives what became of it in each room. Call it
    outside a transaction."""
    return [write_all_steps([request])[-1] for request in expire_requests()]


def drop_old_copies() -> None:
    """Remove the reports' copies of texts after 30 days, and earlier texts and mentions whose message is
    deleted."""
    Report.objects.drop_old_copies()
    # A process of a release that does not know these two tables leaves their rows behind.
    message = Exists(Message.objects.filter(pk=OuterRef("message_id"), deleted_at=None))
    EarlierText.objects.exclude(message).delete()
    Mention.objects.exclude(message).delete()
