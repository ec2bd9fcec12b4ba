"""Names that can be taken for each other are one name, as far as an account's is concerned."""

import inspect
import pkgutil
import sys
import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import _lru_cache_wrapper
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

import chat
from chat.access.identity import Identity
from chat.journal.types import Refused, Renamed
from chat.models import Participant
from chat.models.participant import is_claimed, unclaimed_name
from chat.protocol.limits import NAME_MAX
from chat.text.confusables import LENGTH, skeleton
from chat.text.guest_names import generated_name

from ..harness.write_requests import ALICE, BOB, post, refusal, rename, stored, write_one

ALIKE = [
    ("alice", "Alice"),
    ("alice", "ALICE"),
    ("alice", "а" + "lice"),  # Cyrillic а
    ("alice", "аӏісе"),  # Cyrillic throughout
    ("alice", "ɑlice"),
    ("alice", "ａｌｉｃｅ"),
    ("alice", "𝐚𝓵𝗂𝚌ⓔ"),
    ("alice", "a l i c e"),
    ("alice", " alice\u00a0"),
    ("alice", "al\u200bi\u00adce"),
    ("علیرضا", "علی\u200cرضا"),
    ("क्ष", "क्\u200dष"),
    ("👩💻", "👩\u200d💻"),
    ("☺", "☺\ufe0f"),
    ("葛城", "葛\U000e0100城"),
    ("alice", "alice\u2800"),
    ("alice", "aIice"),
    ("alice", "a1ice"),
    ("alice", "a|ice"),
    ("alice", "ali\u0307ce"),  # a second dot on the i
    ("alice", "alıce"),
    ("alice", "alice ✓"),
    ("alice", "✅ alice ✔"),
    ("alice", "alice√"),
    ("alice", "alice 🅥"),
    ("alice", "alice 🆅"),
    ("alice", "alice Ⓥ"),
    ("alice", "aliceⓋ"),
    ("alice", "alice\U0001d159"),
    ("alice", "al\U00016fe4ice"),
    ("lev", "ⓛⓔⓥ"),
    ("modern", "rnodem"),
    ("Bob", "Воb"),  # Cyrillic В and о
    ("Bob", "B0b"),
    ("victor", "νictor"),  # Greek ν
    ("Nick", "Νick"),  # Greek Ν
    ("Вова", "вова"),
    ("Вова", "BOBA"),
    ("Νίκος", "νίκος"),
    ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
    ("Guðrún", "GUÐRÚN"),
    ("Straße", "STRASSE"),
    ("İpek", "ipek"),
    ("café", "cafe\u0301"),
    ("ﬁona", "Fiona"),
    ("日本", "⽇本"),
    ("bob-smith", "bob‐smith"),
]
DIFFERENT = [
    ("alice", "alicia"),
    ("alice", "álice"),
    ("eve", "évé"),
    ("Nuno", "Ñuno"),
    ("Müller", "Muller"),
    ("Åsa", "Asa"),
    ("Ødegård", "Odegard"),
    ("bob1", "bob2"),
    ("Anna", "Amna"),
    ("Иван", "Ирина"),
    ("日本", "日木"),
    ("José", "Josè"),
    ("🦊", "🐻"),
    ("✓", "✔"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_lookalikes_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_accents_and_other_letters_make_another_name(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_no_letter_of_any_script_looks_different_by_its_case() -> None:
    letters = [
        chr(n) for n in range(sys.maxunicode + 1) if unicodedata.category(chr(n)) in ("Lu", "Ll", "Lt")
    ]
    escaped = [c for c in letters if not skeleton(c) == skeleton(c.upper()) == skeleton(c.lower())]
    assert escaped == []


@given(st.text(st.characters(), min_size=1, max_size=NAME_MAX))
def test_a_skeleton_fits_its_column_and_forgets_width_and_spaces(name: str) -> None:
    found = skeleton(name)
    assert len(found) <= LENGTH == Participant._meta.get_field("skeleton").max_length
    assert found == skeleton(unicodedata.normalize("NFD", name)) == skeleton(f" {name} ")


def test_names_whose_skeleton_is_too_long_are_told_apart_to_their_end() -> None:
    long = "\uaf66" * NAME_MAX  # a syllable of Hangul that looks like seven letters
    assert len(skeleton(long)) == LENGTH
    assert skeleton(long) == skeleton(f" {long} ")
    assert (
        len({skeleton(long), skeleton(long[1:]), skeleton(f"{long[4:]} 2"), skeleton(f"{long[4:]} 3")}) == 4
    )


def test_names_that_leave_nothing_are_not_all_one() -> None:
    assert "" not in {skeleton("✓"), skeleton("\u2800"), skeleton("א")}


def test_caches_of_what_anybody_writes_are_bounded() -> None:
    """A cache that keeps its answers for good takes no arguments."""
    for found in pkgutil.walk_packages(chat.__path__, "chat."):
        if not found.name.startswith(("chat.tests", "chat.migrations")):
            for name, thing in vars(import_module(found.name)).items():
                if isinstance(thing, _lru_cache_wrapper) and thing.cache_parameters()["maxsize"] is None:
                    assert not inspect.signature(thing).parameters, f"{found.name}.{name}"


# --- Who may take which name ---

pytest_db = pytest.mark.django_db


def account(name: str, key: str = "") -> Identity:
    """An account with a participant of this name."""
    user = User.objects.create_user(f"user-{name[:20]}")
    key = key or f"key-{user.pk}"
    Participant.objects.create(key=key, name=name, user=user)
    return Identity(key, name, user.pk)


@pytest_db
@pytest.mark.parametrize("wanted", ["Alice", "ALICE", "Аlice", "A l i c e", "AIice", "Alice ✓"])
def test_a_guest_takes_no_name_that_looks_like_an_account_s(wanted: str) -> None:
    account("Alice")
    stored(post("hello", BOB))
    assert refusal(rename(wanted, BOB)) == "name_taken"
    assert Participant.objects.get(key=BOB.key).name == "Bob"


@pytest_db
def test_a_joiner_in_it_makes_no_name_another_s() -> None:
    account("علی\u200cرضا")
    stored(post("hello", BOB))
    assert refusal(rename("علیرضا", BOB)) == "name_taken"
    account("میخواهم")
    assert refusal(rename("می\u200cخواهم", BOB)) == "name_taken"


@pytest_db
def test_a_refusal_says_why() -> None:
    account("Alice")
    outcome = write_one(rename("аlice", BOB))
    assert isinstance(outcome, Refused)
    assert "looks like" in str(outcome.text)


@pytest_db
def test_a_guest_takes_a_name_with_another_accent_and_one_that_another_guest_has() -> None:
    account("Eve")
    stored(post("hello", ALICE))
    assert isinstance(write_one(rename("Ève", BOB)), Renamed)
    assert isinstance(write_one(rename("Alice", BOB)), Renamed)


@pytest_db
def test_an_account_keeps_its_own_name_in_any_spelling() -> None:
    alice = account("Alice")
    for name in ("Alice", "ALICE", "A1ice"):
        outcome = write_one(rename(name, alice))
        assert isinstance(outcome, Renamed)
        assert outcome.you.name == name
    assert refusal(rename("alice", BOB)) == "name_taken"


@pytest_db
def test_two_accounts_do_not_look_alike() -> None:
    account("Alice")
    bob = account("Bob")
    assert refusal(rename("AIice", bob)) == "name_taken"
    assert Participant.objects.get(key=bob.key).name == "Bob"


@pytest_db
def test_a_name_that_an_account_gave_up_is_free() -> None:
    alice = account("Alice")
    assert isinstance(write_one(rename("Alicia", alice)), Renamed)
    assert isinstance(write_one(rename("Alice", BOB)), Renamed)


@pytest_db
def test_a_guest_who_never_chose_a_name_gets_a_free_one() -> None:
    name = generated_name("carol")
    account(name)
    account(f"{name} 2".upper())
    stored(post("hello", Identity("carol", name)))
    assert Participant.objects.get(key="carol").name == f"{name} 3"


@pytest_db
def test_a_generated_name_of_full_length_is_numbered_within_the_limit() -> None:
    name = "x" * NAME_MAX
    account(name)
    assert unclaimed_name(name) == "x" * (NAME_MAX - 4) + " 2"
    spaced = "y" * (NAME_MAX - 5) + " yyyy"
    account(spaced)
    assert unclaimed_name(spaced) == "y" * (NAME_MAX - 5) + " 2"


@pytest_db
def test_the_name_of_an_account_that_was_never_here_is_not_free(
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[list[Any]]],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        User.objects.create_superuser("admin")
        User.objects.create_superuser("Αdmin")  # Greek; of two that look alike the second is called otherwise
    assert is_claimed("аdmin")  # Cyrillic
    stored(post("hello", BOB))
    assert refusal(rename("admin", BOB)) == "name_taken"
    assert set(Participant.objects.exclude(user=None).values_list("name", flat=True)) == {"admin", "Αdmin 2"}


@pytest_db
def test_accounts_that_look_alike_since_an_upgrade_stay_and_the_younger_gets_a_number() -> None:
    older, younger, third = account("alice"), account("alice 1"), account("bob")
    for who, name in ((older, "alice √"), (younger, "alice"), (third, "bob√")):
        Participant.objects.filter(key=who.key).update(name=name, skeleton=f"before {who.key}")
    User.objects.create_user("carol", "carol@example.org", first_name="Caró")
    stored(post("hello", BOB))
    Participant.objects.filter(key=BOB.key).update(name="dora √", skeleton="dora√")
    migration = import_module("chat.migrations.0008_names_that_look_alike")
    for _twice in range(2):
        migration.look_at_accounts(apps, None)
        migration.look_at_guests(apps, None)
    rows = list(Participant.objects.order_by("pk").values_list("name", "skeleton"))
    names = ["alice √", "alice 2", "bob√", "dora √", "Caró"]
    assert rows == [(name, skeleton(name)) for name in names]
    assert Participant.objects.get(name="Caró").verified_email == "carol@example.org", "as before"


@pytest_db
def test_whether_a_name_is_claimed_costs_one_query_by_an_index() -> None:
    account("Alice")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert is_claimed("alice")
    assert len(queries) == 1
    plan = connection.cursor().execute(f"EXPLAIN QUERY PLAN {queries[0]['sql']}").fetchall()
    assert "USING INDEX" in str(plan)
    assert "skeleton" in str(plan)
