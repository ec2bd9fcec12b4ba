"""A bar on stderr that moves while a step runs, and one line a step where stderr is no terminal."""

import sys
import threading
import time
from types import TracebackType
from typing import Final, Self

WIDTH: Final = 30
REDRAW: Final = 0.5  # seconds


class Progress:
    """Steps have a length in seconds that is guessed beforehand; the bar shows the share of all of them."""

    def __init__(self, expected: float) -> None:
        self._expected = expected
        self._done = 0.0
        self._label = ""
        self._length = 0.0
        self._began = self._step_began = time.monotonic()
        self._end = threading.Event()
        self._live = sys.stderr.isatty()
        self._thread = threading.Thread(target=self._redraw, daemon=True)

    def __enter__(self) -> Self:
        if self._live:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.set()
        if self._live:
            self._thread.join()
            print("\r\033[K", end="", file=sys.stderr)

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._began

    @property
    def behind(self) -> float:
        """Seconds by which the steps before this one and this one so far took longer than was guessed."""
        return self.elapsed - self._done

    def step(self, label: str, length: float) -> None:
        self._done = min(self._expected, self._done + self._length)
        self._label, self._length, self._step_began = label, length, time.monotonic()
        if not self._live:
            print(f"[{self.elapsed:5.0f} s] {label}", file=sys.stderr, flush=True)

    def _redraw(self) -> None:
        while not self._end.wait(REDRAW):
            within = min(self._length, time.monotonic() - self._step_began)
            share = min(1.0, (self._done + within) / self._expected)
            full = round(WIDTH * share)
            bar = "█" * full + "░" * (WIDTH - full)
            line = f"{bar} {share:4.0%}  {self.elapsed:4.0f} s  {self._label}"
            print(f"\r\033[K{line[:110]}", end="", file=sys.stderr, flush=True)
