"""Index for search what is not indexed yet. The site does that by itself, more slowly.

People may write and search meanwhile; it can be stopped and started again.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from chat.models import SearchPending
from chat.search import indexer


class Command(BaseCommand):
    help = "Index for search the messages that are not indexed yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anew", action="store_true", help="Replace the whole index.")

    def handle(self, *, anew: bool, **options: Any) -> None:
        if anew:
            indexer.begin_anew()
        total = SearchPending.objects.count()
        done = 0
        while step := indexer.index_step():
            done += step
            share = min(1.0, done / total)
            self.stdout.write(f"\r[{'#' * int(40 * share):40}] {share:4.0%}  {done} of {total}", ending="")
            self.stdout.flush()
        self.stdout.write(f"\n{done} changes were indexed." if done else "The index has everything.")
