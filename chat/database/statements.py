"""Statements that are written out: the ORM takes longer to build some than the database takes to run them."""

from collections.abc import Collection
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


def now() -> str:
    """The database's clock, in the form in which it keeps times."""
    return "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')" if connection.vendor == "sqlite" else "now()"
