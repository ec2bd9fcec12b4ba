"""Times that are asserted: measured, and measured twice more before a test fails."""

import math
import time
from collections.abc import Awaitable, Callable, Sequence

PROMPT = 0.3  # seconds: within which a stranger's neighbours are answered
PROBES = 50

Ask = Callable[[], Awaitable[object]]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


async def p95_of(ask: Ask, count: int = PROBES) -> float:
    """Seconds within which 95 of 100 answers came; `ask` returns when its answer is there."""
    times = []
    for _ in range(count):
        start = time.monotonic()
        await ask()
        times.append(time.monotonic() - start)
    return percentile(times, 0.95)


def prompt_limit(undisturbed: float) -> float:
    """Seconds: 0.3, or three times what the same probe takes undisturbed, whichever is more."""
    return max(PROMPT, 3 * undisturbed)


async def assert_at_most(limit: float, measure: Callable[[], Awaitable[float]], what: str) -> None:
    """A figure over the limit is measured again, twice at most, before the test fails with all three."""
    figures: list[float] = []
    for _ in range(3):
        figures.append(await measure())
        if figures[-1] <= limit:
            return
    raise AssertionError(f"{what}: {figures}, at most {limit:.3f}")
