"""Remove what is older than its room keeps messages.

The site does this once a day by itself; this command is for a site that nobody visits, and for whoever
does not want to wait. Open browsers drop the messages too.
"""

from typing import Any

from django.core.management.base import BaseCommand

from chat.retention import purge_expired


class Command(BaseCommand):
    help = "Remove the messages that are older than their rooms keep them."

    def handle(self, **options: Any) -> None:
        count = purge_expired()
        self.stdout.write(f"{count} rooms keep messages for a time only: nothing older is left in them.")
