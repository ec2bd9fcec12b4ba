"""Limits as settings: how they are written, what they count, and where they are documented."""

import re
from typing import get_args
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from chat.access.rate_limits import (
    OF_WRITES,
    Kind,
    Limits,
    kind_of,
    limits_of_settings,
    read_limits,
)
from chat.access.token_buckets import Limit
from chat.protocol.commands import AnyCommand, Resume, Say, Search, Write
from chat.protocol.slash_commands import Help

from ..harness.environment import ROOT


def test_every_command_counts_as_something() -> None:
    writes = {command for command in get_args(AnyCommand) if issubclass(command, Write)}
    assert OF_WRITES.keys() == {*writes, Say}
    assert kind_of(Say("hello")) is Kind.MESSAGE
    assert kind_of(Resume()) is Kind.ASK
    assert kind_of(Search("tea")) is Kind.SEARCH
    assert kind_of(Help(uuid4())) is Kind.ASK


def test_limits_are_written_as_a_number_in_a_time() -> None:
    assert read_limits(Kind.MESSAGE, "40/10s,400/10s") == Limits(Limit(40, 10), Limit(400, 10))
    assert read_limits(Kind.MESSAGE, "off,off,9/1d") == Limits(None, None, Limit(9, 86_400))
    assert read_limits(Kind.MESSAGE, " 1/m , off ") == Limits(Limit(1, 60), None)
    assert read_limits(Kind.SIGN_UP, "50/2h") == Limits(None, Limit(50, 7200))
    assert read_limits(Kind.CONNECT, "OFF") == Limits(None, None)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.MESSAGE, "40"),
        (Kind.MESSAGE, "40/10s"),
        (Kind.MESSAGE, "40/10s,400/10s,1/s,1/m"),
        (Kind.EDIT, "40/10s,400/10s,1/s"),
        (Kind.MESSAGE, "0/10s,400/10s"),
        (Kind.MESSAGE, "40/0s,400/10s"),
        (Kind.MESSAGE, "many,400/10s"),
        (Kind.MESSAGE, "-1/10s,400/10s"),
        (Kind.MESSAGE, "40/10w,400/10s"),
        (Kind.CONNECT, "40/10s,400/10s"),
        (Kind.CONNECT, ""),
    ],
)
def test_a_limit_that_cannot_be_read_is_named(kind: Kind, text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"{kind}='{re.escape(text)}'"):
        read_limits(kind, text)


def test_env_example_shows_the_defaults() -> None:
    text = (ROOT / ".env.example").read_text()
    assert dict(re.findall(r"^#(RATE_\w+)=(.*/.*)$", text, re.MULTILINE)) == settings.RATES


def test_the_readme_names_the_defaults() -> None:
    rows = re.findall(
        r"^\| (`RATE_[A-Z].*?`) \| (`\d.*?`) \|", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    told: dict[str, str] = {}
    for row in rows:
        names, values = (re.findall("`(.+?)`", cell) for cell in row)
        told |= dict(zip(names, values * (len(names) // len(values)), strict=True))
    assert told == settings.RATES


def test_off_lifts_every_limit(settings: Settings) -> None:
    settings.RATE_LIMITS = False
    assert limits_of_settings() == {}
    settings.RATE_LIMITS = True
    assert limits_of_settings() == {kind: read_limits(kind, settings.RATES[kind]) for kind in Kind}
