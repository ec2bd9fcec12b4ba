"""Texts as a search compares them: without case, width, accents and what cannot be seen. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from .invisible import without_ignorable

# Accents, points and other marks of Latin, Greek, Cyrillic, Hebrew and Arabic letters and of signs. The marks
# of other scripts, as the voicing of kana, make other letters.
MARKS: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
TO_JOIN: Final = re.compile("[\u1100-\u11ff]+|[\u3040-\u30ff][\u3099\u309a]")  # Hangul and kana
QUOTES: Final = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
KEPT: Final = 20_000  # characters


class _Letters(dict[int, str]):
    """For `str.translate`: each character decomposed, in small letters, without marks."""

    def __missing__(self, code: int) -> str:
        small = unicodedata.normalize("NFKD", chr(code)).casefold().translate(QUOTES)
        letters = MARKS.sub("", without_ignorable(unicodedata.normalize("NFKD", small)))
        if len(self) < KEPT:
            self[code] = letters
        return letters


_letters: Final = _Letters()


def fold(text: str) -> str:
    """Unicode's NFKC casefold without marks and invisible characters. Any blank space is one space, and there
    is none at the ends. What is folded stays as it is."""
    return " ".join(_lettered(text).split())


def _lettered(text: str) -> str:
    if text.isascii():
        return text.lower()
    # Normalizing the whole would cost the square of the marks on a letter.
    return TO_JOIN.sub(_joined, text.translate(_letters))


def _joined(letters: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", letters[0])


def find_places(text: str, terms: Iterable[str]) -> list[tuple[int, int]]:
    """Where folded terms stand in the text: start and end, in order, without overlaps."""
    folded, places = _folded_with_places(text)
    found = sorted(
        (places[match.start()][0], places[match.end() - 1][1])
        for term in terms
        for match in re.finditer(re.escape(term), folded)
    )
    merged = list[tuple[int, int]]()
    for start, end in found:
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _folded_with_places(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text folded, and for each character of that where in the text it comes from."""
    folded, places = list[str](), list[tuple[int, int]]()
    for start, end in _characters(text):
        for letter in _lettered(text[start:end]):
            if not letter.isspace():
                folded.append(letter)
                places.append((start, end))
            elif folded and folded[-1] != " ":
                folded.append(" ")
                places.append((start, end))
            elif folded:
                places[-1] = places[-1][0], end
    return "".join(folded), places


def _characters(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each character with what joins it when it is folded: marks, and the letters of a
    syllable of Hangul after its first."""
    start = 0
    for at in range(1, len(text)):
        letters = _letters[ord(text[at])]
        if letters and not unicodedata.combining(letters[0]) and not "\u1160" <= letters[0] <= "\u11ff":
            yield start, at
            start = at
    if text:
        yield start, len(text)
