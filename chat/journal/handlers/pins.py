"""Pinning a message in a room. At most one is pinned."""

from ...models import Message
from ...protocol.text import mark as _
from ..types import Outcome, refused
from .actions import ModerationAction


def pin(action: ModerationAction) -> Outcome:
    """Pin the named message, else the last one, in place of the one before."""
    messages = Message.objects.filter(room_id=action.room.row.id, deleted_at=None)
    if action.command.sequence is not None:
        messages = messages.filter(sequence=action.command.sequence)
    sequence = messages.order_by("-sequence").values_list("sequence", flat=True).first()
    if sequence is None:
        return refused("not_found")
    if action.room.row.pinned == sequence:
        return action.nothing_to_do(_("The message is already pinned."))
    action.room.update(pinned=sequence)
    return action.done(_("The message is pinned."), detail=f"#{sequence}")


def unpin(action: ModerationAction) -> Outcome:
    pinned = action.room.row.pinned
    if pinned is None or action.command.sequence not in (None, pinned):
        return action.nothing_to_do(_("That message is not pinned."))
    action.room.update(pinned=None)
    return action.done(_("The message is no longer pinned."), detail=f"#{pinned}")
