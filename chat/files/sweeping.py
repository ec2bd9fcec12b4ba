"""Deletes files that nobody needs any more: first the bytes, then the row."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from ..models import File, FileState, Message
from .service import delete_bytes

PROMISES_KEPT: Final = timedelta(hours=1)  # a ticket's half hour, and the slowest upload
ORPHANS_KEPT: Final = timedelta(days=1)  # for a post that waits in a browser
AT_ONCE: Final = 500


def take_back(key: str, owner_key: str) -> bool:
    """Remove a file of one's own that no message has. False where there is none."""
    files = File.objects.filter(key=key, owner_key=owner_key, message=None).exclude(state=FileState.REMOVED)
    ids = list(files.values_list("pk", flat=True))
    if not ids or not remove(files):
        return False
    delete_removed(ids)
    return True


def remove(files: QuerySet[File]) -> int:
    """Nobody is shown them from the commit on. How many there were."""
    return files.update(state=FileState.REMOVED, removed_at=Now())


def sweep() -> bool:
    """Remove what was promised and did not come, what no message took, and what has lost its message; then
    delete what is removed. False: there is more of it."""
    late = Q(state=FileState.PROMISED, created_at__lt=Now() - PROMISES_KEPT)
    orphaned = Q(state=FileState.STORED, created_at__lt=Now() - ORPHANS_KEPT)
    remove(File.objects.filter(late | orphaned, message=None))
    its_message = Message.objects.filter(pk=OuterRef("message"), deleted_at=None)
    lost = File.objects.filter(~Exists(its_message), message__isnull=False, state=FileState.STORED)
    ids = list(lost.values_list("pk", flat=True)[:AT_ONCE])
    remove(File.objects.filter(pk__in=ids))
    return delete_removed() and len(ids) < AT_ONCE


def delete_removed(ids: Sequence[int] | None = None) -> bool:
    """These (ids), or all. False: there is more of it. What the storage cannot delete now stays for the next
    time."""
    files = File.objects.filter(removed_at__isnull=False)
    removed = list((files if ids is None else files.filter(pk__in=ids)).order_by("removed_at")[:AT_ONCE])
    gone = [file.pk for file in removed if delete_bytes(file)]
    File.objects.filter(pk__in=gone).delete()
    return len(gone) < AT_ONCE
