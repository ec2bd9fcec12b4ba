"""Blocking people and reporting messages."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from chat.access.identity import Identity, identity_of
from chat.models import Block, Participant, Report
from chat.protocol import Act
from chat.protocol import Block as BlockCommand
from chat.protocol import Report as ReportCommand

from ..harness.moderated_room import STRANGER, room
from ..harness.write_requests import BOB, CHARLIE, act, change, delete, done, refusal, stored, write_request

pytestmark = pytest.mark.usefixtures("moderated_room")


def block(key: str, who: Identity = BOB, *, on: bool = True) -> Any:
    return write_request(who, BlockCommand(uuid4(), key, on))


def test_anybody_blocks_a_person_for_themselves_and_changes_nothing_for_others() -> None:
    before = room().revision
    assert done(block("charlie")) == "You read no more of Charlie."
    done(block("charlie"))
    assert list(Block.objects.values_list("participant__key", "blocked_key")) == [("bob", "charlie")]
    assert done(block("charlie", on=False)) == "You read Charlie again."
    assert not Block.objects.exists()
    assert refusal(block("bob")) == "invalid"
    assert refusal(block("\0")) == "invalid"
    assert room().revision == before


def test_blocks_have_an_end() -> None:
    bob = Participant.objects.get(key="bob")
    Block.objects.bulk_create(Block(participant=bob, blocked_key=f"{n}") for n in range(500))
    assert refusal(block("charlie")) == "too_many"
    done(block("7"))


def report(sequence: int, who: Identity = BOB, reason: str = "spam") -> Any:
    return write_request(who, ReportCommand(uuid4(), sequence, reason))


def test_a_message_is_reported_once_a_person_and_says_the_newest_reason() -> None:
    done(report(3))
    done(report(3, reason="worse than spam"))
    done(report(3, STRANGER))
    assert sorted(Report.objects.values_list("reporter__key", "reason")) == [
        ("bob", "worse than spam"),
        ("stranger", "spam"),
    ]
    assert refusal(report(2)) == "invalid"
    assert refusal(report(99)) == "not_found"
    stored(delete(3, CHARLIE))
    assert refusal(report(3)) == "not_found"


def test_who_may_not_read_a_room_reports_nothing_of_it() -> None:
    done(act(Act.BAN, id="charlie"))
    done(change(is_private=True))
    assert refusal(report(1, CHARLIE)) == "banned"
    assert refusal(report(1, STRANGER)) == "forbidden"


def test_an_id_of_an_account_is_known_to_those_alone_who_have_met_it(settings: Settings) -> None:
    """A block or an act says the name that belongs to an id: who counts through ids finds nobody."""
    accounts = [User(pk=pk, username=f"user{pk}") for pk in (1, 2)]
    keys = [identity_of(user, {}).key for user in accounts]
    assert keys == [identity_of(user, {}).key for user in accounts]
    settings.SECRET_KEY = "another site's"
    assert len({*keys, *(identity_of(user, {}).key for user in accounts)}) == 4
