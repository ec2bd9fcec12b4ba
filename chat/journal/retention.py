"""What is kept for a number of days: the messages of rooms that say so, and reports' copies of texts."""

from ..models import EarlierText, Mention, Report, Room
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
    EarlierText.objects.left_over().delete()
    Mention.objects.left_over().delete()
