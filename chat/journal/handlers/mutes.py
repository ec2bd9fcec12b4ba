"""Muting people in a room, and ending that."""

import datetime
from typing import Final

from ...protocol.text import mark as _
from ...text.durations import as_code, in_words_lazy
from ..types import Outcome
from .actions import ModerationAction
from .targets import Target

FOR_GOOD: Final = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)


def mute(action: ModerationAction, target: Target) -> Outcome:
    """A guest who has never posted gets a row, so that the mute is kept."""
    seconds = action.command.seconds
    until = FOR_GOOD if seconds is None else action.room.now + datetime.timedelta(seconds=seconds)
    if target.permissions.muted_until == until:
        return action.nothing_to_do(_("%(name)s is already muted."), target)
    action.transaction.set_membership(action.room, action.participant_row(target), muted_until=until)
    action.room.access_changed()
    notice = _("%(name)s is muted %(time)s.")
    return action.done(notice, target, detail=as_code(seconds), time=in_words_lazy(seconds))


def unmute(action: ModerationAction, target: Target) -> Outcome:
    if not target.person or not target.permissions.is_muted(action.room.now):
        return action.nothing_to_do(_("%(name)s is not muted."), target)
    action.transaction.set_membership(action.room, target.person, muted_until=None)
    action.room.access_changed()
    return action.done(_("%(name)s is no longer muted."), target)
