"""Messages that a query means, newest first, of those that one may read at this moment."""

import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Exists, OuterRef, Q

from ..access.identity import Identity
from ..access.lookup import AccessQuery, AccessResult, look_up
from ..models import Ban, Membership, Message, Participant, Room
from ..protocol.limits import NAME_MAX
from ..protocol.roles import Role
from ..text.confusables import skeleton
from ..text.folding import find_places, fold
from . import contents, index, indexer
from .query import Query

TIME_LIMIT: Final = 1.0  # seconds
UNREACHED_MAX: Final = 2000  # messages that are looked through beside the index
IDS_AT_ONCE: Final = 20_000  # that are looked at without the index
GIVEN_AT_ONCE: Final = 60
READ_AT_ONCE: Final = 200
CLOSED_MAX: Final = 10_000  # rooms
PEOPLE_MAX: Final = 100
CLOCKS_DIFFER: Final = timedelta(minutes=10)  # those of processes
CONTEXT_BEFORE: Final = 40  # characters
CONTEXT: Final = 160
SPREAD: Final = 64


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
    deadline = time.monotonic() + TIME_LIMIT
    hits: list[Hit] = []
    for pks, through in search.candidates(cursor):
        for some in (pks[at : at + READ_AT_ONCE] for at in range(0, len(pks), READ_AT_ONCE)):
            hits += map(search.hit, search.matching(some, limit - len(hits)))
            if len(hits) == limit:
                return Found(hits, hits[-1].message.pk, search.is_complete)
        if time.monotonic() > deadline:
            return Found(hits, through, is_complete=False)
    return Found(hits, is_complete=search.is_complete)


class _Row(NamedTuple):
    """A message as it is now."""

    pk: int
    room_id: int
    room_key: str
    is_hidden: bool
    author_key: str | None
    author: str | None
    author_name: str
    html: str
    files: list[dict[str, Any]] | None
    mentions: list[dict[str, Any]] | None
    sent_at: datetime


COLUMNS: Final = (
    "pk",
    "room_id",
    "room__key",
    "room__is_hidden",
    "author__key",
    "author__name",
    "author_name",
    "html",
    "files",
    "mentions",
    "sent_at",
)


