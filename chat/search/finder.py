"""Messages that a query means, newest first, of those that one may read at this moment."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..access.identity import Identity
from ..access.lookup import AccessQuery, AccessResult, look_up
from ..models import Message
from ..protocol.roles import Role
from ..text.folding import find_places, fold
from .contents import has_link, text_of
from .query import Query

TIME_LIMIT: Final = 1.0  # seconds
STEP: Final = 200  # messages that are read at once
CONTEXT_BEFORE: Final = 40  # characters
CONTEXT: Final = 160


@dataclass(frozen=True, slots=True)
class Hit:
    room_name: str
    message: Message
    """With its author joined."""
    context: list[tuple[str, bool]]
    """Pieces of the text around the first match, some 160 characters, and whether a piece is what was looked
    for."""


@dataclass(frozen=True, slots=True)
class Found:
    hits: list[Hit]
    cursor: int | None = None
    """To go on from. None: that was all."""
    is_complete: bool = True
    """False: hits may be missing, since the index is being built or the time was up."""


def find(
    query: Query, who: Identity, address: str, room_key: str | None, cursor: int | None, limit: int
) -> Found:
    """The next messages by id, at most `limit`. `room_key`: of the room from which somebody searches in it
    alone. Takes a second at most, then gives what it has, and a cursor.

    `from:` means the name under which a message was said or the author's name now: the whole of it, or one of
    its words. Messages of hidden rooms are found from that room, elsewhere by whom was there before."""
    search = _Search(query, who, address, room_key)
    hits: list[Hit] = []
    deadline = time.monotonic() + TIME_LIMIT
    for pks in _steps(cursor):
        for row in search.matching(pks):
            hits.append(search.hit(row))
            if len(hits) == limit:
                return Found(hits, row.pk)
        if time.monotonic() > deadline:
            return Found(hits, pks[-1], is_complete=False)
    return Found(hits)


def _steps(cursor: int | None) -> Iterator[list[int]]:
    while True:
        rows = Message.objects.filter(pk__lt=cursor) if cursor else Message.objects.all()
        if not (pks := list(rows.order_by("-pk").values_list("pk", flat=True)[:STEP])):
            return
        yield pks
        cursor = pks[-1]


class _Search:
    """One query of one person: which messages it means, read as they are now."""

    def __init__(self, query: Query, who: Identity, address: str, room_key: str | None) -> None:
        self._query, self._who, self._address, self._room_key = query, who, address, room_key
        self._access: dict[str, AccessResult] = {}

    def matching(self, pks: Sequence[int]) -> list[Message]:
        """Newest first."""
        rows = Message.objects.filter(pk__in=pks, deleted_at=None).select_related("author", "room")
        found = [row for row in rows.order_by("-pk") if self._is_meant(row)]
        self._look_up({row.room.key for row in found})
        return [row for row in found if self._may_read(row)]

    def _look_up(self, room_keys: set[str]) -> None:
        if missing := sorted(room_keys - self._access.keys()):
            results = look_up([AccessQuery(key, self._who, self._address) for key in missing])
            self._access |= zip(missing, results, strict=True)

    def _may_read(self, row: Message) -> bool:
        access = self._access[row.room.key]
        permissions = access.permissions
        if row.author and row.author.key in permissions.blocked:
            return False
        was_there = permissions.seen > 0 or permissions.role != Role.VISITOR
        is_known = not row.room.is_hidden or row.room.key == self._room_key or was_there
        return access.may_enter and is_known

    def _is_meant(self, row: Message) -> bool:
        query = self._query
        return (
            self._room_key in (None, row.room.key)
            and (not query.rooms or row.room.key in query.rooms)
            and (query.before is None or row.sent_at < query.before)
            and (query.after is None or row.sent_at >= query.after)
            and (not query.authors or any(self._is_called(row, name) for name in query.authors))
            and ("link" not in query.has or has_link(row.html))
            and "file" not in query.has
            and (not query.mentions_me or self._names_me(row))
            and (not query.terms or self._says(fold(text_of(row.html))))
        )

    def _says(self, folded: str) -> bool:
        return all(term in folded for term in self._query.terms)

    def _is_called(self, row: Message, name: str) -> bool:
        names = {fold(row.author_name), fold(row.author.name) if row.author else ""}
        return name in names or any(name in whole.split() for whole in names)

    def _names_me(self, row: Message) -> bool:
        return any(mention.get("id") == self._who.key for mention in row.mentions or ())

    def hit(self, row: Message) -> Hit:
        text = text_of(row.html)
        return Hit(row.room.name, row, _context(text, find_places(text, self._query.terms)))


def _context(text: str, places: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The pieces of the text around the first place."""
    first = places[0][0] if places else 0
    start = max(0, first - CONTEXT_BEFORE)
    end = min(len(text), start + CONTEXT)
    pieces = [("…", False)] if start else []
    at = start
    for place_start, place_end in places:
        if place_start >= end:
            break
        pieces += [(text[at:place_start], False), (text[place_start : min(place_end, end)], True)]
        at = min(place_end, end)
    pieces += [(text[at:end], False), ("…" if end < len(text) else "", False)]
    return [piece for piece in pieces if piece[0]]
