"""What a name looks like: two names with the same skeleton can be taken for each other (Unicode UTS 39)."""

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from confusable_homoglyphs.confusables import confusables_data

from .invisible import BLANKS, without_ignorable

LENGTH: Final = 160  # characters; a name has 40
DIGEST: Final = 16  # bytes
DIRECTION_MARK: Final = "\u200e"  # the table has it around right-to-left characters
# They look like the mark of an account: check marks, roots, a V in a dark circle or square.
CHECK_MARKS: Final = (
    "\u221a\u221b\u221c\u237b\u23b7\u2611\u2705\u2713\u2714"
    "\U00010102\U0001f165\U0001f185\U0001f5f8\U0001f5f9\U0001fbb1"
)
CIRCLED_V: Final = re.compile("(?<=[^\u24b6-\u24e9])[\u24cb\u24e5\U0001f145]+$")  # but not of a circled word
UNSEEN: Final = BLANKS | str.maketrans("", "", CHECK_MARKS)
# Lookalikes only in one of their cases: a capital I is a small l, a capital i is an I.
SAME_IN_ONE_CASE: Final = str.maketrans({"l": "i", "0": "o"})


def skeleton(name: str) -> str:
    """Equal for names that look alike, whatever their case, script, width, spaces and check marks."""
    seen = "".join(without_ignorable(name).split())
    seen = CIRCLED_V.sub("", seen.translate(UNSEEN)) or seen
    folded = _in_one_case(unicodedata.normalize("NFKC", seen))
    folded = _prototypes_of(_prototypes_of(folded).casefold()).casefold()
    # A dot above is not seen on letters that have one.
    folded = folded.replace("i\u0307", "i").replace("j\u0307", "j")
    return _fitted("".join(folded.split()).translate(SAME_IN_ONE_CASE))


def _fitted(text: str) -> str:
    """A syllable of Hangul is up to seven characters here: a longer skeleton ends with a digest."""
    if len(text) <= LENGTH:
        return text
    return text[: LENGTH - 2 * DIGEST] + blake2b(text.encode(), digest_size=DIGEST).hexdigest()


def _in_one_case(text: str) -> str:
    """Beyond ASCII the two cases of a letter can look like different letters, ν like v and Ν like N. A name
    in another script is read in capitals; a letter in between Latin ones stays what it looks like."""
    if not any(map(_is_latin, text)):
        return text.upper()
    return "".join(c.lower() if _is_latin(c) and not c.isascii() else c for c in text)


def _is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith("LATIN ")


def _prototypes_of(text: str) -> str:
    return "".join(map(_prototype, unicodedata.normalize("NFD", text)))


@lru_cache(maxsize=4096)
def _prototype(character: str) -> str:
    """The prototype of all characters that look like this one. In the table every lookalike names its
    prototype, and a prototype all its lookalikes."""
    lookalikes = _lookalikes(character)
    if len(lookalikes) != 1:
        return character
    other = lookalikes[0]
    return other if len(_lookalikes(other)) > 1 else min(character, other)


def _lookalikes(character: str) -> list[str]:
    return [entry["c"].strip(DIRECTION_MARK) for entry in confusables_data.get(character, [])]
