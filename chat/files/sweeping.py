"""Deletes files that nobody needs any more: first the bytes, then the row."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from ..models import File, FileState, Message
from .service import FOLDERS, delete_bytes
from .storage import files as storage

logger = logging.getLogger(__name__)

PROMISES_KEPT: Final = timedelta(hours=1)  # a ticket's half hour, and the slowest upload
ORPHANS_KEPT: Final = timedelta(days=1)  # for a post that waits in a browser
UNKNOWN_KEPT: Final = timedelta(days=1)
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
    """Remove what was promised and did not come, and what no message took; then delete what is removed.
    False: there is more of it."""
    late = Q(state=FileState.PROMISED, created_at__lt=Now() - PROMISES_KEPT)
    orphaned = Q(state=FileState.STORED, created_at__lt=Now() - ORPHANS_KEPT)
    remove(File.objects.filter(late | orphaned, message=None))
    return delete_removed()


def remove_lost(after: int = 0) -> int:
    """Remove what has lost its message, of the next 500 files after an id. The last one's id; 0: that was
    all."""
    kept = File.objects.filter(pk__gt=after, message__isnull=False, state=FileState.STORED)
    ids = list(kept.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    its_message = Message.objects.filter(pk=OuterRef("message"), deleted_at=None)
    remove(File.objects.filter(~Exists(its_message), pk__in=ids))
    return ids[-1] if len(ids) == AT_ONCE else 0


def delete_removed(ids: Sequence[int] | None = None) -> bool:
    """These (ids), or all. False: there is more of it. What the storage cannot delete now stays for the next
    time."""
    files = File.objects.filter(removed_at__isnull=False)
    removed = list((files if ids is None else files.filter(pk__in=ids)).order_by("removed_at")[:AT_ONCE])
    gone = [file.pk for file in removed if delete_bytes(file)]
    File.objects.filter(pk__in=gone).delete()
    return len(gone) < AT_ONCE


def delete_unknown(turn: int) -> None:
    """Delete the bytes that no row names, if they are a day old, in one folder of the storage: the next with
    each turn. A backup of the database that was restored does not know them."""
    folder = f"{turn % FOLDERS:02x}"
    if not File.objects.exists():
        return  # another database, of a mistaken setting, must not cost the files
    try:
        names = {f"{folder}/{name}" for name in storage.listdir(folder)[1]}
    except FileNotFoundError:
        return
    of_rows = Q(stored_as__startswith=f"{folder}/") | Q(thumbnail_as__startswith=f"{folder}/")
    for row in File.objects.filter(of_rows).values_list("stored_as", "thumbnail_as"):
        names.difference_update(row)
    before = timezone.now() - UNKNOWN_KEPT
    unknown = [name for name in names if storage.get_modified_time(name) < before]
    for name in unknown:
        storage.delete(name)
    if unknown:
        logger.info("Files that no row names were deleted: %d", len(unknown))
