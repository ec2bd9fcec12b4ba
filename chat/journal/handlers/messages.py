"""What people do with messages and names, on a locked room: rules, numbers, and what everybody is shown.

The texts and names in the commands are clean already.
"""

from django.db import IntegrityError, transaction

from ... import protocol
from ...access.permissions import refusal_to_post
from ...models import Message, Participant
from ...models.participant import is_claimed
from ...protocol.roles import Role
from ...text.confusables import skeleton
from ...text.rendering import render
from ..locked_room import OpenRoom
from ..selectors import change_of_new
from ..sql import NewMessage, Person
from ..transaction import Transaction
from ..types import Draft, Outcome, Refused, Renamed, Stored, refused
from .audit import HasName, Named, audit
from .filters import left_of


def rename(writing: Transaction, draft: Draft, command: protocol.Rename) -> Outcome:
    person = writing.person(draft)
    assert person
    name = command.name
    if is_claimed(name, by=person.id):
        return refused("name_taken")
    try:
        with transaction.atomic():
            Participant.objects.filter(pk=person.id).update(name=name, skeleton=skeleton(name))
    except IntegrityError:  # two accounts in the same instant
        return refused("name_taken")
    writing.people[person.key] = person = person._replace(name=name)
    return Renamed(_author(person))


def post(writing: Transaction, room: OpenRoom, draft: Draft, command: protocol.Post) -> Outcome:
    person = writing.person(draft)
    assert person
    said = _what_may_be_said(writing, room, draft, command.message)
    if isinstance(said, Refused):
        return said
    if too_soon := _too_soon(writing, room, draft, person):
        return too_soon
    row = room.row
    row.sequence += 1
    revision = room.next_revision()
    message = NewMessage(
        room_id=row.id,
        sequence=row.sequence,
        revision=revision,
        author_id=person.id,
        author_name=person.name,
        author_verified=person.user_id is not None,
        text=said,
        html=render(said),
        reply_to=command.reply_to if (command.reply_to or 0) < row.sequence else None,
        client_id=command.client_id,
        sent_at=room.now,
    )
    writing.insert(message)
    room.show(change_of_new(message, _author(person)))
    row.last_posted_at = room.now
    if row.sequence == 1:
        writing.take_seat(room, person, role=Role.OWNER)
        room.owner_found()
    elif writing.seat(room, person).role == Role.VISITOR:
        writing.take_seat(room, person, role=Role.MEMBER)
    if row.slow_mode:
        writing.note_post(room, person)
    return Stored(row.sequence, revision)


def _what_may_be_said(writing: Transaction, room: OpenRoom, draft: Draft, text: str) -> str | Refused:
    """The text as the room's word filter leaves it."""
    if draft.who is None:
        return text
    standing = writing.standing(room, draft)
    if code := refusal_to_post(room.state, standing, room.now):
        return refused(code)
    if standing.moderates:
        return text
    return left_of(text, room.row) or refused("filtered")


def _too_soon(writing: Transaction, room: OpenRoom, draft: Draft, person: Person) -> Refused | None:
    """In slow mode everybody but moderators waits between two messages."""
    seconds = room.row.slow_mode
    if not seconds or writing.standing(room, draft).moderates:
        return None
    last = writing.seat(room, person).last_posted_at
    left = seconds - (room.now - last).total_seconds() if last else 0
    if left <= 0:
        return None
    return refused("slow_mode", retry_after=left, seconds=seconds)


def edit(writing: Transaction, room: OpenRoom, draft: Draft, command: protocol.Edit) -> Outcome:
    """One's own message. Sent again, it is answered as the first time, until another edit comes after it."""
    message = _own(writing, room, draft, command.sequence)
    if isinstance(message, Refused):
        return message
    if message.edit_client_id == command.client_id:
        return Stored(message.sequence, message.text_revision)
    said = _what_may_be_said(writing, room, draft, command.message)
    if isinstance(said, Refused):
        return said
    if message.text == said and not message.deleted_at:
        return Stored(message.sequence, message.revision)
    if message.text_revision > command.revision or not message.edit(said, room.now):
        return refused("conflict")
    if draft.who is None:
        audit(writing, room, draft, "edit", _author_of(message), detail=f"#{message.sequence}")
    message.edit_client_id, message.edit_revision = command.client_id, room.row.revision + 1
    fields = "text", "html", "edited_at", "edit_client_id", "edit_revision"
    return Stored(message.sequence, room.message_changed(message, *fields))


def delete(writing: Transaction, room: OpenRoom, draft: Draft, command: protocol.Delete) -> Outcome:
    """One's own message; a moderator anybody's, and then it stands in the audit log. What is deleted already
    is so, whoever asks: a resend is answered as the first time."""
    message = find(writing, room, command.sequence)
    if isinstance(message, Refused):
        return message
    if message.deleted_at:
        return Stored(message.sequence, message.revision)
    is_own = bool(draft.who and message.author and message.author.key == draft.who.key)
    if not (is_own or writing.standing(room, draft).moderates):
        return refused("forbidden.not_your_message")
    if not is_own:
        audit(writing, room, draft, "delete", _author_of(message), detail=f"#{message.sequence}")
    if room.row.pinned == message.sequence:
        room.update(pinned=None)
    room.empty([message])
    return Stored(message.sequence, message.revision)


def find(writing: Transaction, room: OpenRoom, sequence: int) -> Message | Refused:
    writing.insert_now()  # it may have been posted in this very batch
    message = Message.objects.filter(room_id=room.row.id, sequence=sequence).select_related("author").first()
    return message or refused("not_found")


def _own(writing: Transaction, room: OpenRoom, draft: Draft, sequence: int) -> Message | Refused:
    message = find(writing, room, sequence)
    if isinstance(message, Refused):
        return message
    if draft.who and (message.author is None or message.author.key != draft.who.key):
        return refused("forbidden.not_your_message")
    return message


def _author_of(message: Message) -> HasName:
    return message.author or Named("", message.author_name)


def _author(person: Person) -> protocol.Author:
    return protocol.Author(person.key, person.name, person.user_id is not None)
