"""Order in the house, on a locked room: who may do what to whom, and the acts that need few words.

An act that changes nothing takes no number and is not in the audit log.
"""

import datetime
from collections.abc import Callable, Mapping
from typing import Final

from ... import protocol
from ...access.permissions import may_moderate
from ...models import Message
from ...protocol import Act
from ...protocol.text import mark as _
from ...text.durations import in_words, in_words_lazy
from ..locked_room import OpenRoom
from ..transaction import Transaction
from ..types import Draft, Outcome, Refused, refused
from . import bans, removal, roles
from .actions import Deed
from .targets import Target, find_target

FOR_GOOD: Final = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)


def moderate(writing: Transaction, room: OpenRoom, draft: Draft, command: protocol.Moderate) -> Outcome:
    """Whoever may not do it at all hears no more than that: not whether somebody of the name is here."""
    actor = writing.standing(room, draft)
    if actor.banned and not actor.staff:
        return refused("banned")
    if not may_moderate(command.act, actor):
        return refused("forbidden")
    if command.seconds == 0:
        return refused("invalid.duration")
    deed = Deed(writing, room, draft, command)
    if act := ON_THE_ROOM.get(command.act):
        return act(deed)
    target = find_target(writing, room, command)
    if isinstance(target, Refused):
        return target
    if draft.who and not may_moderate(command.act, actor, target.standing):
        return refused("forbidden")
    return ON_A_PERSON[command.act](deed, target)


def mute(deed: Deed, target: Target) -> Outcome:
    """Also a guest who only looks on: they are remembered from now on."""
    seconds = deed.command.seconds
    until = FOR_GOOD if seconds is None else deed.room.now + datetime.timedelta(seconds=seconds)
    if target.standing.muted_until == until:
        return deed.nothing_to_do(_("%(name)s is muted already."), target)
    deed.writing.take_seat(deed.room, deed.needed_person(target), muted_until=until)
    deed.room.access_changed()
    notice = _("%(name)s is muted %(time)s.")
    return deed.done(notice, target, detail=in_words(seconds), time=in_words_lazy(seconds))


def unmute(deed: Deed, target: Target) -> Outcome:
    if not target.person or not target.standing.is_muted(deed.room.now):
        return deed.nothing_to_do(_("%(name)s is not muted."), target)
    deed.writing.take_seat(deed.room, target.person, muted_until=None)
    deed.room.access_changed()
    return deed.done(_("%(name)s may talk again."), target)


def pin(deed: Deed) -> Outcome:
    """One message a room, the last one unless another is named; it takes the place of the one before."""
    deed.writing.insert_now()  # it may have been posted in this very batch
    messages = Message.objects.filter(room_id=deed.room.row.id, deleted_at=None)
    if deed.command.sequence is not None:
        messages = messages.filter(sequence=deed.command.sequence)
    sequence = messages.order_by("-sequence").values_list("sequence", flat=True).first()
    if sequence is None:
        return refused("not_found")
    if deed.room.row.pinned == sequence:
        return deed.nothing_to_do(_("The message is pinned already."))
    deed.room.update(pinned=sequence)
    return deed.done(_("The message is pinned."), detail=f"#{sequence}")


def unpin(deed: Deed) -> Outcome:
    pinned = deed.room.row.pinned
    if pinned is None or deed.command.sequence not in (None, pinned):
        return deed.nothing_to_do(_("No such message is pinned."))
    deed.room.update(pinned=None)
    return deed.done(_("The message is no longer pinned."), detail=f"#{pinned}")


ON_THE_ROOM: Final[Mapping[Act, Callable[[Deed], Outcome]]] = {
    Act.PIN: pin,
    Act.UNPIN: unpin,
    Act.SUCCEED: roles.succeed,
    Act.ACCEPT: roles.accept,
    Act.DECLINE: roles.decline,
    Act.LEAVE: roles.leave,
}
ON_A_PERSON: Final[Mapping[Act, Callable[[Deed, Target], Outcome]]] = {
    Act.MUTE: mute,
    Act.UNMUTE: unmute,
    Act.KICK: bans.kick,
    Act.BAN: bans.ban,
    Act.UNBAN: bans.unban,
    Act.PURGE: removal.purge,
    Act.PROMOTE: roles.promote,
    Act.DEMOTE: roles.demote,
    Act.ADMIT: roles.admit,
    Act.DISMISS: roles.dismiss,
    Act.HAND_OVER: roles.hand_over,
}
