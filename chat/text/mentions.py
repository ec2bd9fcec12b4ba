"""Where a text may name somebody: an `@` and what follows it. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from ..protocol.limits import NAME_MAX
from .confusables import skeleton
from .invisible import without_ignorable

HERE: Final = "here"
"""`@here` names everybody who is present."""

PLACES_MAX: Final = 10  # of a text; each is read before anything is stored
NAMES_MAX: Final = 8  # that one place may mean
AT: Final = re.compile(r"(?<!\w)@(?=\S)")


class Name(NamedTuple):
    """What may be a name."""

    written: str
    folded: str
    skeleton: str


Place = tuple[Name, ...]
"""The names that may begin at one `@`, the longest first."""


def places(prose: str) -> tuple[Place, ...]:
    """`prose`: a text without code and links. A name ends where a word does, or between characters of a
    script without spaces."""
    if "@" not in prose:
        return ()
    starts = islice((match.end() for match in AT.finditer(prose)), PLACES_MAX)
    return tuple(_names_at(prose[start : start + NAME_MAX + 1].partition("\n")[0]) for start in starts)


def folded(name: str) -> str:
    """Equal for names that differ in case, width and spaces alone. Without joiners: not every keyboard has
    them."""
    words = unicodedata.normalize("NFKC", without_ignorable(name)).split()
    return unicodedata.normalize("NFKC", " ".join(words).casefold())


def _names_at(line: str) -> Place:
    ends = list(_ends(line))
    del ends[NAMES_MAX // 2 : -NAMES_MAX // 2]  # of a name with many signs, the shortest and the longest
    return tuple(Name(line[:end], folded(line[:end]), skeleton(line[:end])) for end in reversed(ends))


def _ends(line: str) -> Iterator[int]:
    for end in range(1, min(len(line), NAME_MAX) + 1):
        if not line[end - 1].isspace() and (end == len(line) or _may_begin(line[end])):
            yield end


def _may_begin(character: str) -> bool:
    """Whether a word may have ended before this character."""
    return not re.match(r"\w", character) or unicodedata.east_asian_width(character) in "WF"
