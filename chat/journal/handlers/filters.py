"""The word filters of rooms as they were last read, so that texts are filtered before a room is locked."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from ...text.word_filter import filtered
from ..bodies import Body
from ..sql import RoomRow
from ..types import WriteRequest

ROOMS_MAX: Final = 200
TEXTS_MAX: Final = 1000  # as many as one transaction has

_known: Final[dict[str, tuple[str, str]]] = {}
"""By the room's key: the words, and the action."""

_filtered: Final = lru_cache(maxsize=TEXTS_MAX)(filtered)


class FilterChanged(Exception):
    """A room has another filter than was known. It is known now: write the batch again."""


def prefilter(requests: Iterable[WriteRequest]) -> None:
    """Filter the texts by the known filters of their rooms: it takes long, and no room is locked yet."""
    for request in requests:
        if request.who and isinstance(request.body, Body) and request.room_key in _known:
            for text in (request.body.visible, request.body.text, *request.body.alts):
                _filtered(text, *_known[request.room_key])


def learn_filters(rooms: Iterable[RoomRow]) -> bool:
    """Remember the filters of these rooms. True if one of them was not known."""
    changed = {row.key: _filter_of(row) for row in rooms if row.filter_words}
    changed = {key: its for key, its in changed.items() if _known.get(key) != its}
    if len(_known) + len(changed) > ROOMS_MAX:
        _known.clear()
    _known.update(changed)
    return bool(changed)


def filtered_text(text: str, room: RoomRow) -> str | None:
    """The text as the room's filter leaves it; None when it is to be refused."""
    return _filtered(text, *_filter_of(room)) if room.filter_words else text


def _filter_of(room: RoomRow) -> tuple[str, str]:
    return room.filter_words, room.filter_action
