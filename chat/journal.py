"""The only door for writes that a room sees: socket, pages, admin and commands all come through `write`.

`write` puts many drafts into one transaction. A room's row lock orders everything in it, so its numbers
are dense and its clock never runs backwards. Synchronous; knows no socket and no event loop.
"""

import datetime
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from asgiref.sync import async_to_sync
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import protocol
from .changes import Batch
from .drafts import (
    Draft,
    Identity,
    NewEpoch,
    Outcome,
    Refused,
    Renamed,
    SetTopic,
    Stored,
    Written,
)
from .hints import publish
from .models import Message, Participant, Room
from .models.message import clean_text, render
from .models.participant import clean_participant_name
from .models.room import new_epoch
from .reads import change_of, room_state

logger = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError)
"""The database cannot be asked now. Not the draft's fault: the same batch may be tried again."""


def write(drafts: Sequence[Draft]) -> Written:
    """Commit the drafts together; after it returns they are on disk.

    Posting the same client_id twice in a room returns the numbers stored first, before any rule is asked.
    A draft that breaks a rule is refused and costs no other draft anything; a batch that fails is tried
    again draft by draft. Raises OperationalError or InterfaceError when the database is away: then the
    outcome of all of them is unknown, and the same drafts may be written again.
    """
    try:
        with transaction.atomic():
            return _Transaction(drafts).run()
    except AWAY:
        raise
    except Exception:
        if len(drafts) == 1:
            logger.exception("A draft could not be stored")
            return Written([Refused("unavailable", _("This could not be stored. Try again."))], [])
    alone = [write([draft]) for draft in drafts]
    return Written(
        [outcome for w in alone for outcome in w.outcomes],
        [b for w in alone for b in w.batches],
    )


@dataclass(slots=True)
class _OpenRoom:
    """A locked room row, the numbers handed out so far, and the rows they went to."""

    row: Room
    after: int
    now: datetime.datetime
    posted: dict[int, Message] = field(default_factory=dict)
    by_client_id: dict[UUID, Message] = field(default_factory=dict)
    by_sequence: dict[int, Message] = field(default_factory=dict)
    touched: dict[int, Message] = field(default_factory=dict)

    def next_revision(self) -> int:
        self.row.revision += 1
        return self.row.revision


