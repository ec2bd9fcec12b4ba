"""The ordering rule of a feed, pure: which batch of changes may be delivered now."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from ..journal.changes import Batch

HELD_MAX: Final = 64  # batches


class Disposition(Enum):
    DELIVER = auto()
    SEEN = auto()
    GAP = auto()
    """Changes before this batch are missing: wait a little, then read the database."""
    EPOCH_CHANGED = auto()
    """Another epoch, or other messages under numbers we know: read everything anew."""


@dataclass(slots=True)
class Sequencer:
    """A cursor (epoch, revision) and the batches that came too early.

    `epoch` None means: the room has no row yet. Its first batch sets the epoch.
    """

    epoch: str | None = None
    revision: int = 0
    held: list[Batch] = field(default_factory=list)

    def classify(self, batch: Batch) -> Disposition:
        if self.epoch not in (None, batch.epoch):
            return Disposition.EPOCH_CHANGED
        if batch.revision <= self.revision:
            return Disposition.SEEN
        return Disposition.DELIVER if batch.after <= self.revision else Disposition.GAP

    def advance(self, batch: Batch) -> None:
        """The batch is delivered: the cursor moves to its end."""
        self.epoch, self.revision = batch.epoch, batch.revision

    def hold(self, batch: Batch) -> None:
        """Keep a batch for later; more than 64 are dropped, and a repair reads them from the database."""
        if len(self.held) < HELD_MAX:
            self.held.append(batch)
            self.held.sort(key=lambda b: b.after)

    def forget(self, batches: list[Batch]) -> None:
        """Drop these batches if they are still held."""
        self.held = [batch for batch in self.held if batch not in batches]

    def release(self) -> Batch | None:
        """The next held batch that is in order now; those seen meanwhile are dropped."""
        while self.held:
            disposition = self.classify(self.held[0])
            if disposition is Disposition.GAP:
                return None
            batch = self.held.pop(0)
            if disposition is Disposition.DELIVER:
                return batch
        return None

    def start_at(self, epoch: str | None, revision: int) -> None:
        """Set the cursor to what was read from the database."""
        self.epoch, self.revision = epoch, revision
