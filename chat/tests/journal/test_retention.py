"""Old messages of rooms with a limit are deleted for good, in steps."""

import asyncio
from functools import partial
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from chat.journal import selectors
from chat.journal.retention import expire_requests, purge_expired
from chat.journal.service import write, write_all_steps
from chat.journal.types import Done, Expire, Outcome, Refused, Stored, WriteRequest, refused
from chat.journal.worker import JournalWorker
from chat.models import Message, Participant, Reaction, Report
from chat.protocol import Act, History

from ..harness.old_messages import DAY, NOW, places, room, said_before
from ..harness.write_requests import (
    BOB,
    CHARLIE,
    act,
    change,
    delete,
    done,
    edit,
    post,
    react,
    refusal,
    stored,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_older_than_a_room_keeps_it_is_removed_and_nothing_else() -> None:
    said_before(5, 31 * DAY)
    said_before(5, 29 * DAY)
    said_before(5, 31 * DAY, room="coffee")
    done(change(retention_days=30))
    assert purge_expired() == [Done()]
    assert places() == [6, 7, 8, 9, 10]
    assert places("coffee") == [1, 2, 3, 4, 5]
    assert (room().purged_through, room().sequence) == (5, 10)
    assert stored(post("and on")).sequence == 11


def test_removal_is_sent_to_the_room_and_takes_no_revision_when_nothing_is_old() -> None:
    said_before(5, 31 * DAY)
    stored(react(2, "👍", BOB))
    done(change(retention_days=30))
    done(act(Act.PIN, sequence=3))
    before = room().revision
    expire = WriteRequest("tea", "tea", None, Expire())
    (batch,) = write([edit(2, "mended", 6), expire]).batches
    assert batch.room
    assert (batch.room.purged_through, batch.room.pinned, batch.changes) == (5, None, [])
    assert batch.revision == room().revision == before + 2
    assert write([expire]).batches == []
    assert not Reaction.objects.exists()


def test_what_an_owner_keeps_meanwhile_is_not_lost() -> None:
    said_before(5, 31 * DAY)
    done(change(retention_days=30))
    write_requests = expire_requests()
    done(change(retention_days=60))
    assert write(write_requests).outcomes == [Done()]
    done(change(retention_days=None))
    assert write(write_requests).outcomes == [Done()]
    assert len(places()) == 5


def test_a_process_whose_clock_is_wrong_removes_nothing_young(monkeypatch: pytest.MonkeyPatch) -> None:
    said_before(1, 31 * DAY)
    said_before(1, 29 * DAY)
    done(change(retention_days=30))
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + 100 * DAY)
    purge_expired()
    assert places() == [2]


def test_the_command_says_where_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    said_before(1, 31 * DAY)
    done(change(retention_days=30))
    away = refused("unavailable")
    monkeypatch.setattr("chat.journal.retention.write_all_steps", lambda write_requests: [away])
    with pytest.raises(CommandError, match="The database cannot be reached"):
        call_command("purge_expired")


def test_a_place_that_is_gone_is_not_found_and_pages_end_there() -> None:
    said_before(60, 31 * DAY)
    said_before(10, DAY)
    done(change(retention_days=30))
    purge_expired()
    for write_request in (edit(3, "x", 3), delete(3), react(3, "👍"), act(Act.PIN, sequence=3)):
        assert refusal(write_request) == "not_found"
    _row, page = selectors.newest_page("tea")
    assert ([c.sequence for c in page.changes], page.more) == (list(range(61, 71)), False)
    assert selectors.history("tea", History(before=61)).changes == []


def test_the_oldest_500_go_in_a_step_and_the_job_is_done_to_its_end() -> None:
    said_before(1_201, 31 * DAY)
    done(change(retention_days=30))
    expire = WriteRequest("tea", "tea", None, Expire())
    assert write([expire]).outcomes == [Done(then=Expire())]
    assert (room().purged_through, len(places())) == (500, 701)
    assert write_all_steps([expire]) == [Done()]
    assert (room().purged_through, places()) == (1_201, [])


def test_the_command_removes_what_is_old_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    said_before(3, 31 * DAY)
    Message.objects.update(sent_at=timezone.now() - 2 * DAY)
    done(change(retention_days=1))
    call_command("purge_expired")
    assert ": 1. Nothing older is left" in capsys.readouterr().out
    assert places() == []


def answers_of_a_journal(
    *write_requests: WriteRequest, stop_at_once: bool = False
) -> list[tuple[int, Outcome]]:
    """What becomes of requests that wait together, in the order in which it is known."""

    async def run_them() -> list[tuple[int, Outcome]]:
        journal = JournalWorker(asyncio.get_running_loop(), lambda _result: None)
        answers: asyncio.Queue[tuple[int, Outcome]] = asyncio.Queue()

        def answer(n: int, outcome: Outcome) -> None:
            answers.put_nowait((n, outcome))

        for n, write_request in enumerate(write_requests):
            assert journal.submit(write_request, partial(answer, n))
        if stop_at_once:
            journal.stop(0)
        found = [await asyncio.wait_for(answers.get(), 60) for _ in write_requests]
        await asyncio.to_thread(journal.stop, 5)
        return found

    return asyncio.run(run_them())


@pytest.mark.usefixtures("no_connection_is_left_open")
def test_what_takes_many_steps_keeps_nobody_waiting() -> None:
    said_before(1_200, DAY, BOB)
    purge = act(Act.PURGE, who=None, id="bob")
    answers = answers_of_a_journal(purge, post("meanwhile"), post("too"))
    assert [n for n, _outcome in answers] == [1, 2, 0]
    assert isinstance(answers[2][1], Done)
    assert str(answers[2][1].notice) == "All messages by Bob have been deleted."
    assert Message.objects.filter(deleted_at=None).count() == 2


@pytest.mark.usefixtures("no_connection_is_left_open")
def test_a_process_that_ends_in_the_middle_says_that_it_is_not_known() -> None:
    said_before(1_200, DAY, BOB)
    ((_n, outcome),) = answers_of_a_journal(act(Act.PURGE, who=None, id="bob"), stop_at_once=True)
    assert isinstance(outcome, Refused)
    assert outcome.code == "unavailable"
    (again,) = write_all_steps([act(Act.PURGE, who=None, id="bob")])
    assert isinstance(again, Done)
    assert not Message.objects.filter(deleted_at=None).exists()


def test_a_resend_and_a_report_of_what_is_gone_break_nothing() -> None:
    client_id = uuid4()
    stored(post("hello", client_id=client_id))
    Report.objects.create(message=Message.objects.get(), reporter=Participant.objects.get())
    Message.objects.update(sent_at=NOW - 31 * DAY)
    done(change(retention_days=30))
    purge_expired()
    assert not Report.objects.exists()
    assert stored(post("hello", client_id=client_id)) == Stored(2, room().revision)
    assert refusal(post("hello", CHARLIE, room="", client_id=client_id)) == ""
