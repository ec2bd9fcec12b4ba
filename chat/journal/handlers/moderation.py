"""Moderation of a locked room: who may do what to whom, and the handler of each act."""

from collections.abc import Callable, Mapping
from typing import Final

from ...access.permissions import may_moderate
from ...protocol import Act
from ..types import Outcome, Refused, refused
from . import bans, mutes, pins, removal, roles
from .actions import ModerationAction
from .targets import Target, find_target


def moderate(action: ModerationAction) -> Outcome:
    """The right to do it is checked first, so that a refusal does not reveal whether the person exists."""
    actor, command = action.permissions, action.command
    if actor.banned and not actor.staff:
        return refused("banned")
    if not may_moderate(command.act, actor):
        return refused("forbidden")
    if command.seconds == 0:
        return refused("invalid.duration")
    if act := ON_THE_ROOM.get(command.act):
        return act(action)
    target = find_target(action.transaction, action.room, command)
    if isinstance(target, Refused):
        return target
    if action.request.who and not may_moderate(command.act, actor, target.permissions):
        return refused("forbidden")
    return ON_A_PERSON[command.act](action, target)


ON_THE_ROOM: Final[Mapping[Act, Callable[[ModerationAction], Outcome]]] = {
    Act.PIN: pins.pin,
    Act.UNPIN: pins.unpin,
    Act.SUCCEED: roles.succeed,
    Act.ACCEPT: roles.accept,
    Act.DECLINE: roles.decline,
    Act.LEAVE: roles.leave,
}
ON_A_PERSON: Final[Mapping[Act, Callable[[ModerationAction, Target], Outcome]]] = {
    Act.MUTE: mutes.mute,
    Act.UNMUTE: mutes.unmute,
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
