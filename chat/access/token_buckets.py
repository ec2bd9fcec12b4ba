"""Token buckets: how often something may happen.

A bucket of 40 in 10 s lets 40 through at once and is full again after 10 s, so 4 a second pass for ever. It
keeps no tokens, only the moment at which it will be full again.
"""

import time
from collections import OrderedDict
from threading import Lock
from typing import Final, NamedTuple

BUCKETS_MAX: Final = 50_000  # of a kind; beyond it the oldest is forgotten, full or not
QUEUE: Final = 200
"""Those who wait and are each given a time of their own, where a turn comes within a second."""
ROUNDING: Final = 1e-6  # seconds: sums of steps are not exact


class Limit(NamedTuple):
    """So many at once, and so many again within that many seconds."""

    most: int
    seconds: float


CONTROL_FRAMES: Final = Limit(500, 10.0)
"""What a socket may send that is no message: control frames, and the pieces of messages beyond the first."""

REFUSALS: Final = Limit(200, 20.0)
"""How often a socket is asked to wait before it is closed. A client that complies, and sends all that was
written while it was offline, is refused each of those messages once."""


class Bucket:
    __slots__ = ("_full_at", "_seconds", "_step")

    def __init__(self, limit: Limit) -> None:
        self._seconds = limit.seconds
        self._step = limit.seconds / limit.most
        self._full_at = 0.0

    def take(self) -> bool:
        now = time.monotonic()
        full_at = max(self._full_at, now) + self._step
        if full_at - now > self._seconds + ROUNDING:
            return False
        self._full_at = full_at
        return True


class Buckets:
    """A kind's buckets, by participant or by network. Not for two threads at once."""

    def __init__(self, limit: Limit) -> None:
        self._seconds = limit.seconds
        self._step = limit.seconds / limit.most
        self._queue = QUEUE * self._step if self._step <= 1 else 0.0
        self._full_at: OrderedDict[str, float] = OrderedDict()
        self._turns: dict[str, float] = {}

    @property
    def count(self) -> int:
        return len(self._full_at)

    def wait(self, key: str, now: float, count: int = 1) -> float:
        """Seconds until there are so many tokens; not above 0 when there are."""
        return max(self._full_at.get(key, now), now) + count * self._step - self._seconds - now - ROUNDING

    def take(self, key: str, now: float) -> None:
        full_at = self._full_at.get(key)
        if full_at is None:
            self._forget_some(now)
            full_at = now
        self._full_at[key] = max(full_at, now) + self._step

    def turn(self, key: str, now: float) -> float:
        """Seconds until a refused request should be repeated. Each gets a time of its own, so that a hundred
        that wait do not come back together, again and again. It is a hint and no reservation."""
        soonest = now + self.wait(key, now) + ROUNDING
        turn = max(soonest, min(self._turns.get(key, 0.0) + self._step, soonest + self._queue))
        self._turns[key] = turn
        return turn - now

    def _forget_some(self, now: float) -> None:
        """Each new bucket examines the two that were examined longest ago: it never takes long."""
        for _ in range(min(2, len(self._full_at))):
            key, full_at = next(iter(self._full_at.items()))
            if full_at <= now or len(self._full_at) >= BUCKETS_MAX:
                del self._full_at[key]
                self._turns.pop(key, None)
            else:
                self._full_at.move_to_end(key)


class AttemptLimiter:
    """How often something happened, where that is known only afterwards or has no setting."""

    def __init__(self, limit: Limit | None) -> None:
        self._lock = Lock()
        self._buckets = limit and Buckets(limit)

    def wait(self, whose: str, count: int = 1) -> float:
        """Seconds until it may happen, or so often; 0 when it may now."""
        if not self._buckets:
            return 0.0
        with self._lock:
            return max(0.0, self._buckets.wait(whose, time.monotonic(), count))

    def record(self, whose: str, count: int = 1) -> None:
        if self._buckets:
            with self._lock:
                for _time in range(count):
                    self._buckets.take(whose, time.monotonic())
