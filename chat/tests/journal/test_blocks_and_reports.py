"""Blocking people and reporting messages."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from chat.access.identity import Identity, identity_of
from chat.journal.retention import drop_old_copies
from chat.models import Block, Participant, Report
from chat.protocol import Act
from chat.protocol import Block as BlockCommand
from chat.protocol import Report as ReportCommand

from ..harness.moderated_room import STRANGER, room
from ..harness.old_messages import DAY
from ..harness.write_requests import (
    ALICE,
    BOB,
    CHARLIE,
    act,
    change,
    delete,
    done,
    edit,
    refusal,
    stored,
    write_request,
)

pytestmark = pytest.mark.usefixtures("moderated_room")


def block(key: str, who: Identity = BOB, *, on: bool = True) -> Any:
    return write_request(who, BlockCommand(uuid4(), key, on))


def test_anybody_blocks_a_person_for_themselves_and_changes_nothing_for_others() -> None:
    before = room().revision
    assert done(block("charlie")) == "You have blocked Charlie."
    done(block("charlie"))
    assert list(Block.objects.values_list("participant__key", "blocked_key")) == [("bob", "charlie")]
    assert done(block("charlie", on=False)) == "You have unblocked Charlie."
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


def copies() -> list[str]:
    return list(Report.objects.order_by("pk").values_list("text", flat=True))


def test_a_report_keeps_what_the_message_said_also_when_its_author_changes_or_deletes_it() -> None:
    done(report(3))
    stored(edit(3, "hello", 3, CHARLIE))
    assert copies() == ["hi"]
    done(report(3))
    assert copies() == ["hello"]
    stored(delete(3, CHARLIE))
    assert copies() == ["hello"]
    assert Report.objects.open().count() == 1


def test_what_a_moderator_deletes_needs_no_look_any_more() -> None:
    done(report(3))
    done(report(1))
    done(report(4))
    stored(delete(4, ALICE))
    done(act(Act.PURGE, id="charlie"))
    settled = Report.objects.exclude(resolved_at=None).values_list("message__sequence", "resolved_by__key")
    assert sorted(settled) == [(3, "alice"), (4, "alice")]
    assert list(Report.objects.open().values_list("message__sequence", flat=True)) == [1]


def test_the_copy_goes_after_30_days_or_with_the_room() -> None:
    for sequence, days in ((1, 31), (3, 29)):
        done(report(sequence))
        Report.objects.filter(message__sequence=sequence).update(text_at=timezone.now() - days * DAY)
    stored(delete(1))
    drop_old_copies()
    assert copies() == ["", "hi"]
    assert list(Report.objects.open().values_list("message__sequence", flat=True)) == [3]
    room().delete()
    assert copies() == []