class _Search:
    """One query of one person: which messages it means, read as they are now."""

    def __init__(self, query: Query, who: Identity, address: str, room_key: str | None) -> None:
        [me] = look_up([AccessQuery(room_key or "", who, address)])
        self._query, self._me, self._address, self._room_key = query, me, address, room_key
        self._access: dict[str, AccessResult] = {} if room_key is None else {room_key: me}
        keys = None if room_key is None else {room_key}
        if query.rooms:
            keys = {*query.rooms} if keys is None else keys & {*query.rooms}
        self._rooms = None if keys is None else self._readable(keys)
        self.is_complete = True

    def _readable(self, keys: set[str]) -> list[int]:
        """Those of the rooms that one may read. The others are not looked through: how long it takes tells
        nothing of their words."""
        self._look_up(keys)
        rows = Room.objects.filter(key__in=keys).values_list("pk", "key", "is_hidden")
        return [pk for pk, key, is_hidden in rows if self._may_read_room(key, is_hidden)]

    def candidates(self, cursor: int | None) -> Iterator[tuple[list[int], int]]:
        """Messages (ids) that may be meant, newest first, in steps: what the index has not reached yet
        is among them. With each step the id down to which all have been given."""
        low, high = self._bounds(cursor)
        unreached = sorted(self._unreached(low, high))
        need, closed = self._need(), self._closed_rooms()
        by_index = need.groups or need.facts
        found = index.candidates(need, low, high, closed) if by_index else self._in_order(low, high, closed)
        for pks, through in found:
            newer = unreached[bisect_left(unreached, through) :]
            del unreached[len(unreached) - len(newer) :]
            yield sorted({*pks, *newer}, reverse=True), through

    def _in_order(self, low: int, high: int, closed: Sequence[int]) -> Iterator[tuple[list[int], int]]:
        """Where only days are asked for, the messages are in order already."""
        sent = {"sent_at__gte": self._query.after, "sent_at__lt": self._query.before}
        messages = Message.objects.filter(deleted_at=None, **{name: at for name, at in sent.items() if at})
        messages = messages.exclude(room__in=closed).order_by("-pk")
        while low < high:
            through = max(low, high - IDS_AT_ONCE)
            of_these = messages.filter(pk__gte=through, pk__lt=high).values_list("pk", flat=True)
            if len(pks := list(of_these[:GIVEN_AT_ONCE])) == GIVEN_AT_ONCE:
                through = pks[-1]
            yield pks, through
            high = through

    def _bounds(self, cursor: int | None) -> tuple[int, int]:
        """The first id that may be meant, and the first after the last."""
        query = self._query
        newest = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        high = min(cursor, newest + 1) if cursor else newest + 1
        low = _first_at(query.after - CLOCKS_DIFFER, high) if query.after else 0
        return low, _first_at(query.before + CLOCKS_DIFFER, high) if query.before else high

    def _unreached(self, low: int, high: int) -> Iterable[int]:
        """What the index may not have, as far as it is looked through: all of it, or the newest messages."""
        pks = indexer.pending(low, high, UNREACHED_MAX + 1)
        if len(pks) > UNREACHED_MAX:
            rows = Message.objects.filter(pk__gte=low, pk__lt=high, deleted_at=None).order_by("-pk")
            if self._rooms is not None:
                rows = rows.filter(room__in=self._rooms).order_by("-sequence")
            pks = list(rows.values_list("pk", flat=True)[:UNREACHED_MAX])
            self.is_complete = len(pks) < UNREACHED_MAX
        return pks

    def _need(self) -> index.Need:
        query = self._query
        facts: list[tuple[str, ...]] = []
        if self._rooms is not None:
            facts.append(tuple(map(contents.room, self._rooms)) or (contents.NOTHING,))
        if query.authors:
            facts.append(
                (*map(contents.called, query.authors), *map(contents.author, _people(query.authors)))
            )
        if query.mentions_me:
            facts.append((contents.mentions(self._me.who.key),))
        facts += [({"link": contents.LINK, "file": contents.FILE}[one],) for one in sorted(query.has)]
        return index.Need.of(query.terms, facts)

    def _closed_rooms(self) -> list[int]:
        """The largest rooms that one may not read. They are not even looked through: how long it takes tells
        little of them. (What is found is checked again, by the rule that everything shares.)"""
        if self._rooms is not None:
            return []
        mine = Membership.objects.filter(room=OuterRef("pk"), participant__key=self._me.who.key)
        is_member, was_there = Exists(mine.exclude(role=Role.VISITOR)), Exists(mine.filter(seen__gt=0))
        closed = Q(is_hidden=True) & ~was_there & ~is_member
        if not self._me.permissions.staff:
            is_shut = Q(is_private=True) | ~Q(password="")
            banned = Ban.objects.in_force().filter(room=OuterRef("pk"), participant_key=self._me.who.key)
            closed |= (is_shut & ~is_member) | Q(Exists(banned))
        return list(
            Room.objects.filter(closed).order_by("-sequence").values_list("pk", flat=True)[:CLOSED_MAX]
        )

    def matching(self, pks: Sequence[int], limit: int) -> list[Message]:
        """The newest of them that are meant, newest first."""
        rows = Message.objects.filter(pk__in=pks, deleted_at=None).values_list(*COLUMNS)
        meant = [row for row in map(_Row._make, rows) if self._is_meant(row)]
        self._look_up({row.room_key for row in meant})
        readable = [row.pk for row in meant if self._may_read(row)]
        found = Message.objects.filter(pk__in=readable, deleted_at=None).select_related("author", "room")
        return list(found.order_by("-pk")[:limit]) if readable else []

    def _look_up(self, room_keys: set[str]) -> None:
        if missing := sorted(room_keys - self._access.keys()):
            results = look_up([AccessQuery(key, self._me.who, self._address) for key in missing])
            self._access |= zip(missing, results, strict=True)

    def _may_read(self, row: _Row) -> bool:
        blocked = self._access[row.room_key].permissions.blocked
        return self._may_read_room(row.room_key, row.is_hidden) and row.author_key not in blocked

    def _may_read_room(self, key: str, is_hidden: bool) -> bool:
        access = self._access[key]
        was_there = access.permissions.seen > 0 or access.permissions.role != Role.VISITOR
        return access.may_enter and (not is_hidden or key == self._room_key or was_there)

    def _is_meant(self, row: _Row) -> bool:
        query = self._query
        return (
            (self._rooms is None or row.room_id in self._rooms)
            and (query.before is None or row.sent_at < query.before)
            and (query.after is None or row.sent_at >= query.after)
            and (not query.authors or any(_is_called(row, name) for name in query.authors))
            and ("link" not in query.has or contents.has_link(row.html))
            and ("file" not in query.has or bool(row.files))
            and (not query.mentions_me or self._names_me(row))
            and (not query.terms or self._says(fold(contents.text_of(row.html, row.files))))
        )

    def _says(self, folded: str) -> bool:
        return all(term in folded for term in self._query.terms)

    def _names_me(self, row: _Row) -> bool:
        return any(mention.get("id") == self._me.who.key for mention in row.mentions or ())

    def hit(self, message: Message) -> Hit:
        places = find_places(contents.text_of(message.html, message.files), self._query.terms)
        shown = contents.text_of(contents.covered(message.html), message.files)
        return Hit(message.room.name, message, _context(shown, places))


def _is_called(row: _Row, name: str) -> bool:
    return name in contents.names_of(row.author_name) or (row.author is not None and fold(row.author) == name)


def _people(folded_names: Iterable[str]) -> list[int]:
    """Participants (ids) who are called this now, at most 100."""
    people = Participant.objects.filter(skeleton__in=[skeleton(name[:NAME_MAX]) for name in folded_names])
    rows = people.values_list("pk", "name")[:PEOPLE_MAX]
    return [pk for pk, name in rows if fold(name) in folded_names]


def _first_at(time: datetime, high: int) -> int:
    """An id: messages before it were sent before that time, those from it on then or later. Times grow with
    ids. Each query looks at messages spread over the ids: four queries are enough for a million."""
    low = 0
    while low < high:
        step = -(-(high - low) // SPREAD)
        messages = Message.objects.values_list("pk", "sent_at")
        rows = list(messages.filter(pk__in=range(low, high, step)))
        if not rows and step > 1:  # many are gone: halve
            middle = (low + high) // 2
            rows = list(messages.filter(pk__gte=middle, pk__lt=high).order_by("pk")[:1])
            if not rows:
                high = middle
                continue
        low = max((pk + 1 for pk, sent_at in rows if sent_at < time), default=low)
        high = min((pk for pk, sent_at in rows if sent_at >= time), default=high)
        if step == 1:
            return high
    return high


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
