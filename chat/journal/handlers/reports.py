"""Reporting a message to the moderators of its room."""

from ... import protocol
from ...access.permissions import may_enter
from ...models import Report
from ...protocol.text import Text
from ...protocol.text import mark as _
from ..types import Done, Outcome, Refused, refused
from .actions import Action


def report(action: Action[protocol.Report]) -> Outcome:
    """There is one report a person and message: another one replaces its reason and its copy of the
    text, and opens it again."""
    command, person, permissions = action.command, action.author, action.permissions
    if not may_enter(action.room.state, permissions):
        return refused("banned" if permissions.banned else "forbidden")
    message = action.find_message(command.sequence)
    if isinstance(message, Refused) or message.deleted_at:
        return refused("not_found")
    if message.author_id == person.id:
        return refused("invalid.own_message")
    Report.objects.update_or_create(
        message=message,
        reporter_id=person.id,
        defaults={
            "reason": command.reason.strip(),
            "text": message.in_plain_text,
            "text_at": action.room.now,
            "resolved_at": None,
            "resolved_by": None,
        },
    )
    return Done(Text(_("Thank you. The moderators will take a look.")))
