"""The settings of a site whose database finds no more room on its disk while a file `disk-is-full` lies in
the folder where the server runs. No privilege is needed for it, as it is for a small file system."""

from pathlib import Path
from typing import Any

from django.db.backends.signals import connection_created

from chat.tests.harness.site_settings import *  # noqa: F403

SWITCH = Path("disk-is-full")
NO_LIMIT = 2**30  # pages


def _watch(connection: Any, **_: Any) -> None:
    connection.execute_wrappers.append(_limit_pages)


def _limit_pages(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """One page is less than there are: SQLite takes as the limit those that there are."""
    limit = 1 if SWITCH.exists() else NO_LIMIT
    context["connection"].connection.execute(f"PRAGMA max_page_count={limit}")
    return execute(sql, params, many, context)


connection_created.connect(_watch)
