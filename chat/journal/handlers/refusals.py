"""Why a draft is refused, for people: the journal's side of the codes in docs/PROTOCOL.md."""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from ..types import Refused

REASONS: Final = {
    "ambiguous": _("Several people here have this name. Use the menu at their name instead."),
    "banned": _("You are banned from this room."),
    "closed": _("This room is closed."),
    "filtered": _("This message has words that are not wanted here."),
    "forbidden": _("You may not do this here."),
    "muted": _("You are muted in this room."),
    "name_taken": _("Somebody with an account has this name, or one that looks like it."),
    "not_found": _("There is no such message."),
    "read_only": _("Only moderators talk in this room."),
}


def refused(code: str) -> Refused:
    return Refused(code, gettext(REASONS[code]))


def not_found() -> Refused:
    """The message is not there, was deleted, or was removed."""
    return refused("not_found")
