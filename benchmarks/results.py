"""All measurements of one run, and where they are kept."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .measurement import Measurement


@dataclass
class Results:
    machine: dict[str, str]
    measurements: list[Measurement] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    seconds: float = 0.0
    quick: bool = False

    def __post_init__(self) -> None:
        self.asked: list[Measurement] = []
        """What `find` has found since this list was last emptied."""

    def find(self, scenario: str, contender: str) -> Measurement | None:
        for measurement in self.measurements:
            if (measurement.scenario, measurement.contender) == (scenario, contender):
                self.asked.append(measurement)
                return measurement
        return None

    def get(self, scenario: str, contender: str, figure: str) -> float | None:
        found = self.find(scenario, contender)
        return found.figures.get(figure) if found else None

    def ratio(self, scenario: str, ours: str, theirs: str, figure: str) -> float | None:
        """Ours divided by theirs, of the same run."""
        one, other = self.get(scenario, ours, figure), self.get(scenario, theirs, figure)
        return one / other if one is not None and other else None

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Results":
        fields: dict[str, Any] = json.loads(path.read_text())
        fields["measurements"] = [Measurement(**each) for each in fields["measurements"]]
        return cls(**fields)
