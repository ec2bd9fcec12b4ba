"""A limit for statements on our side of the wire: a frozen PostgreSQL enforces none of its own.

Without it the thread of a page, of the journal or of a read would hang for as long as the server does.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from django.db.backends.signals import connection_created
from django.dispatch import receiver

LIMIT: Final = 12.0  # seconds: a little more than the server's own statement_timeout
LOOK_INTERVAL: Final = 1.0  # seconds

_running: dict[int, tuple[float, Any]] = {}


@receiver(connection_created)
def limit_statements(connection: Any, **_: Any) -> None:
    """Every new connection to PostgreSQL: its statements fail with OperationalError after 12 s."""
    if connection.vendor != "postgresql":
        return
    if _limited not in connection.execute_wrappers:
        connection.execute_wrappers.append(_limited)
    _start_watching()


def _limited(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    wrapper = context["connection"]
    _running[id(wrapper)] = (time.monotonic() + LIMIT, wrapper.connection)
    try:
        return execute(sql, params, many, context)
    finally:
        _running.pop(id(wrapper), None)


@cache
def _start_watching() -> None:
    threading.Thread(target=_watch, name="statement-limit", daemon=True).start()


def _watch() -> None:
    while True:
        time.sleep(LOOK_INTERVAL)
        now = time.monotonic()
        for deadline, connection in list(_running.values()):
            if now > deadline:
                _hang_up(connection)


def _hang_up(connection: Any) -> None:
    """End the connection's stream under it: the waiting statement fails at once."""
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as stream:
            stream.shutdown(socket.SHUT_RDWR)
    except Exception:  # noqa: S110  closed meanwhile: then nothing waits any more
        pass
