"""What may be written, who writes it, and what became of it: the journal's types. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from django.core.exceptions import ValidationError

from .. import protocol
from ..access.identity import Identity
from ..protocol.errors import code_of, text_of
from ..protocol.text import Text
from .changes import Batch

if TYPE_CHECKING:
    from .bodies import Body


@dataclass(frozen=True, slots=True)
class NewEpoch:
    """The counters went back (a restored backup): give the room a new epoch, unless it has one by now."""

    old: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Change a room's settings: names of fields of `Room` (see `room_settings`) and their clean values.
    A `password` is in clear here, and hashed before it is stored; an empty one removes it."""

    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expire:
    """Remove the messages that are older than the room keeps them, oldest first, in steps of 500."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Remove an account's name from its messages in a room, or their texts too, in steps of 500 messages."""

    author_key: str
    delete_texts: bool


class WriteRequest(msgspec.Struct, frozen=True):
    """`who` None is the system, which may do anything; `by` is then the name in the audit log."""

    room_name: str
    room_key: str
    who: Identity | None
    command: protocol.Write | Settings | NewEpoch | Expire | Forget
    by: str = ""
    body: "Body | Refused | None" = None
    """Of a post or an edit; see `bodies.with_body`."""


class Stored(msgspec.Struct, frozen=True):
    sequence: int
    revision: int


@dataclass(frozen=True, slots=True)
class Renamed:
    you: protocol.Author


@dataclass(frozen=True, slots=True)
class Done:
    """A write that stores no message. `notice` is for whoever asked for it; `then` is the command of the
    next step, if there is one."""

    notice: Text | None = None
    then: "protocol.Write | Expire | Forget | None" = None


@dataclass(frozen=True, slots=True)
class Refused:
    """`code` is one of docs/PROTOCOL.md; `retry_after` in seconds."""

    code: str
    text: Text
    retry_after: float | None = None


def refused(key: str, *, retry_after: float | None = None, **parameters: Any) -> Refused:
    """`key` names a text in `protocol.errors`."""
    return Refused(code_of(key), text_of(key, parameters), retry_after)


def refusal_of(error: ValidationError) -> Refused:
    """For what `text.cleaning.unfit` made."""
    return refused(error.code or "invalid", **(error.params or {}))


Outcome = Stored | Renamed | Done | Refused


@dataclass(frozen=True, slots=True)
class WriteResult:
    outcomes: list[Outcome]
    """One for each request, in their order."""
    batches: list[Batch]
    """One for each room that changed."""

    @property
    def renamed(self) -> list[protocol.Author]:
        """Who has another name now."""
        return [outcome.you for outcome in self.outcomes if isinstance(outcome, Renamed)]
