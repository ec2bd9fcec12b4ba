"""The index of the database that is in use: an FTS5 table in SQLite, an array with a GIN index in PostgreSQL.

Each message has one entry: the groups of one, two and three neighbouring characters of its folded text, and
its facts. What the index finds is always read again: it may find too much, never too little. The database
itself notes a new message as pending, and removes the entry of one that is deleted or whose text, author,
mentions or files change, in the same transaction (migrations 0017 and 0018, and `sqlite.create_triggers`).
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from django.db import connection

from . import postgresql, sqlite
from .contents import Entry

GROUPS_MAX: Final = 16  # of a term: the others cost more than they rule out


class Need(NamedTuple):
    """What an entry must have: each group of characters, and of each set of facts one."""

    groups: tuple[str, ...]
    facts: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, terms: Sequence[str], facts: Sequence[tuple[str, ...]]) -> "Need":
        groups = tuple(dict.fromkeys(group for term in terms for group in _groups(term)))
        return cls(groups, (*facts,))


def _groups(term: str) -> list[str]:
    """The term itself, or its groups of three, spread over a long one."""
    count = max(1, len(term) - 2)
    step = -(-count // GROUPS_MAX)
    return [term[at : at + 3] for at in sorted({*range(0, count, step), count - 1})]


def _is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def add(entries: Sequence[Entry], gone: Collection[int]) -> None:
    """Store the entries of messages that are still at their revision. They are pending no more, and neither
    are those that are gone (ids). Others, and on PostgreSQL those that a transaction is changing, are left
    out. Call it outside a transaction, on a thread that writes nothing else."""
    (sqlite.add if _is_sqlite() else postgresql.add)(entries, gone)


def tidy() -> None:
    """Some milliseconds of the work that keeps the index fast. Call it outside a transaction."""
    if _is_sqlite():
        sqlite.merge()


def candidates(
    need: Need, low: int, high: int, without_rooms: Sequence[int]
) -> Iterator[tuple[list[int], int]]:
    """Messages (ids from `low` to below `high`) that may meet a need, newest first, in steps: some ids, and
    the id down to which all have been given. The need must not be empty. Each step takes some 100 ms at
    most, however large the index."""
    find = sqlite.candidates if _is_sqlite() else postgresql.candidates
    return find(need.groups, need.facts, low, high, without_rooms)
