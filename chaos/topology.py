"""What a schedule runs on: which servers, which database, which layer between them."""

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Topology:
    database: str = "sqlite"  # or "postgresql"
    layer: str = "redis"  # or "memory": processes that cannot reach each other at all
    servers: tuple[str, ...] = ("daphne", "daphne")
    proxied: bool = False  # Redis, or PostgreSQL where there is no Redis, is reached through our proxy
    unreliable: bool = False  # the layer is wrapped: it drops, doubles, reorders when told to
    small_disk: bool = False  # the SQLite file is on a disk of a few MiB
    clocks: bool = False  # the clocks of neighbouring processes are five minutes apart

    def meets(self, needs: dict[str, Any]) -> bool:
        return all(getattr(self, name) == value for name, value in needs.items())

    def __str__(self) -> str:
        flags = [f.name for f in fields(self) if getattr(self, f.name) is True]
        return " ".join([f"{'+'.join(self.servers)}, {self.database}, {self.layer} layer", *flags])
