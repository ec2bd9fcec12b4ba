"""Django's PostgreSQL backend with a time limit on the client's side: a frozen server enforces none."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from math import inf
from typing import Any, Final

from django.db.backends.postgresql import base

LIMIT = 12.0  # seconds: a little more than the server's own statement_timeout
LOOK_INTERVAL: Final = 1.0  # seconds

_waiting: dict[int, tuple[float, "DatabaseWrapper"]] = {}
_gave_up_at = [0.0]
"""When a wait was last given up: connections made before it have probably failed too."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Whatever waits for the server longer than 12 s fails with OperationalError."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(self._execute_limited)
        self._made_at = 0.0
        self._limit = LIMIT

    def lift_limits(self) -> None:
        """For migrations, which may take any time. Only waits for a lock stay limited."""
        self._limit = inf
        with self.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")

    def get_new_connection(self, conn_params: Any) -> Any:
        _start_watching()
        self._made_at = time.monotonic()
        return super().get_new_connection(conn_params)

    def close_if_unusable_or_obsolete(self) -> None:
        if self.connection is not None and not self.in_atomic_block and self._made_at < _gave_up_at[0]:
            self.close()
        super().close_if_unusable_or_obsolete()

    def is_usable(self) -> bool:
        with self._limited():
            return super().is_usable()

    def _commit(self) -> None:
        with self._limited():
            super()._commit()  # type: ignore[misc]

    def _rollback(self) -> None:
        with self._limited():
            super()._rollback()  # type: ignore[misc]

    def _execute_limited(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        with self._limited():
            return execute(sql, params, many, context)

    @contextmanager
    def _limited(self) -> Iterator[None]:
        _waiting[id(self)] = (time.monotonic() + self._limit, self)
        try:
            yield
        finally:
            _waiting.pop(id(self), None)

    def hang_up(self) -> None:
        """End the connection's stream under whoever waits for it: that fails at once."""
        _gave_up_at[0] = time.monotonic()
        try:
            with socket.socket(fileno=os.dup(self.connection.fileno())) as stream:
                stream.shutdown(socket.SHUT_RDWR)
        except Exception:  # noqa: S110  closed meanwhile: then nothing waits any more
            pass


@cache
def _start_watching() -> None:
    threading.Thread(target=_watch, name="database-limit", daemon=True).start()


def _watch() -> None:
    while True:
        time.sleep(LOOK_INTERVAL)
        now = time.monotonic()
        for deadline, wrapper in list(_waiting.values()):
            if now > deadline:
                wrapper.hang_up()
