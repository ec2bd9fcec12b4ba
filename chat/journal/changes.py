"""Changed messages, encoded once, in numbered batches: what a commit gives to the feeds. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from .. import protocol


class Change(msgspec.Struct, frozen=True):
    """One message in its newest state, and the same encoded."""

    message: protocol.Message
    wire: msgspec.Raw

    @property
    def sequence(self) -> int:
        return self.message.sequence

    @property
    def revision(self) -> int:
        return self.message.revision

    @property
    def size(self) -> int:
        return len(self.wire)

    def differs(self, other: "Change") -> bool:
        """Another message at the same place, or another text or reactions at the same revision: they are not
        of one epoch."""
        ours, theirs = self.message, other.message
        if ours.client_id != theirs.client_id:
            return True
        is_same = (ours.message, ours.reactions) == (theirs.message, theirs.reactions)
        return ours.revision == theirs.revision and not is_same


@dataclass(frozen=True, slots=True)
class Page:
    """Neighbouring messages by sequence, oldest first. `more`: older ones exist; `newer`: newer ones."""

    changes: list[Change]
    more: bool
    newer: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that changed in a room after revision `after` up to `revision`, by revision.

    It holds every message once, in its newest state.
    """

    key: str
    epoch: str
    after: int
    revision: int
    changes: list[Change]
    room: protocol.RoomState | None = None

    @classmethod
    def joined(cls, batches: "Sequence[Batch]") -> "Batch":
        """One batch for several, each of which starts where the previous one ends."""
        first, last = batches[0], batches[-1]
        newest = {change.sequence: change for batch in batches for change in batch.changes}
        changes = sorted(newest.values(), key=lambda change: change.revision)
        room = next((batch.room for batch in reversed(batches) if batch.room), None)
        return cls(first.key, first.epoch, first.after, last.revision, changes, room)

    @property
    def size(self) -> int:
        """Bytes, about."""
        return sum(change.size for change in self.changes)

    def to_hint(self) -> bytes:
        """The batch for another process, as a `changes` frame of the wire."""
        wires = [change.wire for change in self.changes]
        return protocol.encode(protocol.Changes(self.epoch, self.after, self.revision, wires, self.room))

    @classmethod
    def from_hint(cls, key: str, hint: bytes) -> "Batch":
        """The batch in such a frame. Raises msgspec.MsgspecError when it is not one."""
        frame = protocol.decode_changes(hint)
        changes = [Change(protocol.decode_message(raw), raw.copy()) for raw in frame.messages]
        return cls(key, frame.epoch or "", frame.after, frame.revision, changes, frame.room)
