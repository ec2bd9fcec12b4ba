"""What the log says while something is away: one line an outage, not one an attempt."""

import logging
import time

redis_outage = logging.getLogger("chat.outage.redis")
database_outage = logging.getLogger("chat.outage.database")


class OneLineAnOutage(logging.Filter):
    """Lets the first record of an outage pass, as one line. (The pub/sub layer alone logs a traceback a
    second while Redis is away.)"""

    QUIET = 30.0  # seconds without a record end an outage

    def __init__(self) -> None:
        super().__init__()
        self._last = -self.QUIET

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        first = now - self._last >= self.QUIET
        self._last = now
        if first and record.exc_info:
            record.msg, record.args = "%s: %s", (record.getMessage(), record.exc_info[1])
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
        return first


class OneLine(logging.Filter):
    """For what any stranger can cause: the line without its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        return True


class BrokenTextIsNoError(logging.Filter):
    """A peer that sends broken UTF-8 is closed with 1007; uvicorn logs a traceback for it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], UnicodeDecodeError):
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.exc_info = record.exc_text = None
        return True
