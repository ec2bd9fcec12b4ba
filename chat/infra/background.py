"""Background work that has to go on after an exception."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import DatabaseError, InterfaceError

from .logging import database_outage

logger = logging.getLogger(__name__)

QUIET: Final = 60.0  # seconds in which the same work does not log a second traceback

_logged_at: dict[str, float] = {}  # by complaint


@contextmanager
def surviving(complaint: str) -> Iterator[None]:
    """Log what the block raises and go on after it. A database that is away is one line an outage; anything
    else is a bug of ours, so its traceback is logged, once a minute for each `complaint`."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        database_outage.warning("%s: %s", complaint, str(error).strip())
    except Exception:
        now = time.monotonic()
        if now - _logged_at.get(complaint, -QUIET) >= QUIET:
            _logged_at[complaint] = now
            logger.exception(complaint)
