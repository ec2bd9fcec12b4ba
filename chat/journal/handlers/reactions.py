"""Reactions: who may add an emoji to a message, and what the message shows of them."""

from typing import Any, Final

from ... import protocol
from ...access.permissions import refusal_to_post
from ...models import Message, Reaction
from ...models.reaction import NAMES_SHOWN
from ...text.emoji import is_emoji
from ..types import Outcome, Refused, Stored, refused
from .actions import Action

REACTIONS_MAX: Final = 20  # different emoji under a message

Shown = dict[str, Any]


def react(action: Action[protocol.React]) -> Outcome:
    """Add an emoji to a message, or remove it. What changes nothing takes no revision and is subject to no
    rule: so a resend is answered as the first time."""
    room, command, person = action.room, action.command, action.author
    message = action.find_message(command.sequence)
    if isinstance(message, Refused) or message.deleted_at:
        return refused("not_found")
    mine = Reaction.objects.filter(message=message, emoji=command.emoji, participant_id=person.id)
    if mine.exists() == command.on:
        return Stored(message.sequence, message.revision)
    code = refusal_to_post(room.state, action.permissions, room.now)
    if code and code != "read_only":
        return refused(code)
    if not is_emoji(command.emoji):
        return refused("invalid.emoji")
    shown: list[Shown] = message.reactions or []
    if command.on and len(shown) >= REACTIONS_MAX and command.emoji not in {r["emoji"] for r in shown}:
        return refused("too_many.reactions")
    if command.on:
        Reaction.objects.create(message=message, emoji=command.emoji, participant_id=person.id)
    else:
        mine.delete()
    recount(message, command.emoji)
    return Stored(message.sequence, room.message_changed(message, "reactions"))


def recount(message: Message, emoji: str) -> None:
    """Count one emoji of a message again; emoji keep the order in which they were added."""
    before: list[Shown] = message.reactions or []
    of_emoji = Reaction.objects.filter(message=message, emoji=emoji).order_by("pk")
    first = list(of_emoji.values_list("participant__key", "participant__name")[:NAMES_SHOWN])
    now = {
        "emoji": emoji,
        "count": of_emoji.count(),
        "names": [name for _key, name in first],
        "ids": [key for key, _name in first],
    }
    if emoji not in {reaction["emoji"] for reaction in before}:
        before = [*before, now]
    shown = [now if reaction["emoji"] == emoji else reaction for reaction in before]
    message.reactions = [reaction for reaction in shown if reaction["count"]] or None
