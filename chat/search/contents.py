"""What is searched of a message: its words as they are read, and facts about it. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from html import unescape
from typing import Any, Final, NamedTuple

from ..text.folding import fold

LINE_ENDS: Final = re.compile("<br>|</(?:p|div|h[3-6]|li|pre|td|th|blockquote)>")
TAGS: Final = re.compile("<[^>]*>")
SPOILER: Final = re.compile('<span class="spoiler">(.*?)</span>', re.DOTALL)
LETTER: Final = re.compile(r"\S")

FACT: Final = "\ue101"  # of private use: no text that people write has it
NOTHING: Final = FACT + "-"
"""Of none."""
LINK: Final = FACT + "l"
FILE: Final = FACT + "f"


def room(pk: int) -> str:
    return f"{FACT}r{pk}"


def author(pk: int) -> str:
    return f"{FACT}a{pk}"


def called(folded_name: str) -> str:
    return f"{FACT}n{folded_name}"


def mentions(key: str) -> str:
    return f"{FACT}m{key}"


def text_of(html: str, files: Sequence[Mapping[str, Any]] | None) -> str:
    """The words of a message's stored HTML, then names and descriptions of its files, each on a line."""
    if "<" in html or "&" in html:
        html = _words(html).strip()
    if not files:
        return html
    return "\n".join(
        filter(None, [html, *(file.get(part, "") for file in files for part in ("name", "alt"))])
    )


def _words(html: str) -> str:
    return unescape(TAGS.sub("", LINE_ENDS.sub("\n", html)))


def covered(html: str) -> str:
    """The HTML with the letters of spoilers covered: they are shown when one opens them."""
    return SPOILER.sub(lambda spoiler: LETTER.sub("█", _words(spoiler[1])), html)


def has_link(html: str) -> bool:
    return "<a " in html


@lru_cache(4096)
def names_of(name: str) -> frozenset[str]:
    """By what a name is found: all of it, and each of its words."""
    folded = fold(name)
    return frozenset({folded, *folded.split()} - {""})


class Entry(NamedTuple):
    """What the index keeps of a message as it was at a revision."""

    message_id: int
    revision: int
    folded: str
    facts: frozenset[str]


COLUMNS: Final = ("pk", "revision", "room_id", "html", "files", "author_id", "author_name", "mentions")


def entry_of(
    pk: int,
    revision: int,
    room_id: int,
    html: str,
    files: Sequence[Mapping[str, Any]] | None,
    author_id: int | None,
    author_name: str,
    named: Iterable[Mapping[str, Any]] | None,
) -> Entry:
    """The entry of these columns of a message."""
    facts = {room(room_id), *map(called, names_of(author_name))}
    facts |= {mentions(mention["id"]) for mention in named or () if mention.get("id")}
    if author_id:
        facts.add(author(author_id))
    if has_link(html):
        facts.add(LINK)
    if files:
        facts.add(FILE)
    return Entry(pk, revision, fold(text_of(html, files)), frozenset(facts))
