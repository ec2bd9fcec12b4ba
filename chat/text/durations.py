"""How long something lasts, in people's words."""

from typing import Final

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

UNITS: Final = (
    (86_400, ngettext_lazy("%d day", "%d days")),
    (3_600, ngettext_lazy("%d hour", "%d hours")),
    (60, ngettext_lazy("%d minute", "%d minutes")),
    (1, ngettext_lazy("%d second", "%d seconds")),
)


def in_words(seconds: int | None) -> str:
    """In the largest unit that says it exactly; None is for good."""
    if seconds is None:
        return _("permanently")
    size, words = next((size, words) for size, words in UNITS if seconds % size == 0)
    return _("for %(time)s") % {"time": words % (seconds // size)}


def as_code(seconds: int | None) -> str:
    """For what is stored, and said in the language of whoever reads it: `600 s`, `for good`."""
    return "for good" if seconds is None else f"{seconds} s"


def code_in_words(code: str) -> str:
    """What `as_code` gave, in words; another text as it is."""
    number, _space, unit = code.partition(" ")
    if code == "for good":
        return in_words(None)
    return in_words(int(number)) if unit == "s" and number.isdecimal() else code


in_words_lazy = lazy(in_words, str)
"""The same in the language that is active when it is put into a text."""
