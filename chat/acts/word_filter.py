"""The words that a room's owner does not want to read there. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ..models.visible import IGNORABLE, without_ignorable

WORDS_MAX: Final = 500
WORD_MAX: Final = 60  # characters
MASK: Final = "•"
MARKS_MAX: Final = 30  # on one letter; what comes after them is taken for itself

# Marks of no script that make no letter of their own with what they stand on: struck through, piled up.
ORNAMENTS: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)

# Written without spaces, or with endings that grow to the word: there a word is found inside of others.
WITHOUT_SPACES: Final = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u1000", "\u109f"),  # Myanmar
    ("\u1100", "\u11ff"),  # Hangul
    ("\u1780", "\u17ff"),  # Khmer
    ("\u2e80", "\ua4cf"),  # Han, kana, Yi
    ("\ua960", "\ud7ff"),  # Hangul
    ("\uf900", "\ufaff"),  # Han
    ("\U00020000", "\U0003ffff"),  # Han
)


def filtered(text: str, words: str, action: str) -> str | None:
    """The text with the words masked, or None when it is to be refused. `words`: one word or phrase a line.

    Words are found whole, in any case and width, with invisible characters between their letters and with
    ornaments on them; in scripts without spaces they are found anywhere. The time it takes grows with the
    text alone, not with its square.
    """
    folded = Folded.of(text)
    masked = list(text)
    for first, last in _found(folded.text, _wanted(words)):
        if action == "reject":
            return None
        for place in range(folded.starts[first], folded.ends[last]):
            masked[place] = _mask(text[place])
    return "".join(masked)


def _mask(character: str) -> str:
    if character.isspace():
        return character
    return "" if _continues(character) else MASK


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as it is compared, and where in the original each of its characters comes from."""

    text: str
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str) -> "Folded":
        characters: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for start, end in _letters(text):
            for character in _fold(text[start:end]):
                if character == " " and characters[-1:] == [" "]:
                    continue
                characters.append(character)
                starts.append(start)
                ends.append(end)
        return cls("".join(characters), starts, ends)


def _letters(text: str) -> Iterator[tuple[int, int]]:
    """Where each letter with its marks begins and ends."""
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or place - start > MARKS_MAX or not _continues(text[place]):
            yield start, place
            start = place


def _continues(character: str) -> bool:
    """A mark on the letter before, a part of a Korean syllable, or something that cannot be seen."""
    if character < "\u0300":
        return character == "\u00ad"
    return (
        unicodedata.category(character)[0] == "M"
        or "\u1160" <= character <= "\u11ff"
        or IGNORABLE.match(character) is not None
    )


@lru_cache(maxsize=4096)
def _fold(letter: str) -> str:
    if letter.isascii():
        return " " if letter.isspace() else letter.lower()
    folded = unicodedata.normalize("NFKC", without_ignorable(letter)).casefold()
    return " " if folded.isspace() else ORNAMENTS.sub("", unicodedata.normalize("NFKC", folded))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Words to look for, and how long those are that begin with a character, the longest first."""

    words: frozenset[str]
    lengths: dict[str, list[int]]


@lru_cache(maxsize=128)
def _wanted(words: str) -> Wanted:
    folded = {Folded.of(word.strip()).text for word in words.splitlines()[:WORDS_MAX]} - {""}
    lengths: dict[str, set[int]] = {}
    for word in folded:
        lengths.setdefault(word[0], set()).add(len(word))
    return Wanted(frozenset(folded), {first: sorted(of, reverse=True) for first, of in lengths.items()})


def _found(text: str, wanted: Wanted) -> Iterator[tuple[int, int]]:
    """The first and last place of every word that is found; they do not overlap."""
    place = 0
    while place < len(text):
        length = _length_at(text, place, wanted)
        if length:
            yield place, place + length - 1
        place += length or 1


def _length_at(text: str, place: int, wanted: Wanted) -> int:
    lengths = wanted.lengths.get(text[place])
    if not lengths or not _is_edge(text, place):
        return 0
    for length in lengths:
        end = place + length
        if end <= len(text) and text[place:end] in wanted.words and _is_edge(text, end):
            return length
    return 0


def _is_edge(text: str, place: int) -> bool:
    """Whether a word may begin or end before this place."""
    if place in (0, len(text)):
        return True
    before, after = text[place - 1], text[place]
    return not (_is_of_a_word(before) and _is_of_a_word(after))


@lru_cache(maxsize=4096)
def _is_of_a_word(character: str) -> bool:
    """Of a script in which words stand apart."""
    if unicodedata.category(character)[0] not in "LMN":
        return False
    return not any(first <= character <= last for first, last in WITHOUT_SPACES)
