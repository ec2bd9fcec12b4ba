"""What goes: everything a spammer said, what is older than the room keeps, what an account leaves behind.

Each takes as many steps as it needs, a transaction a step, so that nobody in the room waits for long.
"""

import datetime
from typing import Final

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from msgspec.structs import replace

from ...models import Message, Participant, Reaction
from ...protocol.text import mark as _
from ..locked_room import OpenRoom
from ..transaction import Transaction
from ..types import Done, Draft, Expire, Forget, Outcome
from .actions import Deed
from .reactions import show
from .targets import Target

STEP: Final = 500  # messages
NAMED: Final = ("author", "author_name", "author_verified")
"""What of a message tells who said it."""


def purge(deed: Deed, target: Target) -> Outcome:
    """Every message of somebody in this room becomes a tombstone. Each step stands in the audit log."""
    deed.writing.insert_now()
    said = _oldest(deed.room, _said_by(target.person.id)) if target.person else []
    if not said:
        return deed.nothing_to_do(_("%(name)s has no messages here."), target)
    _unpin(deed.room, said)
    deed.room.empty(said)
    detail = f"{len(said)} message{'s' if len(said) > 1 else ''}"
    notice = _("The messages of %(name)s are deleted.")
    # By id: a name may have changed before the next step.
    then = replace(deed.command, id=target.key, name=None) if len(said) == STEP else None
    return deed.done(notice, target, detail=detail, then=then)


def expire(writing: Transaction, room: OpenRoom, draft: Draft, command: Expire) -> Outcome:
    """Oldest first, without a trace but for the number up to which they are gone.

    What the room keeps is asked under its lock and measured by the database's clock: nothing is lost to an
    owner who has just chosen to keep more, nor by a process whose clock is wrong."""
    if room.row.retention_days is None:
        return Done()
    writing.insert_now()
    age = datetime.timedelta(days=room.row.retention_days)
    kept = Message.objects.filter(room=room.row.id, sequence__gt=room.row.purged_through)
    oldest = kept.order_by("sequence").annotate(is_old=Q(sent_at__lt=Now() - age))[:STEP]
    # Times grow with places, so what is old enough comes first.
    gone = [(pk, place) for pk, place, is_old in oldest.values_list("pk", "sequence", "is_old") if is_old]
    if not gone:
        return Done()
    Message.objects.filter(pk__in=[pk for pk, _sequence in gone]).delete()
    through = gone[-1][1]
    room.forget_through(through)
    pinned = room.row.pinned
    room.update(purged_through=through, pinned=pinned if pinned and pinned > through else None)
    return Done(then=command if len(gone) == STEP else None)


def forget(writing: Transaction, room: OpenRoom, draft: Draft, command: Forget) -> Outcome:
    """Somebody's messages stand without a name from now on, or without a text as well; the names under which
    they reacted are gone first."""
    writing.insert_now()
    person = Participant.objects.filter(key=command.author_key).first()
    if person is None:
        return Done()
    if reacted := _oldest(room, Message.objects.filter(pk__in=_reacted(person).values("message"))):
        _take_back(room, person, reacted)
        return Done(then=command)
    said = _oldest(room, Message.objects.filter(author=person))
    for message in said:
        message.author, message.author_name, message.author_verified = None, "", False
    if command.empty:
        _unpin(room, said)
        room.empty(said, *NAMED)
    else:
        room.messages_changed(said, *NAMED)
    return Done(then=command if len(said) == STEP else None)


def _oldest(room: OpenRoom, messages: QuerySet[Message]) -> list[Message]:
    return list(messages.filter(room=room.row.id).order_by("sequence").select_related("author")[:STEP])


def _said_by(participant_id: int) -> QuerySet[Message]:
    return Message.objects.filter(author=participant_id, deleted_at=None)


def _reacted(person: Participant) -> QuerySet[Reaction]:
    return Reaction.objects.filter(participant=person)


def _take_back(room: OpenRoom, person: Participant, messages: list[Message]) -> None:
    """Take somebody's reactions from these messages."""
    theirs = _reacted(person).filter(message__in=messages)
    by_pk = {message.pk: message for message in messages}
    pairs = list(theirs.values_list("message", "emoji"))
    theirs.delete()
    for pk, emoji in pairs:
        show(by_pk[pk], emoji)
    room.messages_changed(messages, "reactions")


def _unpin(room: OpenRoom, messages: list[Message]) -> None:
    if room.row.pinned in {message.sequence for message in messages}:
        room.update(pinned=None)
