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
from ..locked_room import LockedRoom
from ..transaction import Transaction
from ..types import Outcome, Refused, WriteRequest, refused
from . import bans, removal, roles
from .actions import ModerationAction
from .targets import Target, find_target

FOR_GOOD: Final = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)


def moderate(
    transaction: Transaction, room: LockedRoom, request: WriteRequest, command: protocol.Moderate
) -> Outcome:
    """Whoever may not do it at all hears no more than that: not whether somebody of the name is here."""
    actor = transaction.standing(room, request)
    if actor.banned and not actor.staff:
        return refused("banned")
    if not may_moderate(command.act, actor):
        return refused("forbidden")
    if command.seconds == 0:
        return refused("invalid.duration")
    action = ModerationAction(transaction, room, request, command)
    if act := ON_THE_ROOM.get(command.act):
        return act(action)
    target = find_target(transaction, room, command)
    if isinstance(target, Refused):
        return target
    if request.who and not may_moderate(command.act, actor, target.standing):
        return refused("forbidden")
    return ON_A_PERSON[command.act](action, target)


def mute(action: ModerationAction, target: Target) -> Outcome:
    """Also a guest who only looks on: they are remembered from now on."""
    seconds = action.command.seconds
    until = FOR_GOOD if seconds is None else action.room.now + datetime.timedelta(seconds=seconds)
    if target.standing.muted_until == until:
        return action.nothing_to_do(_("%(name)s is muted already."), target)
    action.transaction.set_membership(action.room, action.participant_row(target), muted_until=until)
    action.room.access_changed()
    notice = _("%(name)s is muted %(time)s.")
    return action.done(notice, target, detail=in_words(seconds), time=in_words_lazy(seconds))


def unmute(action: ModerationAction, target: Target) -> Outcome:
    if not target.person or not target.standing.is_muted(action.room.now):
        return action.nothing_to_do(_("%(name)s is not muted."), target)
    action.transaction.set_membership(action.room, target.person, muted_until=None)
    action.room.access_changed()
    return action.done(_("%(name)s may talk again."), target)


def pin(action: ModerationAction) -> Outcome:
    """One message a room, the last one unless another is named; it takes the place of the one before."""
    action.transaction.insert_pending()  # it may have been posted in this very batch
    messages = Message.objects.filter(room_id=action.room.row.id, deleted_at=None)
    if action.command.sequence is not None:
        messages = messages.filter(sequence=action.command.sequence)
    sequence = messages.order_by("-sequence").values_list("sequence", flat=True).first()
    if sequence is None:
        return refused("not_found")
    if action.room.row.pinned == sequence:
        return action.nothing_to_do(_("The message is pinned already."))
    action.room.update(pinned=sequence)
    return action.done(_("The message is pinned."), detail=f"#{sequence}")


def unpin(action: ModerationAction) -> Outcome:
    pinned = action.room.row.pinned
    if pinned is None or action.command.sequence not in (None, pinned):
        return action.nothing_to_do(_("No such message is pinned."))
    action.room.update(pinned=None)
    return action.done(_("The message is no longer pinned."), detail=f"#{pinned}")


ON_THE_ROOM: Final[Mapping[Act, Callable[[ModerationAction], Outcome]]] = {
    Act.PIN: pin,
    Act.UNPIN: unpin,
    Act.SUCCEED: roles.succeed,
    Act.ACCEPT: roles.accept,
    Act.DECLINE: roles.decline,
    Act.LEAVE: roles.leave,
}
ON_A_PERSON: Final[Mapping[Act, Callable[[ModerationAction, Target], Outcome]]] = {
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
