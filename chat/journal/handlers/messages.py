"""Posting, editing and deleting messages of a locked room."""

from typing import Any

from ... import protocol
from ...access.permissions import refusal_to_post
from ...files import attachments
from ...models import EarlierText, Message
from ...protocol.roles import Role
from ...text import markup
from ..bodies import Body, plain_body
from ..selectors import change_of_new
from ..sql import NewMessage, encode_json
from ..types import Outcome, Refused, Stored, WriteRequest, refused
from .actions import Action
from .audit import HasName, Named
from .files import files_of_post
from .filters import filtered_text
from .mentions import find_mentions, replace_mentions


def post(action: Action[protocol.Post]) -> Outcome:
    body = _body_to_store(action)
    if isinstance(body, Refused):
        return body
    if refusal := _slow_mode_refusal(action):
        return refusal
    files = files_of_post(action, body)
    if isinstance(files, Refused):
        return files
    shown = [attachments.shown(file) for file in files] or None
    mentions = find_mentions(action, body)
    if isinstance(mentions, Refused):
        return mentions
    transaction, room, command, person = action.transaction, action.room, action.command, action.author
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
        text=body.text,
        html=body.html,
        format=body.format,
        renderer=markup.VERSION,
        reply_to=command.reply_to if (command.reply_to or 0) < row.sequence else None,
        client_id=command.client_id,
        mentions=encode_json(mentions.column),
        files=encode_json(shown),
        sent_at=room.now,
    )
    transaction.insert(message)
    transaction.mention(mentions.rows(row.id, row.sequence))
    if files:
        transaction.insert_pending()
        attachments.attach(files, row.id, row.sequence)
    room.add_change(change_of_new(message, person.author, mentions=list(mentions.shown) or None, files=shown))
    row.last_posted_at = room.now
    if row.sequence == 1:
        transaction.raise_role(room, person, Role.OWNER)
        room.owner_set()
    elif transaction.membership(room, person).role == Role.VISITOR:
        transaction.raise_role(room, person, Role.MEMBER)
    if row.slow_mode:
        transaction.note_post_time(room, person)
    return Stored(row.sequence, revision)


def _body_to_store(action: Action[Any]) -> Body | Refused:
    """The text as the room's word filter leaves it, if the author may post. What it masks has no markup.
    Where links lead is filtered too."""
    room, permissions = action.room, action.permissions
    if code := refusal_to_post(room.state, permissions, room.now):
        return refused(code)
    body = action.request.body
    assert isinstance(body, Body)
    if permissions.moderates:
        return body
    visible, text = filtered_text(body.visible, room.row), filtered_text(body.text, room.row)
    if visible is None or text is None:
        return refused("filtered")
    return body if (visible, text) == (body.visible, body.text) else plain_body(visible, body)


def _slow_mode_refusal(action: Action[protocol.Post]) -> Refused | None:
    room, seconds = action.room, action.room.row.slow_mode
    if not seconds or action.permissions.moderates:
        return None
    last = action.transaction.membership(room, action.author).last_posted_at
    left = seconds - (room.now - last).total_seconds() if last else 0
    if left <= 0:
        return None
    return refused("slow_mode", retry_after=left, seconds=seconds)


def edit(action: Action[protocol.Edit]) -> Outcome:
    """Edit one's own message. A resend is answered as the first time, until another edit follows."""
    room, command = action.room, action.command
    message = action.find_message(command.sequence)
    if isinstance(message, Refused):
        return message
    if not _is_own(message, action.request):
        return refused("forbidden.not_your_message")
    if message.edit_client_id == command.client_id:
        return Stored(message.sequence, message.text_revision)
    body = _body_to_store(action)
    if isinstance(body, Refused):
        return body
    if (message.text, message.format) == (body.text, body.format) and not message.deleted_at:
        return Stored(message.sequence, message.revision)
    if message.deleted_at or message.text_revision > command.revision:
        return refused("conflict")
    if not (body.text or message.files):
        return refused("empty")
    mentions = find_mentions(action, body, message)
    if isinstance(mentions, Refused):
        return mentions
    EarlierText.objects.keep(message)
    replace_mentions(action, message, mentions)
    message.text, message.html, message.format = body.text, body.html, body.format
    message.renderer, message.edited_at = markup.VERSION, room.now
    message.edit_client_id, message.edit_revision = command.client_id, room.row.revision + 1
    fields = "text", "html", "format", "renderer", "edited_at", "edit_client_id", "edit_revision", "mentions"
    return Stored(message.sequence, room.message_changed(message, *fields))


def delete(action: Action[protocol.Delete]) -> Outcome:
    """Delete one's own message, or as a moderator anybody's, which the audit log records. A message that is
    deleted already is answered with its numbers, whoever asks: so is a resend."""
    room, message = action.room, action.find_message(action.command.sequence)
    if isinstance(message, Refused):
        return message
    if message.deleted_at:
        return Stored(message.sequence, message.revision)
    is_own = _is_own(message, action.request)
    if not (is_own or action.permissions.moderates):
        return refused("forbidden.not_your_message")
    if not is_own:
        action.audit("delete", author_of(message), detail=f"#{message.sequence}")
        action.settle_reports([message])
    if room.row.pinned == message.sequence:
        room.update(pinned=None)
    room.delete_texts([message])
    return Stored(message.sequence, message.revision)


def _is_own(message: Message, request: WriteRequest) -> bool:
    return bool(request.who and message.author and message.author.key == request.who.key)


def author_of(message: Message) -> HasName:
    return message.author or Named("", message.author_name)
