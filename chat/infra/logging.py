"""Log output: one line a record, whatever clients send, and one line an outage, not one an attempt."""

import logging
import textwrap
import time
from types import TracebackType
from typing import Final

redis_outage = logging.getLogger("chat.outage.redis")
database_outage = logging.getLogger("chat.outage.database")


HARMFUL: Final = (
    *range(0x20),  # C0: newlines, and what moves a terminal's cursor
    *range(0x7F, 0xA0),  # DEL and C1
    *(0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)),  # turn the text around
    *(0x2028, 0x2029),  # lines to some readers
    *range(0xD800, 0xE000),  # halves of characters, which no stream can write
)
ESCAPED: Final = {number: ascii(chr(number))[1:-1] for number in HARMFUL}
"""For `str.translate`: each of them as Python would write it."""

ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def escaped(text: str) -> str:
    """The text on one line, with nothing in it that a log or a terminal could take for more than text."""
    return text.translate(ESCAPED)


class OneLineARecord(logging.Formatter):
    """A record is one line. A traceback keeps its own, indented, so that none looks like a record."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        return escaped(super().formatMessage(record))

    def formatException(self, ei: ErrorInfo) -> str:  # noqa: N802
        return _indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return _indented(super().formatStack(stack_info))


def _indented(text: str) -> str:
    return textwrap.indent("\n".join(escaped(line) for line in text.split("\n")), "  ")


class OneLineAnOutage(logging.Filter):
    """Lets the first record of an outage pass, as one line: the pub/sub layer logs a traceback a second."""

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


class OneLineARefusal(logging.Filter):
    """What any stranger can cause, a bad request or a suspicious one: the line without its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        is_refused = record.name == "django.request" and record.levelno < logging.ERROR
        if is_refused or record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
        return True


class BrokenTextIsNoError(logging.Filter):
    """A peer that sends broken UTF-8 is closed with 1007; uvicorn logs a traceback for it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], UnicodeDecodeError):
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.exc_info = record.exc_text = None
        return True
