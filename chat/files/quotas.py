"""How many bytes of files a participant, an address, a room and the site may keep, and what the disk has."""

import shutil
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q, Sum
from django.db.models.functions import Now

from ..models import File
from .refused import FileRefused, refusal_of
from .storage import files_root

MB: Final = 1_000_000
DISK_RESERVE: Final = 256 * MB  # that stay free: the database may be on the same disk
A_DAY: Final = timedelta(days=1)
LATER: Final = 3600.0  # seconds: when it may be worth trying again


def check(room_key: str, owner_key: str, network: str, size: int) -> None:
    """Whether so many bytes more may be kept, or FileRefused (`quota`, `disk_full`). What is promised counts
    like what is stored. Requests of the same moment may exceed a quota by a file each."""
    check_disk(size)
    for quota, scope, key in (
        (settings.QUOTA_PARTICIPANT, Q(owner_key=owner_key), "quota.participant"),
        (settings.QUOTA_ADDRESS, Q(network=network, created_at__gt=Now() - A_DAY), "quota.address"),
        (settings.QUOTA_ROOM, Q(room_key=room_key), "quota.room"),
        (settings.QUOTA_SITE, Q(), "quota.site"),
    ):
        if not quota or (key == "quota.address" and not network):
            continue
        kept = File.objects.filter(scope).aggregate(sum=Sum("size"))["sum"] or 0
        if kept + size > quota * MB:
            raise FileRefused(key, wait=LATER, max=quota)


def check_disk(size: int) -> None:
    try:
        free = shutil.disk_usage(files_root()).free
    except OSError as error:
        raise refusal_of(error) from None
    if free < size + DISK_RESERVE:
        raise FileRefused("disk_full", wait=60)
