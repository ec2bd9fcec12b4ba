"""The results as a table for a terminal."""

from collections.abc import Sequence

from .contenders import BY_KEY
from .goals import GOALS
from .results import Results

DELIVERIES = ("cpu_us", "p50_ms", "p99_ms", "delivered", "others_share")


def draw(results: Results) -> str:
    goals = [
        [g.what, g.show(g.value(results)), g.limit(g.floor), g.limit(g.aim), g.verdict(results)]
        for g in GOALS
        if g.value(results) is not None
    ]
    return "\n\n".join(
        filter(
            None,
            [
                _table(["what", "measured", "floor", "aim", ""], goals),
                _table(
                    ["load", "server", "µs a delivery", "p50 ms", "p99 ms", "delivered", "noise"],
                    _runs(results),
                ),
                *(f"left out: {line}" for line in results.left_out),
            ],
        )
    )


def _runs(results: Results) -> list[list[str]]:
    rows = []
    for measurement in results.measurements:
        figures = measurement.figures
        if "cpu_us" in figures:
            share = figures["delivered"] / figures["expected"] if figures["expected"] else 0
            rows.append(
                [
                    measurement.scenario,
                    BY_KEY[measurement.contender].title,
                    f"{figures['cpu_us']:.2f}",
                    f"{figures['p50_ms']:,.1f}",
                    f"{figures['p99_ms']:,.1f}",
                    "all" if figures["all_delivered"] else f"{share:.1%}",
                    f"{figures['others_share']:.2f}",
                ]
            )
    return rows


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    lines = [_line(head, widths), "  ".join("─" * width for width in widths)]
    return "\n".join(lines + [_line(row, widths) for row in rows])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join([first, *others]).rstrip()
