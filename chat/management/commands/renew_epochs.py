"""After a backup was restored: give every room a new epoch.

Its next messages would get numbers that browsers know already; under a new epoch they start afresh. Running
processes notice counters that went back by themselves: this is for a restore while none ran.
"""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from chat.models import Room
from chat.protocol.ids import new_epoch


class Command(BaseCommand):
    help = "Give every room a new epoch; to be run after a backup was restored."

    def handle(self, **options: Any) -> None:
        with transaction.atomic():
            rooms = list(Room.objects.select_for_update(no_key=True).order_by("key").only("pk"))
            for room in rooms:
                room.epoch = new_epoch()
            Room.objects.bulk_update(rooms, ["epoch"], batch_size=500)
        self.stdout.write(f"{len(rooms)} rooms began a new epoch.")
