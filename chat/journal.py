"""The only door for writes that a room sees: socket, pages, admin and commands all come through `write`.

`write` puts many drafts into one transaction. A room's row lock orders everything in it, so its numbers
are dense and its clock never runs backwards. Synchronous; knows no socket and no event loop.
"""

import datetime
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from asgiref.sync import async_to_sync
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import protocol, statements
from .changes import Batch, Change
from .drafts import Draft, Identity, NewEpoch, Outcome, Refused, Renamed, SetTopic, Stored, Written
from .hints import publish
from .models import Message, Participant, Room
from .models.message import clean_text, render
from .models.participant import clean_participant_name
from .models.room import new_epoch
from .reads import change_of, room_state
from .statements import LockedRoom, NewMessage, Person

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
    """A locked room, where its numbers stood before, and what has got new ones since."""

    row: LockedRoom
    after: int
    now: datetime.datetime
    changed: dict[int, Change] = field(default_factory=dict)

    @classmethod
    def of(cls, row: LockedRoom, now: datetime.datetime) -> "_OpenRoom":
        return cls(row, row.revision, max(now, row.last_posted_at or now))

    def next_revision(self) -> int:
        self.row.revision += 1
        return self.row.revision


class _Transaction:
    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.drafts = drafts
        self.rooms: dict[str, _OpenRoom] = {}
        self.people: dict[str, Person] = {}
        self.stored: dict[tuple[int, UUID], tuple[int, int]] = {}
        self.to_insert: list[NewMessage] = []

    def run(self) -> Written:
        cleaned = [self._clean(draft) for draft in self.drafts]
        self._open_rooms(cleaned)
        self._find_resends()
        self._find_people(cleaned)
        outcomes = [self._apply(draft, clean) for draft, clean in zip(self.drafts, cleaned, strict=True)]
        return Written(outcomes, self._store())

    # --- What can be said without the database ---

    def _clean(self, draft: Draft) -> str | Refused:
        """The text or name that will be stored, or why not."""
        command = draft.command
        try:
            if isinstance(command, protocol.Post | protocol.Edit):
                return clean_text(command.message)
            if isinstance(command, protocol.Rename):
                return clean_participant_name(command.name)
        except ValidationError as error:
            return Refused(error.code or "invalid", error.messages[0])
        return ""

    # --- Three reads for all drafts ---

    def _open_rooms(self, cleaned: list[str | Refused]) -> None:
        """Lock the rooms in the order of their keys; a room is made by its first message that can stand."""
        wanted: set[str] = set()
        creating: dict[str, str] = {}
        for draft, clean in zip(self.drafts, cleaned, strict=True):
            if not isinstance(draft.command, protocol.Rename):
                wanted.add(draft.room_key)
                if isinstance(draft.command, protocol.Post) and not isinstance(clean, Refused):
                    creating.setdefault(draft.room_key, draft.room_name)
        if not wanted:
            return
        rows = statements.lock_rooms(list(wanted))
        if missing := sorted(creating.keys() - {row.key for row in rows}):
            Room.objects.bulk_create([Room(name=creating[k], key=k) for k in missing], ignore_conflicts=True)
            rows = statements.lock_rooms(list(wanted))
        now = timezone.now()
        self.rooms = {row.key: _OpenRoom.of(row, now) for row in rows}

    def _find_resends(self) -> None:
        posts = [
            (room.row.id, draft.command.client_id)
            for draft in self.drafts
            if isinstance(draft.command, protocol.Post)
            and (room := self.rooms.get(draft.room_key))
            and room.after
        ]
        if posts:
            self.stored = statements.stored_before(posts)

    def _find_people(self, cleaned: list[str | Refused]) -> None:
        """The participants who act. Who posts or takes a name gets a row now if there was none."""
        acting: dict[str, Identity] = {}
        making: dict[str, Identity] = {}
        for draft, clean in zip(self.drafts, cleaned, strict=True):
            if draft.who is None or isinstance(clean, Refused) or self._stored(draft):
                continue
            acting[draft.who.key] = draft.who
            if isinstance(draft.command, protocol.Post | protocol.Rename):
                making[draft.who.key] = draft.who
        if acting:
            self.people = statements.people(list(acting))
        if missing := sorted(making.keys() - self.people.keys()):
            rows = [Participant(key=k, name=making[k].name, user_id=making[k].user_id) for k in missing]
            Participant.objects.bulk_create(rows, ignore_conflicts=True)
            self.people |= statements.people(missing)

    def _stored(self, draft: Draft) -> tuple[int, int] | None:
        """The numbers of a post that was stored before."""
        room = self.rooms.get(draft.room_key)
        if room and isinstance(draft.command, protocol.Post):
            return self.stored.get((room.row.id, draft.command.client_id))
        return None

    # --- One draft ---

    def _apply(self, draft: Draft, clean: str | Refused) -> Outcome:
        if first := self._stored(draft):
            return Stored(*first)
        if isinstance(clean, Refused):
            return clean
        room = self.rooms.get(draft.room_key)
        match draft.command:
            case protocol.Rename():
                return self._rename(draft, clean)
            case protocol.Post() as post if room:
                return self._post(room, draft, post, clean)
            case protocol.Edit() as edit if room:
                return self._edit(room, draft, edit, clean)
            case protocol.Delete() as delete if room:
                return self._delete(room, draft, delete)
            case SetTopic(topic=topic) if room:
                return self._set_topic(room, topic)
            case NewEpoch(old=old) if room:
                return self._renew_epoch(room, old)
            case _:
                return Refused("not_found", _("There is no such message."))

    def _rename(self, draft: Draft, name: str) -> Outcome:
        assert draft.who
        person = self.people[draft.who.key]._replace(name=name)
        Participant.objects.filter(pk=person.id).update(name=name)
        self.people[person.key] = person
        return Renamed(protocol.Author(person.key, name, person.user_id is not None))

    def _post(self, room: _OpenRoom, draft: Draft, post: protocol.Post, text: str) -> Outcome:
        assert draft.who
        author = self.people[draft.who.key]
        row = room.row
        row.sequence += 1
        revision = room.next_revision()
        html = render(text)
        reply_to = post.reply_to if (post.reply_to or 0) < row.sequence else None
        self.to_insert.append(
            NewMessage(
                row.id,
                row.sequence,
                revision,
                author.id,
                author.name,
                text,
                html,
                post.client_id,
                reply_to,
                room.now,
            )
        )
        message = protocol.Message(
            row.sequence,
            revision,
            protocol.Author(author.key, author.name, author.user_id is not None),
            text,
            html,
            room.now,
            post.client_id,
            reply_to=reply_to,
        )
        room.changed[row.sequence] = Change(message, protocol.encode_message(message))
        self.stored[row.id, post.client_id] = row.sequence, revision
        row.last_posted_at = room.now
        return Stored(row.sequence, revision)

    def _edit(self, room: _OpenRoom, draft: Draft, edit: protocol.Edit, text: str) -> Outcome:
        message = self._own(room, draft, edit.sequence)
        if isinstance(message, Refused):
            return message
        if message.text == text and not message.deleted_at:
            return Stored(message.sequence, message.revision)
        if message.revision != edit.revision or not message.edit(text, room.now):
            return Refused("conflict", _("The message has changed since you saw it."))
        return self._changed(room, message)

    def _delete(self, room: _OpenRoom, draft: Draft, delete: protocol.Delete) -> Outcome:
        message = self._own(room, draft, delete.sequence)
        if isinstance(message, Refused):
            return message
        if not message.delete_text(room.now):
            return Stored(message.sequence, message.revision)
        return self._changed(room, message)

    def _own(self, room: _OpenRoom, draft: Draft, sequence: int) -> Message | Refused:
        self._insert()  # it may have been posted in this very batch
        message = (
            Message.objects.filter(room_id=room.row.id, sequence=sequence).select_related("author").first()
        )
        if message is None:
            return Refused("not_found", _("There is no such message."))
        if draft.who and (message.author is None or message.author.key != draft.who.key):
            return Refused("forbidden", _("This is not your message."))
        return message

    def _changed(self, room: _OpenRoom, message: Message) -> Stored:
        message.revision = room.next_revision()
        message.save(update_fields=["revision", "text", "html", "edited_at", "deleted_at"])
        room.changed.pop(message.sequence, None)  # a change stands at its newest revision
        room.changed[message.sequence] = change_of(message)
        return Stored(message.sequence, message.revision)

    def _set_topic(self, room: _OpenRoom, topic: str) -> Outcome:
        if room.row.topic != topic:
            room.row.topic = topic
            room.row.room_revision = room.next_revision()
        return Stored(room.row.sequence, room.row.revision)

    def _renew_epoch(self, room: _OpenRoom, old: str) -> Outcome:
        if room.row.epoch == old:
            room.row.epoch = new_epoch()
            statements.store_rooms([room.row])
        return Stored(room.row.sequence, room.row.revision)

    # --- All rooms ---

    def _insert(self) -> None:
        if self.to_insert:
            statements.insert_messages(self.to_insert)
            self.to_insert = []

    def _store(self) -> list[Batch]:
        """Write what is new and the counters of the rooms that changed."""
        self._insert()
        changed = [room for room in self.rooms.values() if room.row.revision > room.after]
        if changed:
            statements.store_rooms([room.row for room in changed])
        return [_batch_of(room) for room in changed]


def _batch_of(room: _OpenRoom) -> Batch:
    row = room.row
    state = room_state(row) if row.room_revision > room.after else None
    return Batch(row.key, row.epoch, room.after, row.revision, list(room.changed.values()), state)


def write_and_publish(drafts: Sequence[Draft]) -> list[Outcome]:
    """`write` for pages, admin and commands: commit, then tell the other processes (which would otherwise
    see it at their next check, within 2 s). Call it outside a transaction."""
    written = write(drafts)
    for batch in written.batches:
        async_to_sync(publish)(batch)
    return written.outcomes
