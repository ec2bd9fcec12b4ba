"""What the protocol's error codes mean, for people."""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

REASONS: Final = {
    "bad_frame": _("This is not a JSON object in a text frame."),
    "unknown_type": _("There is no such command."),
    "invalid": _("A field is missing or does not fit."),
    "too_large": _("This frame is larger than 64 KiB."),
    "busy": _("Too many messages at once. Wait a moment."),
    "too_fast": _("You are too fast. Wait a moment."),
    "unavailable": _("The database is away. It is tried again."),
}


def explain(code: str) -> str:
    return gettext(REASONS[code])
