"""The words that a room's owner does not want to read there. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from .invisible import IGNORABLE, without_ignorable

WORDS_MAX: Final = 500
WORD_MAX: Final = 60  # characters
CHARACTERS_MAX: Final = 6_000  # of all words as they are looked for: some 1 MB for one filter
FOLDED_MAX: Final = 3  # characters that one becomes; what becomes more is taken for itself
MASK: Final = "•"
MARKS_MAX: Final = 30  # on one letter; what comes after them is taken for itself

# Combining marks that no script needs for its letters: they strike a letter through or pile up on it.
ORNAMENTS: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)

# Scripts without spaces, or in which endings are joined to the word: a word is found inside others.
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
    text alone, however many words there are.
    """
    folded = Folded.of(text)
    found = [(folded.starts[first], folded.ends[last]) for first, last in _found(folded.text, _wanted(words))]
    if found and action == "reject":
        return None
    masked = list(text)
    done = len(text)
    for start, end in reversed(found):  # they may overlap, and end one after the other
        for place in range(start, min(end, done)):
            masked[place] = _mask(text[place])
        done = min(done, start)
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
    folded = " " if folded.isspace() else ORNAMENTS.sub("", unicodedata.normalize("NFKC", folded))
    return folded if len(folded) <= FOLDED_MAX * len(letter) else letter


class Wanted:
    """Words as an automaton (Aho and Corasick): one pass over a text finds where each of them ends.

    A state is what was read last, as far as a word begins with it.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._next: dict[int, int] = {}  # the state after a state and a character
        self._shorter = [0]  # the longest end of a state that is a state itself
        self._length = [0]  # of the word that a state is, or 0
        self._word_in = [0]  # the longest end of a state that is a word
        states = [0] * len(words)
        for place in range(max(map(len, words), default=0)):  # the shorter states first
            for number, word in enumerate(words):
                if place < len(word):
                    states[number] = state = self._grown(states[number], ord(word[place]))
                    if place == len(word) - 1:
                        self._length[state] = len(word)

    def _grown(self, state: int, character: int) -> int:
        known = self._next.get(state << 21 | character)
        if known is not None:
            return known
        shorter = self._after(self._shorter[state], character) if state else 0
        self._next[state << 21 | character] = new = len(self._shorter)
        self._shorter.append(shorter)
        self._length.append(0)
        self._word_in.append(shorter if self._length[shorter] else self._word_in[shorter])
        return new

    def _after(self, state: int, character: int) -> int:
        after = self._next.get
        while (known := after(state << 21 | character)) is None and state:
            state = self._shorter[state]
        return known or 0

    def ends(self, text: str) -> Iterator[tuple[int, int]]:
        """Each place behind a word, and the state there."""
        state = 0
        for place, character in enumerate(map(ord, text), 1):
            state = self._after(state, character)
            if self._length[state] or self._word_in[state]:
                yield place, state

    def lengths(self, state: int) -> Iterator[int]:
        """Of the words that end in this state, the longest first."""
        while state:
            if self._length[state]:
                yield self._length[state]
            state = self._word_in[state]


@lru_cache(maxsize=32)
def _wanted(words: str) -> Wanted:
    """As many of the words as the filter takes."""
    folded = folded_words(words[:CHARACTERS_MAX])
    sizes = accumulate(map(len, folded))
    return Wanted([word for word, size in zip(folded, sizes, strict=True) if size <= CHARACTERS_MAX])


def folded_words(words: str) -> list[str]:
    lines = (line.strip()[:WORD_MAX] for line in words.splitlines()[:WORDS_MAX])
    return [word for word in dict.fromkeys(Folded.of(line).text for line in lines) if word]


def _found(text: str, wanted: Wanted) -> Iterator[tuple[int, int]]:
    """The first and last place of the longest word that ends in a place."""
    for end, state in wanted.ends(text):
        if _is_edge(text, end):
            for length in wanted.lengths(state):
                if _is_edge(text, end - length):
                    yield end - length, end - 1
                    break


def _is_edge(text: str, place: int) -> bool:
    """Whether a word may begin or end before this place."""
    if place in (0, len(text)):
        return True
    before, after = text[place - 1], text[place]
    return not (_is_of_a_word(before) and _is_of_a_word(after))


@lru_cache(maxsize=4096)
def _is_of_a_word(character: str) -> bool:
    """Of a script in which spaces separate words."""
    if unicodedata.category(character)[0] not in "LMN":
        return False
    return not any(first <= character <= last for first, last in WITHOUT_SPACES)
