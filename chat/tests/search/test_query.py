"""What somebody types to find messages, as what is looked for."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from chat.protocol.errors import ERRORS
from chat.protocol.limits import QUERY_MAX
from chat.search.query import FOLDED_MAX, Query, parse, zone_of
from chat.text.folding import fold

FILTERS = ["from:", "in:", "before:", "after:", "has:", "mentions:", "FROM:", "in：", 'from:"']
VALUES = ["me", "link", "2026-02-28", "2026-02-30", "0000-00-00", "⁗", "ﷺ", "\u200b", "ё"]
SIGNS = ['"', "“", " ", "\u3000", "\0"]
pieces = st.sampled_from([*FILTERS, *VALUES, *SIGNS]) | st.text(max_size=8)
in_quotes = st.characters(exclude_characters='"“”„«»＂\0', exclude_categories=["Cs"])
texts = st.lists(pieces, max_size=30).map("".join)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("tea", Query(("tea",))),
        ("Green  TEA tea", Query(("green", "tea"))),
        ('"Green  Tea" cup', Query(("green tea", "cup"))),
        ("“green tea", Query(("green tea",))),
        ("日本\u3000채팅 ＦＵＬＬ café 上海", Query(("日本", "채팅", "full", "cafe", "上海"))),
        ("C++ 100% a", Query(("c++", "100%", "a"))),
        ('5" std::vector https://example.org/?a=1', Query(('5"', "std::vector", "https://example.org/?a=1"))),
        ("from:Älice tea", Query(("tea",), authors=("alice",))),
        ('FROM:"Amber Otter" from:bob', Query(authors=("amber otter", "bob"))),
        ('in:Tea in:"My Room"', Query(rooms=("tea", "my room"))),
        ("has:link HAS:File", Query(has=frozenset(["link", "file"]))),
        ("mentions:me", Query(mentions_me=True)),
        ('"from:alice"', Query(("from:alice",))),
        ("from: alice", Query(("from:", "alice"))),
        ("a\0b", Query(("a", "b"))),
    ],
)
def test_words_phrases_and_filters(text: str, query: Query) -> None:
    assert parse(text, UTC) == query


def test_days_are_those_of_the_zone_and_left_out_themselves() -> None:
    query = parse("after:2026-11-27 before:2026-11-30 before:2026-11-29", ZoneInfo("Asia/Tokyo"))
    assert query.after == datetime(2026, 11, 27, 15, tzinfo=UTC)
    assert query.before == datetime(2026, 11, 28, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty.query"),
        (' "" from:"" \u200b', "empty.query"),
        ("x" * 201, "too_long.query"),
        ("ﷺ" * 200, "too_long.query"),
        ("before:yesterday", "invalid.date"),
        ("after:2026-02-30", "invalid.date"),
        ("after:9999-12-31", "invalid.date"),
        ("before:0001-01-01", "invalid.date"),
        ("has:cat", "invalid.has"),
        ("mentions:bob", "invalid.mentions"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        parse(text, UTC)
    assert refusal.value.code == code
    assert "%" not in refusal.value.messages[0]


@given(texts, st.sampled_from(["UTC", "Pacific/Kiritimati", "America/St_Johns"]))
def test_any_text_is_a_query_or_refused_with_a_known_code(text: str, zone: str) -> None:
    try:
        query = parse(text, ZoneInfo(zone))
    except ValidationError as refusal:
        assert refusal.code in ERRORS
        return
    assert len(text) <= QUERY_MAX
    assert query != Query()
    assert sum(map(len, query.terms)) <= FOLDED_MAX
    for term in (*query.terms, *query.authors):
        assert term
        assert fold(term) == term
        assert "\0" not in term
        assert not re.search(r"^\s|\s$|\s\s", term)


@given(st.lists(st.text(in_quotes, max_size=20), max_size=6))
def test_quoted_texts_are_the_terms(phrases: list[str]) -> None:
    expected = list(dict.fromkeys(term for phrase in phrases if (term := fold(phrase))))
    text = " ".join(f'"{phrase}"' for phrase in phrases)
    if len(text) <= QUERY_MAX and expected and sum(map(len, expected)) <= FOLDED_MAX:
        assert list(parse(text, UTC).terms) == expected


@pytest.mark.parametrize(
    "name", [None, "", "Mars/Olympus", "America", "/etc/localtime", "../UTC", "\0", "\ud800", "x" * 5000]
)
def test_days_are_of_the_site_where_the_name_of_a_zone_is_none(name: str | None) -> None:
    assert zone_of(name, UTC) is UTC


def test_days_are_those_of_the_reader() -> None:
    assert parse("before:2026-02-28", zone_of("Asia/Tokyo", UTC)).before == datetime(
        2026, 2, 27, 15, tzinfo=UTC
    )
