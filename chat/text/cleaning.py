"""What a message, a person's name and a room's name may be, and the form in which each is kept.

What does not fit raises ValidationError. Where the protocol has a code for it, the error's `code` is a key of
`protocol.errors.ERRORS`.
"""

import re
import unicodedata
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..protocol.errors import ERRORS
from ..protocol.limits import FILE_NAME_MAX, NAME_MAX, ROOM_KEY_MAX, ROOM_NAME_MAX, TEXT_MAX
from .invisible import JOINERS, has_idle_sign, is_at_work, is_blank, without_ignorable

TYPED_MAX: Final = 10 * NAME_MAX  # characters of a person's name, before several become one
FILE_TYPED_MAX: Final = 10 * FILE_NAME_MAX
ROOM_TYPED_MAX: Final = 4 * ROOM_NAME_MAX  # code points: at most four become one in NFC
ROOM_NAME_PUNCTUATION: Final = frozenset(" -_.'&+!()")


def unfit(key: str, **parameters: int) -> ValidationError:
    """The error for a text that does not fit, with its code and parameters."""
    return ValidationError(_(ERRORS[key]), code=key, params=parameters)


def clean_text(raw: str, *, may_be_empty: bool = False) -> str:
    """The text trimmed, 1 to 4,000 code points, or ValidationError (codes `empty`, `too_long`, `invalid`). A
    text of which nothing would be seen is empty."""
    text = raw.replace("\r\n", "\n").strip()
    if len(text) > TEXT_MAX:
        raise unfit("too_long", max=TEXT_MAX)
    if is_blank(text):
        if may_be_empty:
            return ""
        raise unfit("empty")
    return storable(text)


def clean_line(raw: str, longest: int) -> str:
    """The text in one line with single spaces, perhaps empty, or ValidationError (codes `too_long`,
    `invalid`). `longest` in code points."""
    line = " ".join(storable(raw).split())
    if len(line) > longest:
        raise unfit("too_long.line", max=longest)
    return line


def storable(text: str) -> str:
    """The text, if it has no NUL and no half of a character; else ValidationError (code `invalid`)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise unfit("invalid.characters") from None
    if "\0" in text:
        raise unfit("invalid.characters")
    return text


def clean_participant_name(raw: str) -> str:
    """The name in NFKC, inner spaces single, or a ValidationError (codes `empty`, `too_long`, `invalid`)."""
    # Normalizing costs the square of the marks on a letter, so a text too long for a name is not normalized.
    name = raw if len(raw) > TYPED_MAX else " ".join(unicodedata.normalize("NFKC", raw).split())
    if is_blank(name):
        raise unfit("empty.name")
    if len(name) > NAME_MAX:
        raise unfit("too_long.name", max=NAME_MAX)
    # C: controls, bidi overrides, surrogates, unassigned.
    if any(unicodedata.category(c)[0] == "C" and c not in JOINERS for c in name) or has_idle_sign(name):
        raise unfit("invalid.name")
    return name


def clean_file_name(raw: str) -> str:
    """The name of an uploaded file: without folders and what cannot be seen, 1 to 120 characters. What is too
    long loses its middle, so that it keeps its ending."""
    name = re.split(r"[/\\]", raw[-FILE_TYPED_MAX:])[-1]
    name = unicodedata.normalize("NFC", name)
    visible = "".join(c for c in name if unicodedata.category(c)[0] != "C" or c in JOINERS)
    name = " ".join((without_ignorable(visible) if has_idle_sign(visible) else visible).split()).strip(" .")
    if is_blank(name):
        return "file"
    half = FILE_NAME_MAX // 2 - 1
    return name if len(name) <= FILE_NAME_MAX else f"{name[:half]}…{name[-half:]}"


def clean_room_name(raw: str) -> str:
    """The name as it is written (NFC), or ValidationError with the reason for people.

    Letters, marks and digits of any script, joiners where they join, inner spaces and `-_.'&+!()`; not dots
    alone; 1 to 80 code points.
    """
    # Normalizing costs the square of the marks on a letter, so a text too long for a name is not normalized.
    name = raw if len(raw) > ROOM_TYPED_MAX else unicodedata.normalize("NFC", raw)
    if not name:
        raise ValidationError(_("A room needs a name."))
    if len(name) > ROOM_NAME_MAX:
        raise ValidationError(
            _("A room's name can have at most %(max)d characters."), params={"max": ROOM_NAME_MAX}
        )
    if name != name.strip(" "):
        raise ValidationError(_("A room's name cannot begin or end with a space."))
    if not name.strip("."):
        raise ValidationError(_("A room's name cannot be only dots."))
    if not all(_is_of_a_name(c) or (c in JOINERS and is_at_work(name, at)) for at, c in enumerate(name)):
        raise ValidationError(_("A room's name can have letters, digits, spaces and - _ . ' & + ! ( )"))
    if is_blank(fold_room_name(name)):
        raise ValidationError(_("A room's name needs a visible character."))
    if len(fold_room_name(name)) > ROOM_KEY_MAX:
        raise ValidationError(_("This room's name is too long when written out."))
    return name


def _is_of_a_name(character: str) -> bool:
    return character in ROOM_NAME_PUNCTUATION or unicodedata.category(character)[0] in "LMN"


def fold_room_name(name: str) -> str:
    """The key by which names are compared: Unicode's NFKC casefold, so `Café` and `CAFÉ` are one room, and so
    are two names that look the same because they differ in what cannot be seen."""
    folded = unicodedata.normalize("NFKC", without_ignorable(name)).casefold()
    return without_ignorable(unicodedata.normalize("NFKC", folded))
