"""The index in PostgreSQL: an array of numbers a message, with a GIN index.

A number stands for a group of one, two or three characters, or for a fact, and for the block of 32,768 ids of
messages in which it stands. GIN has no order, but a block can be looked through without the older ones.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate, chain
from typing import Final
from zlib import crc32

from django.db import connection

from ..database.durability import relaxed_durability
from ..database.statements import select
from .contents import Entry

STEP: Final = 60  # messages that are given at once
BLOCK_BITS: Final = 15
WORD_BITS: Final = 21
WORDS: Final = (1 << WORD_BITS) - 1
BLOCKS: Final = 1024  # after these, numbers repeat: ids are compared as well
BLOCKS_AT_ONCE: Final = 16

# Rows that are being changed are left out, rather than waited for: nobody waits for another in a circle.
ADD: Final = """
WITH new AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::integer[])
    AS new (id, revision, first, last)
), unchanged AS (
    SELECT m.id, m.room_id, new.first, new.last FROM chat_message m JOIN new ON new.id = m.id
    WHERE m.revision = new.revision AND m.deleted_at IS NULL FOR SHARE OF m SKIP LOCKED
), added AS (
    INSERT INTO chat_searchentry (message_id, room_id, tokens)
    SELECT id, room_id, (%s::integer[])[first:last] FROM unchanged
    ON CONFLICT (message_id) DO UPDATE SET tokens = excluded.tokens RETURNING message_id
), done AS (
    SELECT p.message_id FROM chat_searchpending p
    WHERE p.message_id IN (SELECT message_id FROM added UNION ALL SELECT unnest(%s::bigint[]))
    FOR UPDATE SKIP LOCKED
)
DELETE FROM chat_searchpending WHERE message_id IN (SELECT message_id FROM done)
"""


def add(entries: Sequence[Entry], gone: Collection[int]) -> None:
    ids, revisions = [entry.message_id for entry in entries], [entry.revision for entry in entries]
    tokens = [*map(_tokens, entries)]
    ends = [*accumulate(map(len, tokens))]
    firsts = [end - len(of_one) + 1 for end, of_one in zip(ends, tokens, strict=True)]
    joined = f"{{{','.join(map(str, chain.from_iterable(tokens)))}}}"
    with relaxed_durability(), connection.cursor() as cursor:
        cursor.execute(ADD, [ids, revisions, firsts, ends, joined, [*gone]])


def _tokens(entry: Entry) -> list[int]:
    text, words = entry.folded, {*entry.facts, *entry.folded}
    words.update([text[at : at + 2] for at in range(len(text) - 1)])
    words.update([text[at : at + 3] for at in range(len(text) - 2)])
    return _numbers(words, entry.message_id >> BLOCK_BITS)


def _numbers(words: Collection[str], block: int) -> list[int]:
    high = (block % BLOCKS) << WORD_BITS
    return [high | crc32(word.encode()) & WORDS for word in words]


def candidates(
    groups: Sequence[str],
    facts: Sequence[tuple[str, ...]],
    low: int,
    high: int,
    without_rooms: Sequence[int],
) -> Iterator[tuple[list[int], int]]:
    """The newest block, then ever more blocks together, since most words are found in the first."""
    all_of = [*groups, *(fact for (fact, *others) in facts if not others)]
    any_of = [several for several in facts if len(several) > 1]
    block, count = max(high - 1, 0) >> BLOCK_BITS, 1
    while block >= low >> BLOCK_BITS:
        start = max(low, (block - count + 1) << BLOCK_BITS)
        blocks = range(block, (start >> BLOCK_BITS) - 1, -1)
        of_block = ["tokens @> %s::integer[]"] * bool(all_of) + ["tokens && %s::integer[]"] * len(any_of)
        condition = " OR ".join([f"({' AND '.join(of_block)})"] * len(blocks))
        sets = [all_of] * bool(all_of) + any_of
        # The plus keeps the planner from reading the ids' own index backwards until it has found enough.
        rows = select(
            f"SELECT message_id FROM chat_searchentry WHERE ({condition})"
            " AND message_id + 0 >= %s AND message_id + 0 < %s AND room_id <> ALL(%s::bigint[])"
            " ORDER BY message_id + 0 DESC LIMIT %s",
            [
                *(_numbers(words, each) for each in blocks for words in sets),
                start,
                high,
                [*without_rooms],
                STEP,
            ],
        )
        pks = [pk for (pk,) in rows]
        if len(pks) == STEP:
            high, block = pks[-1], max(pks[-1] - 1, 0) >> BLOCK_BITS
            yield pks, high
            continue
        yield pks, start
        high, block, count = start, (start >> BLOCK_BITS) - 1, min(4 * count, BLOCKS_AT_ONCE)
