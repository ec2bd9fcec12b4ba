"""Background work that has to go on after an exception."""

import logging
import time
from typing import Final

from django.db import DatabaseError, InterfaceError

from .logging import database_outage

logger = logging.getLogger(__name__)

QUIET: Final = 60.0  # seconds in which the same work does not log a second traceback

_logged_at: dict[str, float] = {}  # by complaint


class surviving:  # noqa: N801  it reads as a verb
    """Log what the block raises and go on after it. A database that is away is one line an outage; anything
    else is a bug of ours, so its traceback is logged, once a minute for each `complaint`."""

    __slots__ = ("_complaint",)

    def __init__(self, complaint: str) -> None:
        self._complaint = complaint

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> bool:
        complaint, now = self._complaint, time.monotonic()
        if isinstance(error, DatabaseError | InterfaceError):
            database_outage.warning("%s: %s", complaint, str(error).strip())
        elif isinstance(error, Exception) and now - _logged_at.get(complaint, -QUIET) >= QUIET:
            _logged_at[complaint] = now
            logger.error(complaint, exc_info=error)
        return isinstance(error, Exception)
