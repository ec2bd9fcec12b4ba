import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text.folding import find_places, fold

ALIKE = [
    ("ＦＵＬＬ", "full"),
    ("Café", "cafe"),
    ("Cafe\u0301", "CAFÉ"),
    ("Straße", "STRASSE"),
    ("Ёлка", "елка"),
    ("Ελλάδα", "ελλαδα"),
    ("أحمد", "احمد"),
    ("שָׁלוֹם", "שלום"),
    ("ｶﾞｷﾞ", "ガギ"),
    ("채팅", unicodedata.normalize("NFD", "채팅")),
    ("①", "1"),
    ("zero\u200bwidth", "zerowidth"),
    ("  a\u3000 b\n", "A B"),
    ("don’t", "don't"),
]
THEMSELVES = ["日本", "上海", "채팅", "c++", "100%", "がき", "ประเทศไทย", "हिन्दी"]
PLACES = [
    ("Ein Café, CAFE\u0301!", "cafe", ["Café", "CAFE\u0301"]),
    ("日本語です", "日本", ["日本"]),
    ("C++ and c++", "c++", ["C++", "c++"]),
    ("a  b", "a b", ["a  b"]),
    ("ﬁne", "i", ["ﬁ"]),
    (unicodedata.normalize("NFD", "채팅방"), "팅", [unicodedata.normalize("NFD", "팅")]),
    ("aaa", "aa", ["aa"]),
    ("100%", "0%", ["0%"]),
]
SIGNS = [*"aB \néかガ゛ｶﾞ각ㅋ´ﬁ½Ёا’'ß", "e\u0301", "\u0301", "\u3099", "\u1100", "\u1161", "\u11a8"]
SIGNS += ["\u200b", "\u3000", "\u064b", "\u0e49", "\u0f71", "\u0f72", "ﷺ", "👩\u200d👩"]
texts = st.lists(st.sampled_from(SIGNS) | st.characters(exclude_categories=["Cs"]), max_size=20).map("".join)


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_texts_that_differ_in_case_width_accents_or_blanks_fold_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize("text", THEMSELVES)
def test_what_makes_another_letter_is_kept(text: str) -> None:
    assert fold(text) == text


def test_voiced_kana_are_other_letters() -> None:
    assert fold("が") != fold("か")


@given(texts)
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(("text", "term", "found"), PLACES)
def test_a_term_is_found_where_it_stands_in_the_text(text: str, term: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in find_places(text, [fold(term)])] == found


def test_places_of_several_terms_do_not_overlap() -> None:
    assert find_places("abcdef", ["abc", "bcd", "f"]) == [(0, 4), (5, 6)]


@given(texts, st.integers(0, 20), st.integers(1, 20))
def test_whatever_stands_in_a_folded_text_has_its_places(text: str, start: int, length: int) -> None:
    term = fold(text)[start : start + length].strip()
    if term:
        places = find_places(text, [term])
        assert places
        assert all(0 <= first < end <= len(text) for first, end in places)
        assert all(one[1] <= other[0] for one, other in pairwise(places))
