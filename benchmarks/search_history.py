"""Sites in which a million messages of four languages can be searched: half of them in one room, the others
in a thousand, of which some are private. Equal on either database."""

import itertools
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chat.tests.harness.environment import ROOT
from chat.tests.harness.servers import Site
from chat.text.markup import plain_html

ROOMS: Final = 1000
PRIVATE: Final = range(900, 950)
SMALL: Final = 999
"""A room of a hundred messages."""
AUTHORS: Final = 500
BUILD_STEP: Final = 1000  # messages
WORDS: Final = 6000  # of a language
BEGAN: Final = datetime(2025, 1, 1, tzinfo=UTC)
CONSONANTS: Final = "b c d f g h j k l m n p r s t v w z th sh ch st tr pl".split()
VOWELS: Final = "a e i o u ea ou".split()
OTHER_VOWELS: Final = "a e i o u ä ö ü ei au ie".split()
SIGNS: Final = ("", "", "", "", "!", "?", " C++", " 100%", " <ok>")
MESSAGE: Final = (
    "room_id sequence revision author_id author_name text html"
    " client_id sent_at format renderer author_verified"
).split()


def _vocabulary(first: str, syllables: Sequence[str], longest: int, seed: int) -> list[str]:
    """The most frequent word first."""
    chance, words = random.Random(seed), dict.fromkeys(first.split())
    while len(words) < WORDS:
        words["".join(chance.choices(syllables, k=chance.randint(1, longest)))] = None
    return list(words)


def _languages() -> list[tuple[list[str], str, int]]:
    """Words, what stands between them, and how many a message has at most."""
    latin = [c + v for c in CONSONANTS for v in VOWELS]
    umlauts = [c + v + end for c in CONSONANTS for v in OTHER_VOWELS for end in ("", "n", "r", "s")]
    kana, kanji = [chr(c) for c in range(0x3042, 0x3093)], [chr(0x4E00 + 7 * n) for n in range(2500)]
    hangul = [chr(0xAC00 + 11 * n) for n in range(1000)]
    return [
        (_vocabulary("the to a and of in is it you that", latin, 4, 1), " ", 14),
        (_vocabulary("der die und für ist nicht ein über schön", umlauts, 3, 2), " ", 12),
        (_vocabulary("です ます は が の を 日本 日本語 上海", kanji + kana * 10, 3, 3), "", 16),
        (_vocabulary("채팅 은 는 이 가 에서 한국", hangul, 4, 4), " ", 10),
    ]


def texts(count: int) -> Iterator[str]:
    chance = random.Random(5)
    languages = [
        (words, list(itertools.accumulate(1 / n for n in range(1, len(words) + 1))), between, most)
        for words, between, most in _languages()
    ]
    for number in range(count):
        words, weights, between, most = chance.choice(languages)
        said = between.join(chance.choices(words, cum_weights=weights, k=chance.randint(1, most)))
        yield said + chance.choice(SIGNS) + (" see https://example.org" if number % 50 == 0 else "")


def rows(count: int) -> Iterator[tuple[Any, ...]]:
    """Of the messages' table, in the order of `MESSAGE`. A secret is told in private rooms alone."""
    chance, sequences = random.Random(6), [0] * ROOMS
    for number, text in enumerate(texts(count)):
        room = 0 if number % 2 else chance.randrange(1, SMALL)
        room = SMALL if number % (count // 100) == 0 else room
        sequences[room] += 1
        said = f"{text} topsecret" if room in PRIVATE else text
        html = plain_html(said)
        if "https:" in said:
            html = html.replace(
                "https://example.org", '<a href="https://example.org">https://example.org</a>'
            )
        author = 1 + number % AUTHORS
        at = BEGAN + timedelta(seconds=number)
        numbers = (room + 1, sequences[room], sequences[room], author, f"Person {author}")
        yield (*numbers, said, html, UUID(int=number), at, 1, 1, False)


def fill(site: Site, count: int) -> None:
    """The rows, without the index."""
    sequences = [0] * ROOMS
    mark = ", ".join(["%s" if not site.is_sqlite else "?"] * len(MESSAGE))
    with site.connection() as connection:
        connection.execute("BEGIN")
        if site.is_sqlite:
            connection.execute("PRAGMA cache_size=-400000")
            insert = f"INSERT INTO chat_message ({', '.join(MESSAGE)}) VALUES ({mark})"
            connection.executemany(insert, map(_for_sqlite, _counted(count, sequences)))
        else:
            copy = f"COPY chat_message ({', '.join(MESSAGE)}) FROM STDIN"
            with connection.cursor() as cursor, cursor.copy(copy) as into:
                for row in _counted(count, sequences):
                    into.write_row(row)
        for author in range(1, AUTHORS + 1):
            name = f"Person {author}"
            _insert(site, connection, "chat_participant", key=f"p{author}", name=name, created_at=BEGAN)
        for number, sequence in enumerate(sequences):
            counters = {"sequence": sequence, "revision": sequence, "room_revision": 0, "topic": ""}
            times = {"created_at": BEGAN, "last_posted_at": BEGAN}
            named = {"name": f"room {number}", "key": f"room {number}", "epoch": f"{number:016}"}
            private = number in PRIVATE
            _insert(site, connection, "chat_room", **named, **counters, **times, is_private=private)
        connection.execute("COMMIT")
        if not site.is_sqlite:  # in SQLite, statistics of an empty index make it scan what it then stores
            connection.execute("ANALYZE")


def _counted(count: int, sequences: list[int]) -> Iterator[tuple[Any, ...]]:
    for row in rows(count):
        sequences[row[0] - 1] = row[1]
        yield row


def _for_sqlite(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*row[:7], row[7].hex, f"{row[8]:%Y-%m-%d %H:%M:%S}", *row[9:])


def _insert(site: Site, connection: Any, table: str, **values: Any) -> None:
    if site.is_sqlite:
        values = {name: f"{v:%F %T}" if isinstance(v, datetime) else v for name, v in values.items()}
    marks = ", ".join(["?" if site.is_sqlite else "%s"] * len(values))
    connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", [*values.values()])


def build_index(site: Site) -> None:
    """In larger steps than a running site may take; PostgreSQL's at once, when all numbers are there."""
    if not site.is_sqlite:
        [(index,)] = site.sql("SELECT indexdef FROM pg_indexes WHERE indexname = 'search_tokens'")
        site.sql("DROP INDEX search_tokens")
    code = f"from chat.search import indexer\nwhile indexer.index_step({BUILD_STEP}): pass"
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "--verbosity", "0", "-c", code]
    subprocess.run(command, env=site.environment(), cwd=site.directory, check=True, stdin=subprocess.DEVNULL)
    if not site.is_sqlite:
        site.sql(index)
        site.sql("VACUUM ANALYZE")


def index_size(site: Site) -> float:
    """Bytes a message."""
    if site.is_sqlite:
        [(size,)] = site.sql("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'chat_searchentry%'")
    else:
        [(size,)] = site.sql("SELECT pg_total_relation_size('chat_searchentry')")
    return float(size) / site.count("chat_message")
