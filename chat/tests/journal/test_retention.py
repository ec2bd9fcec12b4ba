"""Deleting for good: old messages of rooms with a limit, and participants who are deleted."""

import asyncio
import datetime
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from chat.access.identity import Identity, account_key
from chat.accounts.service import delete_account
from chat.database.threads import DatabaseThreads
from chat.journal import selectors
from chat.journal.forgetting import forget_participant
from chat.journal.retention import expire_requests, purge_expired
from chat.journal.service import write, write_all_steps
from chat.journal.types import Done, Expire, Forget, Outcome, Refused, Stored, WriteRequest, refused
from chat.journal.worker import JournalWorker
from chat.models import Ban, Message, Participant, Reaction, Report, Room, ScheduledTask
from chat.protocol import Act
from chat.server.maintenance import Maintenance, Submit

from ..harness.write_requests import (
    ALICE,
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

NOW = timezone.now()
DAY = datetime.timedelta(days=1)


@pytest.fixture
def no_connection_is_left_open() -> Any:
    from django.db import connections

    yield
    connections.close_all()


def said_before(count: int, age: datetime.timedelta, who: Identity = ALICE, room: str = "tea") -> None:
    """Messages from some time ago, each a second after the one before, put where the journal put them."""
    before = Message.objects.filter(room__key=room).count()
    for start in range(0, count, 500):
        write([post(f"{n}", who, room) for n in range(start, min(start + 500, count))])
    rows = list(Message.objects.filter(room__key=room, sequence__gt=before).order_by("sequence"))
    for n, row in enumerate(rows):
        row.sent_at = NOW - age + datetime.timedelta(seconds=n)
    Message.objects.bulk_update(rows, ["sent_at"], batch_size=500)


def room(key: str = "tea") -> Room:
    return Room.objects.get(key=key)


def places(key: str = "tea") -> list[int]:
    return list(Message.objects.filter(room__key=key).order_by("sequence").values_list("sequence", flat=True))


# --- Old messages ---


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
    with pytest.raises(CommandError, match="The database is away"):
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
    assert selectors.page_before("tea", 61, 50).changes == []


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
    assert str(answers[2][1].notice) == "The messages of Bob are deleted."
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


# --- People who go ---


def test_a_deleted_participant_leaves_messages_without_a_name_and_nothing_else() -> None:
    write([post("mine", BOB), post("yours"), post("mine too", BOB), post("there", BOB, room="coffee")])
    stored(react(2, "👍", BOB))
    stored(react(2, "👍"))
    stored(react(2, "🎉", BOB))
    before = room().revision
    forget_participant(Participant.objects.get(key="bob"), delete_texts=False)
    assert not Participant.objects.filter(key="bob").exists()
    _row, page = selectors.newest_page("tea")
    assert [(c.message.author.id, c.message.author.name, c.message.message) for c in page.changes] == [
        (None, "Deleted account", "mine"),
        ("alice", "Alice", "yours"),
        (None, "Deleted account", "mine too"),
    ]
    ((emoji, count, names),) = [(r.emoji, r.count, r.names) for r in page.changes[1].message.reactions or []]
    assert (emoji, count, names) == ("👍", 1, ["Alice"])
    changed = selectors.changed_after("tea", before)[1]
    assert [c.sequence for c in changed] == [2, 1, 3]
    assert not any("Bob" in bytes(change.wire).decode() for change in page.changes)
    assert Message.objects.get(room__key="coffee").author_name == ""


def test_a_deleted_participant_may_have_the_messages_deleted_too() -> None:
    write([post("mine", BOB), post("yours"), post("mine too", BOB)])
    done(act(Act.PIN, who=None, sequence=3))
    forget_participant(Participant.objects.get(key="bob"), delete_texts=True)
    rows = [(row.text, row.author_name, bool(row.deleted_at)) for row in Message.objects.order_by("sequence")]
    assert rows == [("", "", True), ("yours", "Alice", False), ("", "", True)]
    assert room().pinned is None


def test_who_said_1200_things_is_forgotten_to_the_last_of_them() -> None:
    said_before(1_200, DAY, BOB)
    forget = Forget("bob", delete_texts=False)
    assert write([WriteRequest("tea", "tea", None, forget)]).outcomes == [Done(then=forget)]
    forget_participant(Participant.objects.get(key="bob"), delete_texts=False)
    assert not Message.objects.exclude(author=None, author_name="").exists()
    revisions = list(Message.objects.values_list("revision", flat=True))
    assert sorted(revisions) == list(range(1_201, 2_401))


def test_a_participant_who_is_not_there_is_forgotten_at_once() -> None:
    stored(post("hello"))
    assert write([WriteRequest("tea", "tea", None, Forget("nobody", delete_texts=True))]).outcomes == [Done()]
    gone = Participant.objects.create(key="gone", name="Gone")
    Participant.objects.filter(pk=gone.pk).delete()
    forget_participant(gone, delete_texts=True)


# --- Once a day, by one process ---


class Process:
    """A process's maintenance and its journal; `submit` stands in for the journal."""

    def __init__(self, submit: Submit | None = None) -> None:
        loop = asyncio.get_running_loop()
        self.threads = DatabaseThreads(1, "maintenance")
        self.journal = JournalWorker(loop, lambda _result: None)
        self.written: list[WriteRequest] = []
        self._do = submit or self.journal.submit
        self.maintenance = Maintenance(self.threads, self._submit)

    def _submit(self, write_request: WriteRequest, reply: Callable[[Outcome], None]) -> bool:
        self.written.append(write_request)
        return self._do(write_request, reply)

    async def close(self) -> None:
        self.maintenance.stop()
        self.threads.stop()
        await asyncio.to_thread(self.journal.stop, 5)


def run_processes(*looks: int, submit: Submit | None = None) -> list[Process]:
    """Processes that look so many times each, one after the other."""

    async def run_them() -> list[Process]:
        processes = [Process(submit) for _ in looks]
        for process, count in zip(processes, looks, strict=True):
            for _ in range(count):
                await process.maintenance.look()
            await process.close()
        return processes

    return asyncio.run(run_them())


@pytest.mark.usefixtures("no_connection_is_left_open")
def test_scheduled_tasks_are_done_once_a_day_by_one_process() -> None:
    said_before(1_100, 31 * DAY)
    done(change(retention_days=1))
    for n, age in enumerate((1, -1)):
        Session.objects.create(session_key=f"{n}", session_data="", expire_date=timezone.now() - age * DAY)
        Ban.objects.create(participant_key=f"{n}", until=timezone.now() - (30 + age) * DAY)
    Ban.objects.create(participant_key="for good")
    first, second = run_processes(2, 1)
    assert [len(first.written), len(second.written)] == [1, 0]
    assert places() == []
    assert list(Session.objects.values_list("pk", flat=True)) == ["1"]
    assert sorted(Ban.objects.values_list("participant_key", flat=True)) == ["1", "for good"]
    ScheduledTask.objects.update(ran_at=timezone.now() - 2 * DAY)
    (third,) = run_processes(1)
    assert len(third.written) == 1


@pytest.mark.usefixtures("no_connection_is_left_open")
def test_a_task_that_was_not_finished_is_tried_again_at_the_next_look() -> None:
    said_before(3, 31 * DAY)
    done(change(retention_days=1))
    asked = []

    def submit(write_request: WriteRequest, reply: Callable[[Outcome], None]) -> bool:
        asked.append(write_request)
        if len(asked) == 1:
            return False
        reply(refused("unavailable") if len(asked) == 2 else Done())
        return True

    run_processes(5, submit=submit)
    assert len(asked) == 3


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


@pytest.mark.parametrize("empty", [True, False])
def test_a_deletion_that_a_process_did_not_finish_is_finished_by_the_next(
    monkeypatch: pytest.MonkeyPatch, no_connection_is_left_open: None, *, empty: bool
) -> None:
    user = User.objects.create_user("alice")
    account = Identity(account_key(user.pk), "alice", user.pk)
    for name in ("tea", "coffee"):
        write([post("hello", BOB, room=name), post("mine", account, room=name)])

    def dies(_drafts: list[WriteRequest]) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("chat.journal.forgetting.write_all_steps", dies)
        with pytest.raises(SystemExit):
            delete_account(user, delete_texts=empty)
    assert not User.objects.get().is_active
    run_processes(1)
    assert not User.objects.exists()
    assert not Participant.objects.filter(key=account.key).exists()
    left = Message.objects.filter(sequence=2)
    assert [(row.text, row.author) for row in left] == [("" if empty else "mine", None)] * 2
