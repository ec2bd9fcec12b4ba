"""How far a run is, on standard error."""

import shutil
import sys
import time
from types import TracebackType
from typing import Any, Self


class Progress:
    """A bar that is drawn again in place; on something that is no terminal, a line now and then."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._failed = 0
        self._acked = 0
        self._began = time.monotonic()
        self._live = sys.stderr.isatty()

    def step(self, result: dict[str, Any]) -> None:
        self._done += 1
        self._acked += result["acked"]
        if result["problems"]:
            self._failed += 1
            self._say(f"FAILED {result['description']}\n  " + "\n  ".join(result["problems"]))
        self._draw()

    def _say(self, text: str) -> None:
        sys.stderr.write(("\r\033[K" if self._live else "") + text + "\n")

    def _draw(self) -> None:
        passed = time.monotonic() - self._began
        left = passed / self._done * (self._total - self._done)
        words = (
            f" {self._done}/{self._total} schedules, {self._acked} writes acked, {self._failed} failed,"
            f" {left / 60:.0f} min {left % 60:02.0f} s left"
        )
        if self._live:
            width = max(10, min(40, shutil.get_terminal_size().columns - len(words) - 3))
            full = width * self._done // self._total
            sys.stderr.write(f"\r\033[K[{'█' * full}{'·' * (width - full)}]{words}")
            sys.stderr.flush()
        elif self._done % max(1, self._total // 20) == 0:
            self._say(words.strip())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            sys.stderr.write("\r\033[K")
