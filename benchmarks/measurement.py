"""What a scenario brings: figures under names, and the noise beside them."""

from dataclasses import asdict, dataclass, field
from typing import Any

from .load import Crowd, percentile
from .processor import Stopwatch

NOISE_MAX = 0.3  # of one processor, used by others, from which on a measurement is made again
KEPT_UP_P99 = 1000.0  # ms: a server whose delays grow beyond has not kept up


@dataclass
class Measurement:
    scenario: str
    contender: str
    figures: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def noise(self) -> float:
        return self.figures.get("others_share", 0.0)

    @property
    def kept_up(self) -> bool:
        return self.figures["all_delivered"] == 1 and self.figures["p99_ms"] <= KEPT_UP_P99

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def noise_of(watch: Stopwatch) -> dict[str, float]:
    return {
        "seconds": round(watch.elapsed, 2),
        "server_share": round(watch.server / watch.elapsed, 3),
        "services_share": round(watch.service / watch.elapsed, 3),
        "generator_share": round(watch.ours / watch.elapsed, 3),
        "others_share": round(watch.others_share, 3),
    }


def delivery_figures(crowd: Crowd, watch: Stopwatch, rate: float) -> dict[str, float]:
    """Of a crowd that has talked and drained."""
    delays = crowd.delays()
    delivered = crowd.delivered
    return {
        "sockets": len(crowd.sockets),
        "rate": rate,
        "sent": sum(crowd.sent.values()),
        "expected": crowd.expected,
        "delivered": delivered,
        "all_delivered": float(crowd.complete and not crowd.orders_differ()),
        "lost_sockets": crowd.lost_sockets,
        "frames": crowd.frames,
        "cpu_us": round(watch.server / delivered * 1e6, 3) if delivered else 0.0,
        "services_cpu_us": round(watch.service / delivered * 1e6, 3) if delivered else 0.0,
        "p50_ms": round(percentile(delays, 0.5) / 1000, 2),
        "p99_ms": round(percentile(delays, 0.99) / 1000, 2),
        "max_ms": round(percentile(delays, 1) / 1000, 2),
        **noise_of(watch),
    }
