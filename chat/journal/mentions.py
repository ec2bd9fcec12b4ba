"""Whom the texts of one transaction may name: read for all of them at once, and what is stored of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import Q

from .. import protocol
from ..models import Connection, Membership
from ..text.mentions import folded
from .bodies import Body
from .types import WriteRequest

STEP: Final = 500  # names a query


class NewMention(NamedTuple):
    """A row of `chat_mention` to insert, of a message that is stored."""

    room_id: int
    sequence: int
    participant_id: int
    kind: int


@dataclass(slots=True)
class PeopleNamed:
    """Those of one room whom its texts may name."""

    names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Their public ids, by folded name."""
    guests: dict[str, str] = field(default_factory=dict)
    """Names of guests who are present, by public id: they may have no row."""

    def add(self, key: str, name: str) -> None:
        self.names[folded(name)].add(key)


def read_people(requests: Sequence[WriteRequest], rooms: Mapping[str, int]) -> dict[str, PeopleNamed]:
    """By the room's key: of its members and of those who are present, whoever has one of the names or ids
    that these requests give. `rooms`: ids by key. Nothing is read where no text has an `@`."""
    found = dict[str, PeopleNamed]()
    skeletons, written, ids = set[str](), set[str](), set[str]()
    for request in requests:
        body, command = request.body, request.command
        if not (isinstance(body, Body) and body.places and request.room_key in rooms):
            continue
        found.setdefault(request.room_key, PeopleNamed())
        if isinstance(command, protocol.Post | protocol.Edit) and command.mentions is not None:
            ids.update(key for key in command.mentions if key.isascii() and "\0" not in key)
        else:
            names = [name for place in body.places for name in place]
            skeletons.update(name.skeleton for name in names)
            written.update(name.written for name in names)
    if not found:
        return found
    members = Membership.objects.filter(room__in=[rooms[key] for key in found])
    columns = "room__key", "participant__key", "participant__name"
    for condition in (*_among("participant__skeleton", skeletons), *_among("participant__key", ids)):
        for room, key, name in members.filter(condition).values_list(*columns):
            found[room].add(key, name)
    here = Connection.objects.live().filter(room_key__in=found)
    for condition in (*_among("name", written), *_among("participant_key", ids)):
        rows = here.filter(condition).values_list("room_key", "participant_key", "name", "verified")
        for room, key, name, verified in rows:
            found[room].add(key, name)
            if not verified:
                found[room].guests[key] = name
    return found


def _among(column: str, values: Collection[str]) -> Iterator[Q]:
    rest = iter(values)
    while some := list(islice(rest, STEP)):
        yield Q(**{f"{column}__in": some})


def store(mentions: Iterable[NewMention]) -> None:
    """Insert them, and a membership for each of those who have none: it keeps their read mark."""
    rows = sorted(set(mentions), key=lambda row: (row.room_id, row.participant_id))
    for start in range(0, len(rows), STEP):
        some = rows[start : start + STEP]
        _insert(
            "chat_membership (room_id, participant_id, role, seen)"
            " SELECT DISTINCT v.column1, v.column3, 'visitor', 0 FROM {} WHERE true",
            some,
        )
        _insert(
            "chat_mention (message_id, participant_id, room_id, sequence, kind)"
            " SELECT m.id, v.column3, m.room_id, m.sequence, v.column4 FROM {}"
            " JOIN chat_message m ON m.room_id = v.column1 AND m.sequence = v.column2 WHERE true",
            some,
        )


def _insert(into: str, rows: Sequence[NewMention]) -> None:
    values: list[Any] = [value for row in rows for value in row]
    places = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {into.format(f'(VALUES {places}) AS v')} ON CONFLICT DO NOTHING", values)
