"""What an entry of the audit log says: whom an act concerned, and its details in one line.

The details are codes and numbers, which `manage/log_words` says in the reader's language, and what people
wrote.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple, Protocol

DETAIL_MAX: Final = 500
BETWEEN: Final = " · "
"""Separates the parts of a detail; no part contains it."""
WITH_ADDRESS: Final = ", with the network address"
"""Stands behind the duration of a ban."""
_LONE_DOT: Final = re.compile(r"(?<!\S)·(?!\S)")


class HasName(Protocol):
    """Whom an act concerns: a participant's row, a target, or the name of a deleted account."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...


class Named(NamedTuple):
    key: str
    name: str


NO_TARGET: Final = Named("", "")


def in_one_line(parts: Iterable[str]) -> str:
    """The parts in one line. A text that somebody wrote cannot pass for several parts."""
    return BETWEEN.join(_LONE_DOT.sub("–", part) for part in parts)
