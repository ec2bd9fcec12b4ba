"""Which words of a text may be somebody's name."""

import pytest

from chat.text import markup
from chat.text.mentions import NAMES_MAX, PLACES_MAX, folded, places


def first_names(text: str) -> list[str]:
    """At the first place, the longest first."""
    found = places(markup.render(text).prose)
    return [name.written for name in found[0]] if found else []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("@alice", "alice"),
        ("hello @Alice!", "Alice"),
        ("(@alice)", "alice"),
        ("**@alice** is here", "alice"),
        ("> @alice said", "alice"),
        ("@Mary Ann, hello", "Mary Ann"),
        ("@snake_case_name?", "snake_case_name"),
        ("@J. R. R. here", "J. R. R."),
        ("@爱丽丝你好", "爱丽丝"),
        ("@Zoë 🎉!", "Zoë 🎉"),
        ("a@b @alice", "alice"),
    ],
)
def test_a_name_ends_where_a_word_does(text: str, name: str) -> None:
    assert name in first_names(text)


@pytest.mark.parametrize(
    "text",
    [
        "`@alice`",
        "```\n@alice\n```",
        "[@alice](https://example.com)",
        "https://example.com/@alice",
        "alice@example.com",
        r"\@alice",
        "me@alice",
        "@ alice",
        "no names",
    ],
)
def test_code_links_and_addresses_name_nobody(text: str) -> None:
    assert first_names(text) == []


def test_a_name_goes_on_behind_no_other_markup() -> None:
    assert first_names("@Mary `code` Ann") == ["Mary"]
    assert first_names("@Mary\nAnn") == ["Mary"]


def test_no_text_has_more_names_than_are_looked_at() -> None:
    found = places("@a b c d e f g h i j k l m n o p " * 100)
    assert len(found) == PLACES_MAX
    assert max(map(len, found)) == NAMES_MAX


def test_names_that_differ_in_case_width_and_spaces_are_one() -> None:
    assert folded("Ａlice  B") == folded("alice b")
