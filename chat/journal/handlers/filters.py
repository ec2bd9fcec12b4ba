"""The word filters of rooms as they were last seen, so that texts are filtered before a room is locked."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from ... import protocol
from ...text.word_filter import filtered
from ..sql import RoomRow
from ..types import Draft

ROOMS_MAX: Final = 200
TEXTS_MAX: Final = 500  # as many as one transaction has

_known: Final[dict[str, tuple[str, str]]] = {}
"""By the room's key: the words, and what is done about them."""

_filtered: Final = lru_cache(maxsize=TEXTS_MAX)(filtered)


class FilterChanged(Exception):
    """A room has another filter than was known. It is known now: begin again."""


def look_through(drafts: Sequence[Draft], cleaned: Sequence[object]) -> None:
    """Filter the texts that people want to say, by what is known of their rooms. To be done before any of
    the rooms is locked: it takes milliseconds."""
    for draft, clean in zip(drafts, cleaned, strict=True):
        if draft.who and isinstance(clean, protocol.Post | protocol.Edit) and draft.room_key in _known:
            _filtered(clean.message, *_known[draft.room_key])


def has_news(rooms: Iterable[RoomRow]) -> bool:
    """Whether one of the rooms has another filter than was known. It is known from now on."""
    news = {row.key: _filter_of(row) for row in rooms if row.filter_words}
    news = {key: its for key, its in news.items() if _known.get(key) != its}
    if len(_known) + len(news) > ROOMS_MAX:
        _known.clear()
    _known.update(news)
    return bool(news)


def left_of(text: str, room: RoomRow) -> str | None:
    """What the room's filter leaves of a text; None when it is to be refused."""
    return _filtered(text, *_filter_of(room)) if room.filter_words else text


def _filter_of(room: RoomRow) -> tuple[str, str]:
    return room.filter_words, room.filter_action
