"""What can be seen of a text. Names and messages of nothing visible are empty, and two names that differ
only in what cannot be seen are one."""

import re
import unicodedata
from typing import Final

from idna import valid_contextj

# Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties): characters that are not shown on the screen.
IGNORABLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Nothing to be seen either: a pattern without dots, a note without a head, a filler.
BLANKS: Final = str.maketrans("", "", "\u2800\U0001d159\U00016fe4")

NON_JOINER: Final = "\u200c"
JOINER: Final = "\u200d"
JOINERS: Final = NON_JOINER + JOINER
AS_TEXT_OR_PICTURE: Final = "\ufe0e\ufe0f"
OTHER_FORM: Final = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0d\U000e0100-\U000e01ef]")  # of a letter
KEYCAP: Final = "\u20e3"
SKIN_TONES: Final = "".join(map(chr, range(0x1F3FB, 0x1F400)))
ARROW_OF_A_HEAD: Final = "\u2194"  # a head that shakes is joined to it
VIRAMA: Final = 9  # its combining class


def without_ignorable(text: str) -> str:
    return IGNORABLE.sub("", text)


def is_blank(text: str) -> bool:
    visible = text if text.isascii() else without_ignorable(text).translate(BLANKS)
    return not visible.strip()


def has_idle_sign(text: str) -> bool:
    """Whether there is an invisible character where it changes nothing that is seen."""
    return any(not is_at_work(text, sign.start()) for sign in IGNORABLE.finditer(text))


def is_at_work(text: str, at: int) -> bool:
    """Whether this invisible character changes what is seen. Persian, Indic scripts and emoji need some:
    between letters that would join, at a virama, from picture to picture (RFC 5892, A.1 and A.2; UTS 51)."""
    sign, before, after = text[at], text[:at], text[at + 1 : at + 2]
    if sign == NON_JOINER:
        return bool(after.strip()) and _joins(text, at)
    if sign == JOINER:
        bare = before.rstrip(AS_TEXT_OR_PICTURE + SKIN_TONES)
        is_in_picture = _is_picture(bare[-1:]) and _is_picture(after)
        return is_in_picture or _joins(text, at) or _is_kept_from_virama(before[-1:], after)
    if sign in AS_TEXT_OR_PICTURE:
        return _is_picture(before[-1:]) or after == KEYCAP
    return bool(OTHER_FORM.match(sign)) and _is("Lo", before[-1:])


def _joins(text: str, at: int) -> bool:
    try:
        return valid_contextj(text, at)
    except ValueError:  # it is beside a character that Python has no name for, as all of Tangut
        return False


def _is_picture(character: str) -> bool:
    return character == ARROW_OF_A_HEAD or _is("So", character)


def _is_kept_from_virama(before: str, after: str) -> bool:
    """Bengali and Kannada write a ra whole before a letter's low form (Unicode Standard, 12.2 and 12.8)."""
    return _is("Lo", before) and after != "" and unicodedata.combining(after) == VIRAMA


def _is(category: str, character: str) -> bool:
    return character != "" and unicodedata.category(character) == category
