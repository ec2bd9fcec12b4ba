"""Scheduled tasks are done once a day by one process, and finished by another if need be."""

import asyncio
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone

from chat.access.identity import Identity, account_key
from chat.accounts.service import delete_account
from chat.database.threads import DatabaseThreads
from chat.journal.service import write
from chat.journal.types import Done, Outcome, WriteRequest, refused
from chat.journal.worker import JournalWorker
from chat.models import Ban, Message, Participant, ScheduledTask
from chat.server.maintenance import Maintenance, Submit

from ..harness.old_messages import DAY, places, said_before
from ..harness.write_requests import (
    BOB,
    change,
    done,
    post,
)

pytestmark = pytest.mark.django_db(transaction=True)


class Process:
    """A process's maintenance and its journal; `submit` replaces the journal."""

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
