"""Background work goes on after an exception."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from channels.layers import get_channel_layer
from django.db import OperationalError

from chat import protocol
from chat.access.identity import guest
from chat.access.lookup import AccessResult
from chat.access.permissions import RoomPermissions
from chat.cluster.listener import ChannelListener
from chat.database.threads import DatabaseThreads
from chat.infra.background import surviving
from chat.infra.throttle import ThrottledTask
from chat.journal.types import Done, Outcome, WriteRequest, WriteResult
from chat.journal.worker import JournalWorker
from chat.server.revalidation import Revalidator, SocketInRoom

from ..harness.watchers import until
from ..harness.write_requests import post


@pytest.fixture(autouse=True)
def every_traceback_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.infra.background.QUIET", 0.0)


def a_bug(*_: object) -> None:
    raise ValueError("a bug")


def test_a_bug_is_logged_with_its_traceback_and_a_database_that_is_away_in_one_line(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.infra.background.QUIET", 60.0)
    for _ in range(3):
        with surviving("The first work failed"):
            a_bug()
    with surviving("The second work failed"):
        raise OperationalError("no route")
    assert [(record.message, bool(record.exc_info)) for record in caplog.records] == [
        ("The first work failed", True),
        ("The second work failed: no route", False),
    ]


async def test_a_hint_that_cannot_be_handled_is_not_the_last_that_is_received() -> None:
    received: list[Any] = []

    def on_hint(hint: dict[str, Any]) -> None:
        received.append(hint["number"])
        if hint["number"] == 1:
            a_bug()

    listener = ChannelListener("here", on_hint, a_bug)  # its first join is answered by a bug, too
    await listener.join("a-group")
    await until(lambda: "a-group" in listener._joined)
    for number in (1, 2):
        await get_channel_layer().group_send("a-group", {"type": "x", "number": number})
    await until(lambda: received == [1, 2])
    listener.close()


async def test_a_reply_that_fails_holds_back_no_other_reply_and_nothing_committed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def write(write_requests: list[WriteRequest]) -> WriteResult:
        written = WriteResult([Done() for _ in write_requests], [])
        worker.after_commit(written)
        return written

    monkeypatch.setattr("chat.journal.worker.service.write", write)
    committed: list[WriteResult] = []
    outcomes: list[Outcome] = []
    worker = JournalWorker(asyncio.get_running_loop(), committed.append)
    worker.submit(post("one"), a_bug)
    worker.submit(post("two"), outcomes.append)
    await until(lambda: outcomes and committed)
    await asyncio.to_thread(worker.stop, 5)


async def test_a_throttled_task_that_fails_is_tried_again() -> None:
    rounds: list[int] = []

    async def work() -> None:
        rounds.append(1)
        if len(rounds) == 1:
            a_bug()

    ThrottledTask(work, 0.01).soon()
    await until(lambda: len(rounds) == 2)


# --- The check of open sockets ---


class Database(DatabaseThreads):
    """Everybody may enter, or the query fails; meanwhile something may happen."""

    def __init__(self) -> None:
        super().__init__(0, "none")
        self.meanwhile: Callable[[], object] = lambda: None

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(0)
        self.meanwhile()
        return [AccessResult(one.who, RoomPermissions()) for one in args[0]]


class Socket:
    def __init__(self) -> None:
        self.feed = SimpleNamespace(key="tea", state=protocol.RoomState("tea", ""))
        self.who = guest("alice")
        self.address = ""
        self.session = None
        self.is_known = True
        self.applied: list[AccessResult] = []

    def apply_permissions(self, result: AccessResult) -> None:
        self.applied.append(result)


@pytest.fixture
async def checked() -> tuple[Revalidator, Database, Socket]:
    database = Database()
    revalidator = Revalidator(database)
    revalidator._task.cancel()  # the check every 3 s
    revalidator.add(cast(SocketInRoom, socket := Socket()))
    return revalidator, database, socket


async def test_a_socket_that_leaves_during_the_check_is_not_added_again(
    checked: tuple[Revalidator, Database, Socket],
) -> None:
    revalidator, database, socket = checked
    await revalidator.check_person(socket.who.key)
    assert len(socket.applied) == 1
    database.meanwhile = lambda: revalidator.discard(cast(SocketInRoom, socket))
    await revalidator.check_person(socket.who.key)
    assert len(socket.applied) == 1


async def test_a_socket_whose_look_fails_by_a_bug_is_checked_again(
    checked: tuple[Revalidator, Database, Socket],
) -> None:
    revalidator, database, socket = checked
    database.meanwhile = a_bug
    await revalidator.check_person(socket.who.key)
    assert not socket.is_known
