"""Which writes share a commit."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest

from chat import protocol
from chat.access.identity import Identity
from chat.journal import service, worker
from chat.journal.types import Outcome, Stored, WriteRequest, WriteResult
from chat.journal.worker import JournalWorker

LONG = 600.0  # seconds: longer than any test


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who wrote in each commit, a letter each."""
    written: list[str] = []

    def write(requests: Sequence[WriteRequest]) -> WriteResult:
        written.append("".join(request.who.key for request in requests if request.who))
        return WriteResult([Stored(1, 1)] * len(requests), [])

    monkeypatch.setattr(service, "write", write)
    monkeypatch.setattr(worker, "GATHER_INTERVAL", LONG)
    return written


async def write(journal: JournalWorker, *authors: str) -> None:
    """Write one after the other; returns when all are stored."""
    loop = asyncio.get_running_loop()
    stored: list[asyncio.Future[Outcome]] = []
    for author in authors:
        stored.append(future := loop.create_future())
        post = protocol.Post(uuid4(), "hello")
        assert journal.submit(WriteRequest("r", "r", Identity(author, author), post), future.set_result)
    await asyncio.wait_for(asyncio.gather(*stored), 30)


async def test_a_writer_who_waits_for_each_ack_does_not_wait_for_the_clock(commits: list[str]) -> None:
    journal = JournalWorker(asyncio.get_running_loop(), lambda _result: None)
    for _ in range(3):
        await write(journal, "a")
    journal.stop(10)
    assert commits == ["a", "a", "a"]


async def test_those_who_have_not_written_lately_share_the_next_commit(commits: list[str]) -> None:
    journal = JournalWorker(asyncio.get_running_loop(), lambda _result: None)
    await write(journal, "a")
    await write(journal, *"bca")
    journal.stop(10)
    assert commits == ["a", "bca"]
