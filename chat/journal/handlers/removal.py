"""Removing many messages in steps, with a transaction each, so that nobody in the room waits for long."""

import datetime
from typing import Final

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from msgspec.structs import replace

from ...files import attachments
from ...models import EarlierText, Message, Participant
from ...protocol.text import mark as _
from ..locked_room import LockedRoom
from ..types import Done, Expire, Forget, Outcome
from .actions import Action, ModerationAction
from .reactions import recount
from .targets import Target

STEP: Final = 500  # messages
AUTHOR_FIELDS: Final = ("author", "author_name", "author_verified")
"""The fields of a message that name its author."""


def purge(action: ModerationAction, target: Target) -> Outcome:
    """Make every message of somebody in this room a tombstone. The audit log records each step."""
    messages = _oldest(action.room, Message.objects.filter(author__key=target.key, deleted_at=None))
    if not messages:
        return action.nothing_to_do(_("%(name)s has no messages here."), target)
    _unpin(action.room, messages)
    action.settle_reports(messages)
    action.room.delete_texts(messages)
    notice = _("All messages by %(name)s have been deleted.")
    # By id: a name may have changed before the next step.
    then = replace(action.command, id=target.key, name=None) if len(messages) == STEP else None
    return action.done(notice, target, detail=str(len(messages)), then=then)


def expire(action: Action[Expire]) -> Outcome:
    """Delete the oldest first. Only the sequence through which they are deleted is kept.

    The limit is read under the room's lock and measured by the database's clock: nothing is deleted that the
    owner has just chosen to keep, nor by a process whose clock is wrong."""
    room = action.room
    if room.row.retention_days is None:
        return Done()
    age = datetime.timedelta(days=room.row.retention_days)
    kept = Message.objects.filter(room=room.row.id, sequence__gt=room.row.purged_through)
    oldest = kept.order_by("sequence").annotate(is_old=Q(sent_at__lt=Now() - age))[:STEP]
    # Times grow with places, so what is old enough comes first.
    gone = [(pk, place) for pk, place, is_old in oldest.values_list("pk", "sequence", "is_old") if is_old]
    if not gone:
        return Done()
    attachments.remove_of_messages([pk for pk, _sequence in gone])
    Message.objects.filter(pk__in=[pk for pk, _sequence in gone]).delete()
    through = gone[-1][1]
    room.drop_changes_through(through)
    pinned = room.row.pinned
    room.update(purged_through=through, pinned=pinned if pinned and pinned > through else None)
    return Done(then=action.command if len(gone) == STEP else None)


def forget(action: Action[Forget]) -> Outcome:
    """Remove somebody's reactions and the mentions of them, then the name and the earlier texts from their
    messages, or the text as well."""
    room, command = action.room, action.command
    person = Participant.objects.filter(key=command.author_key).first()
    if person is None:
        return Done()
    if reacted := _oldest(room, Message.objects.filter(pk__in=person.reactions.values("message"))):
        _remove_reactions(room, person, reacted)
        return Done(then=command)
    if named := _oldest(room, Message.objects.filter(pk__in=person.mentions.values("message"))):
        _remove_mentions(room, person, named)
        return Done(then=command)
    messages = _oldest(room, Message.objects.filter(author=person))
    for message in messages:
        message.author, message.author_name, message.author_verified = None, "", False
    if command.delete_texts:
        _unpin(room, messages)
        room.delete_texts(messages, *AUTHOR_FIELDS)
    else:
        EarlierText.objects.filter(message__in=messages).delete()
        room.messages_changed(messages, *AUTHOR_FIELDS)
    return Done(then=command if len(messages) == STEP else None)


def _oldest(room: LockedRoom, messages: QuerySet[Message]) -> list[Message]:
    return list(messages.filter(room=room.row.id).order_by("sequence").select_related("author")[:STEP])


def _remove_reactions(room: LockedRoom, person: Participant, messages: list[Message]) -> None:
    theirs = person.reactions.filter(message__in=messages)
    by_pk = {message.pk: message for message in messages}
    pairs = list(theirs.values_list("message", "emoji"))
    theirs.delete()
    for pk, emoji in pairs:
        recount(by_pk[pk], emoji)
    room.messages_changed(messages, "reactions")


def _remove_mentions(room: LockedRoom, person: Participant, messages: list[Message]) -> None:
    person.mentions.filter(message__in=messages).delete()
    shown = [message for message in messages if message.mentions]
    for message in shown:
        others = [mention for mention in message.mentions or [] if mention.get("id") != person.key]
        message.mentions = others or None
    room.messages_changed(shown, "mentions")


def _unpin(room: LockedRoom, messages: list[Message]) -> None:
    if room.row.pinned in {message.sequence for message in messages}:
        room.update(pinned=None)