class _Transaction:
    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.drafts = drafts
        self.rooms: dict[str, _OpenRoom] = {}
        self.people: dict[str, Participant] = {}

    def run(self) -> Written:
        cleaned = [self._clean(draft) for draft in self.drafts]
        self._open_rooms(cleaned)
        self._find_messages()
        self._find_people(cleaned)
        outcomes = [
            clean if isinstance(clean, Refused) else self._apply(draft, clean)
            for draft, clean in zip(self.drafts, cleaned, strict=True)
        ]
        return Written(
            outcomes,
            [batch for room in self.rooms.values() if (batch := self._store(room))],
        )

    # --- What can be said without the database ---

    def _clean(self, draft: Draft) -> str | Refused:
        """The text or name that will be stored, or why not."""
        try:
            match draft.command:
                case protocol.Post(message=text) | protocol.Edit(message=text):
                    return clean_text(text)
                case protocol.Rename(name=name):
                    return clean_participant_name(name)
        except ValidationError as error:
            return Refused(error.code or "invalid", error.messages[0])
        return ""

    # --- Three reads for all drafts ---

    def _open_rooms(self, cleaned: list[str | Refused]) -> None:
        """Lock the rooms in the order of their keys; a room is made by its first message that can stand."""
        wanted: dict[str, str] = {}
        creating: dict[str, str] = {}
        for draft, clean in zip(self.drafts, cleaned, strict=True):
            if not isinstance(draft.command, protocol.Rename):
                wanted[draft.room_key] = draft.room_name
                if isinstance(draft.command, protocol.Post) and not isinstance(clean, Refused):
                    creating[draft.room_key] = draft.room_name
        if not wanted:
            return
        rows = self._lock(wanted)
        if missing := sorted(creating.keys() - rows.keys()):
            Room.objects.bulk_create([Room(name=creating[k], key=k) for k in missing], ignore_conflicts=True)
            rows = self._lock(wanted)
        now = timezone.now()
        for key, row in rows.items():
            self.rooms[key] = _OpenRoom(row, row.revision, max(now, row.last_posted_at or now))

    def _lock(self, keys: dict[str, str]) -> dict[str, Room]:
        return {row.key: row for row in Room.objects.select_for_update().filter(key__in=keys).order_by("key")}

    def _find_messages(self) -> None:
        """The messages that are posted again, and those that are to be edited or deleted."""
        resent: dict[str, list[UUID]] = defaultdict(list)
        named: dict[str, list[int]] = defaultdict(list)
        for draft in self.drafts:
            match draft.command:
                case protocol.Post(client_id=client_id):
                    resent[draft.room_key].append(client_id)
                case protocol.Edit(sequence=sequence) | protocol.Delete(sequence=sequence):
                    named[draft.room_key].append(sequence)
        for key, room in self.rooms.items():
            if resent[key] and room.after:
                for row in Message.objects.filter(room=room.row, client_id__in=resent[key]):
                    room.by_client_id[row.client_id] = row
            if named[key]:
                rows = Message.objects.filter(room=room.row, sequence__in=named[key]).select_related("author")
                room.by_sequence.update({row.sequence: row for row in rows})

    def _find_people(self, cleaned: list[str | Refused]) -> None:
        """The participants who act; each gets a row now if there was none."""
        acting: dict[str, Identity] = {}
        for draft, clean in zip(self.drafts, cleaned, strict=True):
            if draft.who and not isinstance(clean, Refused) and not self._is_resend(draft):
                acting[draft.who.key] = draft.who
        self.people = self._participants(acting)
        makers = {
            draft.who.key
            for draft in self.drafts
            if draft.who and isinstance(draft.command, protocol.Post | protocol.Rename)
        }
        if missing := [who for key, who in acting.items() if key not in self.people and key in makers]:
            rows = [Participant(key=who.key, name=who.name, user_id=who.user_id) for who in missing]
            Participant.objects.bulk_create(rows, ignore_conflicts=True)
            self.people |= self._participants({who.key: who for who in missing})

    def _participants(self, keys: dict[str, Identity]) -> dict[str, Participant]:
        if not keys:
            return {}
        return {row.key: row for row in Participant.objects.filter(key__in=keys)}

    def _is_resend(self, draft: Draft) -> bool:
        room = self.rooms.get(draft.room_key)
        return (
            room is not None
            and draft.command.__class__ is protocol.Post
            and (draft.command.client_id in room.by_client_id)
        )

    # --- One draft ---

    def _apply(self, draft: Draft, clean: str) -> Outcome:
        command = draft.command
        if isinstance(command, protocol.Rename):
            return self._rename(draft, clean)
        room = self.rooms.get(draft.room_key)
        match command:
            case protocol.Post() if room:
                return self._post(room, draft, command, clean)
            case protocol.Edit() if room:
                return self._edit(room, draft, command, clean)
            case protocol.Delete() if room:
                return self._delete(room, draft, command)
            case SetTopic(topic=topic) if room:
                return self._set_topic(room, topic)
            case NewEpoch() if room and room.row.epoch == command.old:
                room.row.epoch = new_epoch()
                room.row.save(update_fields=["epoch"])
            case NewEpoch():
                pass
            case _:
                return Refused("not_found", _("There is no such message."))
        return Stored(0, 0)

    def _rename(self, draft: Draft, name: str) -> Outcome:
        assert draft.who
        person = self.people[draft.who.key]
        if person.name != name:
            person.name = name
            person.save(update_fields=["name"])
        return Renamed(protocol.Author(person.key, person.name, person.user_id is not None))

    def _post(self, room: _OpenRoom, draft: Draft, command: protocol.Post, text: str) -> Outcome:
        if first := room.by_client_id.get(command.client_id):
            return Stored(first.sequence, first.revision)
        assert draft.who
        author = self.people[draft.who.key]
        room.row.sequence += 1
        message = Message(
            room=room.row,
            sequence=room.row.sequence,
            revision=room.next_revision(),
            author=author,
            author_name=author.name,
            text=text,
            html=render(text),
            client_id=command.client_id,
            reply_to=command.reply_to if (command.reply_to or 0) < room.row.sequence else None,
            sent_at=room.now,
        )
        room.posted[message.sequence] = room.by_sequence[message.sequence] = message
        room.by_client_id[command.client_id] = message
        return Stored(message.sequence, message.revision)

    def _edit(self, room: _OpenRoom, draft: Draft, command: protocol.Edit, text: str) -> Outcome:
        message = self._own(room, draft, command.sequence)
        if isinstance(message, Refused):
            return message
        if message.text == text and not message.deleted_at:
            return Stored(message.sequence, message.revision)
        if message.revision != command.revision or message.deleted_at:
            return Refused("conflict", _("The message has changed since you saw it."))
        message.edit(text, room.now)
        return self._changed(room, message)

    def _delete(self, room: _OpenRoom, draft: Draft, command: protocol.Delete) -> Outcome:
        message = self._own(room, draft, command.sequence)
        if isinstance(message, Refused):
            return message
        if not message.delete_text(room.now):
            return Stored(message.sequence, message.revision)
        return self._changed(room, message)

    def _set_topic(self, room: _OpenRoom, topic: str) -> Outcome:
        if room.row.topic != topic:
            room.row.topic = topic
            room.row.room_revision = room.next_revision()
        return Stored(room.row.sequence, room.row.revision)

    def _own(self, room: _OpenRoom, draft: Draft, sequence: int) -> Message | Refused:
        message = room.by_sequence.get(sequence)
        if message is None:
            return Refused("not_found", _("There is no such message."))
        if draft.who and (message.author is None or message.author.key != draft.who.key):
            return Refused("forbidden", _("This is not your message."))
        return message

    def _changed(self, room: _OpenRoom, message: Message) -> Stored:
        message.revision = room.next_revision()
        room.touched[message.sequence] = message
        return Stored(message.sequence, message.revision)

    # --- One room ---

    def _store(self, room: _OpenRoom) -> Batch | None:
        """Write the room's rows and counters. None when nothing in it changed."""
        row = room.row
        if row.revision == room.after:
            return None
        if room.posted:
            Message.objects.bulk_create(room.posted.values())
            row.last_posted_at = room.now
        fields = ["revision", "text", "html", "edited_at", "deleted_at"]
        for sequence in room.touched.keys() - room.posted.keys():
            room.touched[sequence].save(update_fields=fields)
        state = row.room_revision > room.after
        row.save(
            update_fields=[
                "sequence",
                "revision",
                "last_posted_at",
                *(["topic", "room_revision"] * state),
            ]
        )
        rows = sorted((room.posted | room.touched).values(), key=lambda message: message.revision)
        changes = [change_of(message) for message in rows]
        return Batch(
            row.key,
            row.epoch,
            room.after,
            row.revision,
            changes,
            room_state(row) if state else None,
        )


def write_and_publish(drafts: Sequence[Draft]) -> list[Outcome]:
    """`write` for pages, admin and commands: commit, then tell the other processes (which would otherwise
    see it at their next check, within 2 s). Call it outside a transaction."""
    written = write(drafts)
    for batch in written.batches:
        async_to_sync(publish)(batch)
    return written.outcomes
