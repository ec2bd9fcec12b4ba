"""A room that is locked by the current transaction: its row, its counters, and what has changed in it."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from .. import protocol
from ..files import attachments
from ..models import EarlierText, Mention, Message, Reaction, Room
from .changes import Batch, Change
from .selectors import change_of, room_state
from .sql import ROOM_COLUMNS, RoomRow, update_messages


@dataclass(slots=True)
class LockedRoom:
    row: RoomRow
    after: int
    """The revision before the transaction."""
    now: datetime.datetime
    """The clock of this transaction, never before the room's last message."""
    state: protocol.RoomState
    changed: dict[int, Change] = field(default_factory=dict)
    """By sequence, in the order of revisions."""

    @classmethod
    def of(cls, row: RoomRow, now: datetime.datetime) -> "LockedRoom":
        return cls(row, row.revision, max(now, row.last_posted_at or now), room_state(row))

    def next_revision(self) -> int:
        self.row.revision += 1
        return self.row.revision

    def update(self, **values: Any) -> None:
        """Store values in the room's row; the change is sent to everybody in the room."""
        for name in values.keys() & ROOM_COLUMNS:
            setattr(self.row, name, values[name])
        Room.objects.filter(pk=self.row.id).update(**values)
        self.row.room_revision = self.next_revision()
        self.state = room_state(self.row)

    def access_changed(self) -> None:
        """Somebody's permissions have changed: every process checks its open sockets of the room again."""
        self.row.access_revision = self.row.room_revision = self.next_revision()
        self.state = room_state(self.row)

    def owner_set(self) -> None:
        """The first message has made its author the owner: both are one change, of the same revision."""
        self.row.access_revision = self.row.room_revision = self.row.revision
        self.state = room_state(self.row)

    def message_changed(self, message: Message, *fields: str) -> int:
        """Store these fields of a message under a new revision; gives the revision."""
        self.messages_changed([message], *fields)
        return message.revision

    def delete_texts(self, messages: Sequence[Message], *fields: str) -> None:
        """Make the messages tombstones, which keep their sequence. Store these other fields too."""
        Reaction.objects.filter(message__in=messages).delete()
        EarlierText.objects.filter(message__in=messages).delete()
        Mention.objects.filter(message__in=messages).delete()
        attachments.remove_of_messages(messages)
        for message in messages:
            message.delete_text(self.now)
        self.messages_changed(
            messages, "text", "html", "deleted_at", "reactions", "mentions", "files", *fields
        )

    def messages_changed(self, messages: Sequence[Message], *fields: str) -> None:
        """Store these fields of many messages, each under a new revision."""
        for message in messages:
            message.revision = self.next_revision()
        columns: list[Any] = [Message._meta.get_field(name) for name in ("revision", *fields)]
        update_messages(
            [column.column for column in columns],
            [(*(_stored(message, column) for column in columns), message.pk) for message in messages],
        )
        for message in messages:
            self.add_change(change_of(message))

    def drop_changes_through(self, sequence: int) -> None:
        """Messages up to this sequence are deleted: send no changes of them."""
        for gone in [place for place in self.changed if place <= sequence]:
            del self.changed[gone]

    def add_change(self, change: Change) -> None:
        self.changed.pop(change.sequence, None)  # changes are in the order of their newest revisions
        self.changed[change.sequence] = change

    @property
    def has_changed(self) -> bool:
        return self.row.revision > self.after

    def batch(self) -> Batch:
        row = self.row
        state = self.state if row.room_revision > self.after else None
        return Batch(row.key, row.epoch, self.after, row.revision, list(self.changed.values()), state)


def _stored(message: Message, field: Any) -> Any:
    """A field's value as the database keeps it."""
    return field.get_db_prep_save(getattr(message, field.attname), connection)
