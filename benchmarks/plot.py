"""The results as one SVG picture: two panels of bars on logarithmic scales, legible on light and on dark."""

import math
from dataclasses import dataclass
from html import escape
from typing import Final

from .contenders import CONTENDERS
from .results import Results

RATES: Final = (20, 50, 1000)
COLOURS: Final = ("#2563eb", "#0891b2", "#dc2626", "#65a30d", "#a16207")  # as CONTENDERS
WIDTH: Final = 760
LABELS: Final = 190
BAR: Final = 15
GAP: Final = 20
HEAD: Final = 46
STYLE: Final = """
text { font: 12px system-ui, sans-serif; fill: #1f2937; }
.title { font-weight: 600; font-size: 14px; }
.muted { fill: #6b7280; }
line { stroke: #9ca3af; stroke-opacity: .45; }
@media (prefers-color-scheme: dark) {
  text { fill: #e5e7eb; }
  .muted { fill: #9ca3af; }
}
"""


@dataclass(frozen=True)
class Panel:
    title: str
    figure: str
    unit: str
    low: float
    high: float

    def x(self, value: float) -> float:
        """Where a value stands, the scale being logarithmic."""
        share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return LABELS + (WIDTH - LABELS - 90) * min(1.0, share)


PANELS: Final = (
    Panel("Processor time of the server a delivered message (µs)", "cpu_us", "µs", 0.3, 500),
    Panel("99 of 100 messages arrive within (ms)", "p99_ms", "ms", 3, 20_000),
)


def draw(results: Results) -> str:
    """500 sockets in one room; shorter is better."""
    parts: list[str] = []
    y = 10.0
    for panel in PANELS:
        y = _panel(parts, results, panel, y)
    body = "\n".join(parts)
    size = f'viewBox="0 0 {WIDTH} {y:.0f}" width="{WIDTH}" height="{y:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    title = "<title>500 sockets in one room: processor time a delivered message, and delay</title>"
    return f"{head}\n{title}\n<style>{STYLE}</style>\n{body}\n</svg>\n"


def _panel(parts: list[str], results: Results, panel: Panel, top: float) -> float:
    parts.append(_text(8, top + 14, panel.title, "title"))
    parts.append(_text(8, top + 30, "500 sockets in one room, logarithmic scale, shorter is better", "muted"))
    y = top + HEAD
    bars: list[str] = []
    for rate in RATES:
        begun = y
        for contender, colour in zip(CONTENDERS, COLOURS, strict=True):
            value = results.get(f"room_{rate}", contender.key, panel.figure)
            if value is None:
                continue
            if y == begun:
                bars.append(_text(8, y + 12, f"{rate:,} msg/s", "title"))
                y += GAP
            whole = results.get(f"room_{rate}", contender.key, "all_delivered")
            note = "" if whole else " – not all"
            width = max(2.0, panel.x(value) - LABELS)
            bars.append(_text(LABELS - 8, y + 12, contender.title, anchor="end"))
            place = f'x="{LABELS}" y="{y + 1:.0f}" width="{width:.1f}" height="{BAR - 2}"'
            bars.append(f'<rect {place} rx="2" fill="{colour}"/>')
            bars.append(_text(LABELS + width + 6, y + 12, f"{_short(value)}{note}", "muted"))
            y += BAR + 3
        y += 8
    parts.extend(_grid(panel, top + HEAD, y - 6))
    parts.extend(bars)
    return y + 24


def _grid(panel: Panel, top: float, bottom: float) -> list[str]:
    lines = []
    power = math.ceil(math.log10(panel.low))
    while 10.0**power <= panel.high:
        x = panel.x(10.0**power)
        lines.append(f'<line x1="{x:.1f}" y1="{top:.0f}" x2="{x:.1f}" y2="{bottom:.0f}"/>')
        lines.append(_text(x, bottom + 14, f"{10**power:,g} {panel.unit}", "muted", "middle"))
        power += 1
    return lines


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    look = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{look}>{escape(text)}</text>'
