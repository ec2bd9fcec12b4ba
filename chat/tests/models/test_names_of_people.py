"""What a name may be: 1 to 40 characters that can be seen, in one spelling."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from chat.protocol.errors import code_of
from chat.protocol.ids import new_key
from chat.protocol.limits import NAME_MAX
from chat.text.cleaning import clean_participant_name
from chat.text.guest_names import ADJECTIVES, ANIMALS, generated_name
from chat.text.invisible import JOINERS

from ..harness.clients import ChatClient, Refused
from ..harness.servers import Daphne


def refusal(name: str) -> str:
    with pytest.raises(ValidationError) as caught:
        clean_participant_name(name)
    return code_of(str(caught.value.code))


@pytest.mark.parametrize(
    "name",
    [
        "Alice",
        "x",
        "日本語",
        "שרה",
        "علي",
        "Ærøskøbing",
        "O’Brien",
        "Jean-Luc",
        "a.b_c@d",
        "🦊",
        "x" * 40,
        "한국",
        "علی\u200cرضا",  # Persian keeps apart what would join
        "क्\u200dष",
        "क्\u200cष",
        "അവന്\u200d",
        "র\u200d্যাব",
        "ශ්\u200dරී",
        "葛\U000e0100城",
        "ᠨ\u180b",
        "👩🏽\u200d💻 Ada",
        "🏳\ufe0f\u200d🌈",
        "👩🏽\u200d❤\ufe0f\u200d💋\u200d👨🏻",
        "🙂\u200d↔\ufe0f",
        "☺\ufe0e",
        "1\ufe0f\u20e3",
    ],
)
def test_names_of_any_script_are_allowed(name: str) -> None:
    assert clean_participant_name(name) == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Alice  ", "Alice"),
        ("Alice   Liddell", "Alice Liddell"),
        ("Alice\u3000Liddell", "Alice Liddell"),
        ("Alice\nLiddell\t", "Alice Liddell"),
        ("ａｌｉｃｅ", "alice"),
        ("ﬁona", "fiona"),
        ("e\u0301ve", "éve"),
    ],
)
def test_a_name_is_kept_in_one_spelling(typed: str, kept: str) -> None:
    assert clean_participant_name(typed) == kept


@pytest.mark.parametrize(
    "name", ["", " ", "\u3000\u00a0", "\u200b\u200d", "\u2800", "\u3164", "\n\t", "\ufe0f", "\U0001d159"]
)
def test_a_name_that_nobody_can_see_is_none(name: str) -> None:
    assert refusal(name) == "empty"


def test_forty_characters_are_enough_and_are_counted_as_they_are_kept() -> None:
    assert clean_participant_name("e\u0301" * NAME_MAX) == "é" * NAME_MAX
    assert refusal("x" * 41) == "too_long"
    assert refusal("ﷺ" * 3) == "too_long"


@pytest.mark.parametrize("typed", ["x" + " " * 500 + "y", "a" + "\u0301\u0316" * 15_000])
def test_what_is_far_too_long_is_refused_without_normalizing(typed: str) -> None:
    """To put thirty thousand marks in their order takes seconds, in which the process does nothing else."""
    assert refusal(typed) == "too_long"


@pytest.mark.parametrize(
    "character",
    [
        "\x00",
        "\x07",
        "\x1b",
        "\x7f",
        "\x9b",
        "\u200b",
        "\u200e",
        "\u202e",
        "\u2066",
        "\u2069",
        "\u061c",
        "\ufeff",
        "\ufff9",
        "\U000e0041",
        "\ud800",
        "\ue000",
        "\uffff",
    ],
)
def test_controls_and_bidi_overrides_are_refused_in_a_name(character: str) -> None:
    assert refusal(f"ali{character}ce") == "invalid"


@pytest.mark.parametrize(
    "name",
    [
        "ali\u200cce",
        "ali\u200dce",
        "alice\u200d",
        "\u200cعلی",
        "علی\u200c",
        "علی\u200c رضا",
        "علی\u200c\u200cرضا",
        "ا\u200cب",  # an alef joins nothing after it
        "क्\u200d\u200dष",
        "क्\u200c",
        "x\u200d\u094d",
        "\U00017000\u200cب",  # of Tangut, whose characters Python has no names for
        "👩\u200d",
        "\u200d💻",
        "👩\u200d\u200d💻",
        "👩\u200dx",
        "alice\ufe0f",
        "❤\ufe0f\ufe0f",
        "1\ufe0f",
        "alice\u180b",
        "al\u034fice",
        "al\u1160ice",
    ],
)
def test_an_invisible_character_without_effect_is_refused_in_a_name(name: str) -> None:
    assert refusal(name) == "invalid"


@given(st.text(st.characters(), max_size=60))
def test_whatever_is_typed_is_a_clean_name_or_a_refusal(typed: str) -> None:
    try:
        name = clean_participant_name(typed)
    except ValidationError as error:
        assert code_of(error.code or "") in ("empty", "too_long", "invalid")
        return
    assert 1 <= len(name) <= NAME_MAX
    assert name == clean_participant_name(name)
    assert not any(unicodedata.category(c)[0] == "C" and c not in JOINERS for c in name)
    name.encode()


def test_every_generated_name_is_a_name_and_stays_the_same() -> None:
    key = new_key()
    assert generated_name(key) == generated_name(key)
    for adjective in ADJECTIVES:
        for animal in ANIMALS:
            assert clean_participant_name(f"{adjective} {animal}") == f"{adjective} {animal}"
    assert len({generated_name(new_key()) for _ in range(200)}) > 150


async def test_a_name_is_cleaned_and_refused_over_a_socket(lobby: Daphne, room: str) -> None:
    async with ChatClient(lobby.ws_url(room)) as alice:
        assert (await alice.rename("  Ａｌｉｃｅ  "))["you"]["name"] == "Alice"
        assert (await alice.rename("علی\u200cرضا"))["you"]["name"] == "علی\u200cرضا"
        await alice.rename("Alice")
        for name, code in (("\u202eecilA", "invalid"), ("\u200b", "empty"), ("x" * 41, "too_long")):
            with pytest.raises(Refused, match=code):
                await alice.rename(name)
        await alice.post("hello")
        await alice.wait_until(lambda alice: alice.messages)
        assert alice.messages[0]["author"]["name"] == "Alice"


async def test_who_has_a_joiner_in_their_name_is_found_without_it(lobby: Daphne, room: str) -> None:
    async with ChatClient(lobby.ws_url(room)) as alice, ChatClient(lobby.ws_url(room)) as bob:
        await alice.post("my room")
        await bob.rename("علی\u200cرضا")
        await bob.post("hello")
        ack = await alice.do("moderate", act="mute", name="علیرضا", seconds=60)
        assert "علی\u200cرضا" in ack["notice"]
