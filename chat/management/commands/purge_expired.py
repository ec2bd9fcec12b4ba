"""Remove what is older than its room keeps messages, where the site's daily task is not waited for."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.journal.retention import purge_expired
from chat.journal.types import Refused


class Command(BaseCommand):
    help = "Remove the messages that are older than their rooms keep them."

    def handle(self, **options: Any) -> None:
        outcomes = purge_expired()
        count = len(outcomes)
        failed = [outcome.text for outcome in outcomes if isinstance(outcome, Refused)]
        if failed:
            raise CommandError(f"Old messages stay in {len(failed)} of {count} rooms: {failed[0]}")
        self.stdout.write(f"Rooms that keep messages for a time only: {count}. Nothing older is left.")
