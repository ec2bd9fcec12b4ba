"""The word filter: what it finds, what it leaves alone, and that nobody can make it slow."""

import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text.word_filter import filtered

WORDS = "damn\nbad phrase\nstraße\n馬鹿\n바보\nc*nt\nfoo-bar"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("damn", "••••"),
        ("DAMN it", "•••• it"),
        ("ＤＡＭＮ", "••••"),
        ("(damn!)", "(••••!)"),
        ("*damn*_damn_", "*••••*_••••_"),
        ("well-damn-well", "well-••••-well"),
        ("da\u200bm\u00adn", "••••"),
        ("d\u0336a\u0336m\u0336n\u0336!", "••••!"),
        ("d\u0361a\u0489m\u0360\u0316\u034an", "••••"),
        ("a bad\n\tphrase here", "a •••\n\t•••••• here"),
        ("STRASSE und Straße", "••••••• und ••••••"),
        ("お前は馬鹿だ", "お前は••だ"),
        ("바보야", "••야"),
        ("foo-bar damn", "••••••• ••••"),
        ("damn damn", "•••• ••••"),
    ],
)
def test_a_word_is_found_in_any_case_width_and_ornament(text: str, masked: str) -> None:
    assert filtered(text, WORDS, "mask") == masked
    assert filtered(text, WORDS, "reject") is None


@pytest.mark.parametrize(
    "text",
    ["damned", "goddamn", "badphrase", "bad", "phrase", "dam n", "damn\u0301", "damn1", "", "馬 鹿", "x"],
)
def test_what_only_contains_a_word_is_left_alone(text: str) -> None:
    assert filtered(text, WORDS, "mask") == text
    assert filtered(text, WORDS, "reject") == text


def test_without_words_nothing_is_touched() -> None:
    for words in ("", "\n\n", " \n\u200b\n"):
        assert filtered("anything at all", words, "reject") == "anything at all"


@given(st.text(max_size=200), st.lists(st.text(max_size=8), max_size=8))
def test_whatever_is_said_and_unwanted_it_never_fails_and_never_grows(text: str, words: list[str]) -> None:
    masked = filtered(text, "\n".join(words), "mask")
    assert masked is not None
    assert len(masked) <= len(text)
    assert masked == text or filtered(text, "\n".join(words), "reject") is None


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ("a", ["a" * n + "b" for n in range(1, 60)]),
        ("ア", ["ア" * n + "イ" for n in range(1, 60)]),
        ("a\u0301\u0327", ["a\u0301\u0327" * n for n in range(1, 20)]),
        ("⁗", ["′" * n + "x" for n in range(1, 60)]),
        ("\u200b", ["a\u200bb"]),
        ("bad ", ["bad " * n + "bed" for n in range(1, 15)]),
        ("ﷺ", ["صلى الله"]),
    ],
    ids=ascii,
)
def test_four_times_the_text_takes_four_times_the_steps(unit: str, words: list[str]) -> None:
    """Counted in lines of Python, which no busy machine makes more of."""

    def steps(length: int) -> int:
        lines = 0

        def count(_frame: FrameType, event: str, _argument: Any) -> Any:
            nonlocal lines
            lines += event == "line"
            return count

        filtered(unit, "\n".join(words), "mask")  # the words are looked at once
        before = sys.gettrace()
        sys.settrace(count)
        try:
            filtered((unit * length)[:length], "\n".join(words), "mask")
        finally:
            sys.settrace(before)
        return lines

    assert steps(1_000) <= 4.2 * steps(250)
