"""Rooms that keep messages for a number of days: older ones are deleted for good."""

from ..models import Room
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
