"""Log filters."""

import logging
import time


class OneLineAnOutage(logging.Filter):
    """The pub/sub layer logs a traceback a second while Redis is away: one line an outage says the same."""

    QUIET = 30.0  # seconds without a record end an outage

    def __init__(self) -> None:
        super().__init__()
        self._last = -self.QUIET

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        first = now - self._last >= self.QUIET
        self._last = now
        if first:
            error = record.exc_info[1] if record.exc_info else None
            record.msg, record.args = (
                "Redis is away: %s",
                (error or record.getMessage(),),
            )
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
        return first
