"""Statements that are written out: the ORM takes longer to build some than the database takes to run them."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from django.db import connection


def select(statement: str, values: Collection[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values])
        rows: list[Any] = cursor.fetchall()
    return rows


def marks(values: Collection[Any]) -> str:
    """A placeholder for each value. Of none, NULL: nothing is in that list."""
    return ", ".join(["%s"] * len(values)) or "NULL"


def now(days: int = 0) -> str:
    """The database's clock, or what it will show so many days later, in the form in which it keeps times."""
    if connection.vendor == "sqlite":
        return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '{days} days')"
    return f"now() + interval '{days} days'"


def aware(time: datetime | None) -> datetime | None:
    """A time as it was read; SQLite keeps no time zones."""
    return time.replace(tzinfo=UTC) if time and time.tzinfo is None else time
