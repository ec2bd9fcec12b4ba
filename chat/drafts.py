"""What may be written, who writes it, and what became of it: the journal's vocabulary. Pure."""

from dataclasses import dataclass

from . import protocol
from .changes import Batch


@dataclass(frozen=True, slots=True)
class Identity:
    """Who speaks. `name` is what a participant without a row yet will be called."""

    key: str
    name: str
    user_id: int | None = None

    @property
    def author(self) -> protocol.Author:
        return protocol.Author(self.key, self.name, self.user_id is not None)


@dataclass(frozen=True, slots=True)
class NewEpoch:
    """The counters went back (a restored backup): begin a new life, unless somebody did already."""

    old: str


@dataclass(frozen=True, slots=True)
class SetTopic:
    """The house changes what the room is about."""

    topic: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A write that waits. `who` None is the house itself, which may edit and delete anything."""

    room_name: str
    room_key: str
    who: Identity | None
    command: protocol.Write | SetTopic | NewEpoch


@dataclass(frozen=True, slots=True)
class Stored:
    sequence: int
    revision: int


@dataclass(frozen=True, slots=True)
class Renamed:
    you: protocol.Author


@dataclass(frozen=True, slots=True)
class Refused:
    """`code` is one of docs/PROTOCOL.md; `reason` is for people."""

    code: str
    reason: str


Outcome = Stored | Renamed | Refused


@dataclass(frozen=True, slots=True)
class Written:
    outcomes: list[Outcome]
    """One for each draft, in their order."""
    batches: list[Batch]
    """One for each room that changed."""
