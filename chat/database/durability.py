"""Transactions that trade durability for speed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def relaxed_durability() -> Iterator[None]:
    """A transaction whose commit does not wait for the disk: a power failure may lose it, never corrupt it.

    Only for what can be computed again. In SQLite the thread's connection keeps the mode: call it only on a
    thread that writes nothing else."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            cursor.execute("PRAGMA synchronous = NORMAL")
        with transaction.atomic():
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL synchronous_commit TO off")
            yield
