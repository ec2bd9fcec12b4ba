"""What is looked for. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Has = Literal["link", "file"]


@dataclass(frozen=True, slots=True)
class Query:
    """All of it must be true of a message. Texts are folded (`text/folding.py`), rooms are keys.

    Each term stands somewhere in the text. Of several authors or rooms one is enough. `after` is the first
    moment that is meant, `before` the first one that no longer is."""

    terms: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    before: datetime | None = None
    after: datetime | None = None
    has: frozenset[Has] = frozenset()
    mentions_me: bool = False
