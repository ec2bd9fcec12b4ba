"""Passwords that are guessed from many addresses, and names typed in another case."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from chat.access.token_buckets import AttemptLimiter, Limit
from chat.accounts import log_in_views
from chat.accounts.service import participant_of
from chat.models import Participant
from chat.pages import entry

from ..harness.visitors import PASSWORD
from ..harness.write_requests import change, done, post, stored

pytestmark = pytest.mark.django_db

HOME = "203.0.113.7"


@pytest.fixture(autouse=True)
def two_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    guesses = AttemptLimiter(Limit(2, 3600))
    for module in (log_in_views, entry):
        monkeypatch.setattr(module, "guesses", guesses)


def log_in(name: str, password: str, address: str = "192.0.2.1", path: str = "/accounts/log-in/") -> int:
    """The status: 302 is in, 200 is a wrong password, 429 is not looked at."""
    fields = {"username": name, "password": password}
    return Client(REMOTE_ADDR=address).post(path, fields).status_code


@pytest.mark.parametrize("path", ["/accounts/log-in/", "/admin/login/"])
def test_guesses_at_an_account_are_limited_and_its_owner_logs_in_from_the_last_network(path: str) -> None:
    alice = User.objects.create_superuser("Alice", password=PASSWORD)
    participant_of(alice)
    Participant.objects.update(last_address=HOME)
    User.objects.create_superuser("bob", password=PASSWORD)
    spellings = enumerate(["Alice", "ＡLICE", "alice"])
    guesses = [log_in(name, "guess", f"192.0.2.{n}", path) for n, name in spellings]
    assert guesses == [200, 200, 429]
    assert log_in("Alice", PASSWORD, path=path) == 429
    assert log_in("Alice", PASSWORD, HOME, path) == 302
    assert log_in("bob", PASSWORD, path=path) == 302
    assert [log_in("nobody", "guess", path=path) for _ in range(3)] == [200, 200, 429], "no oracle"


def test_guesses_at_a_rooms_password_are_limited() -> None:
    stored(post("hello"))
    done(change(password=PASSWORD))

    def tries(password: str) -> int:
        return Client().post("/chat/tea/", {"password": password}).status_code

    assert tries(PASSWORD) == 302
    assert [tries("guess") for _ in range(3)] == [403, 403, 429]
    assert tries(PASSWORD) == 429


@pytest.mark.parametrize("spell", [str, str.lower, str.upper, str.title])
@pytest.mark.parametrize("name", ["Alice", "alice", "ÄGIR", "ädla-Åse"])
def test_a_name_is_the_same_in_any_case_when_one_logs_in(name: str, spell: Callable[[str], str]) -> None:
    User.objects.create_user(name, password=PASSWORD)
    assert log_in(spell(name), PASSWORD) == 302


def test_two_old_accounts_that_differ_in_case_log_in_with_their_exact_spelling() -> None:
    for name in ("Alice", "alice"):
        User.objects.create_user(name, password=f"{PASSWORD} {name}")
    assert log_in("Alice", f"{PASSWORD} Alice") == 302
    assert log_in("alice", f"{PASSWORD} alice") == 302
    assert log_in("ALICE", f"{PASSWORD} alice") == 200
