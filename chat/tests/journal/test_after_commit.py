"""After a commit: subscribers are called, and sockets of this process and of others see the change."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, transaction

from chat.journal import after_commit, service
from chat.journal.service import write
from chat.journal.types import WriteRequest, WriteResult

from ..conftest import Pair
from ..harness.clients import ChatClient
from ..harness.hints import NO_CHECKS, joined
from ..harness.people import Person
from ..harness.processes import free_port
from ..harness.servers import RedisServer, Site
from ..harness.write_requests import BOB, post, rename
from .test_retention_live import age

database = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[WriteResult]:
    """What the only subscriber was called with."""
    told: list[WriteResult] = []
    monkeypatch.setattr(after_commit, "_subscribers", [told.append])
    return told


@database
def test_subscribers_are_called_with_what_was_committed(told: list[WriteResult]) -> None:
    result = write([post("hello"), rename("Alicia"), post("hi", BOB, room="coffee")])
    assert told == [result]
    assert {(batch.key, batch.revision) for batch in result.batches} == {("tea", 1), ("coffee", 1)}
    assert [person.name for person in result.renamed] == ["Alicia"]


@database
def test_a_subscriber_that_raises_harms_nobody(told: list[WriteResult], caplog: Any) -> None:
    def faulty(_result: WriteResult) -> None:
        raise ValueError("a fault in a subscriber")

    after_commit._subscribers.insert(0, faulty)
    result = write([post("hello")])
    assert told == [result]
    assert "a fault in a subscriber" in caplog.text


@database
def test_nobody_is_called_before_the_callers_transaction_is_committed(told: list[WriteResult]) -> None:
    with transaction.atomic():
        result = write([post("hello")])
        assert told == []
    assert told == [result]


@database
def test_nobody_is_called_after_a_rollback(told: list[WriteResult]) -> None:
    with transaction.atomic():
        write([post("hello")])
        transaction.set_rollback(True)
    assert told == []


@database
def test_subscribers_are_called_with_what_was_committed_before_the_database_goes_away(
    told: list[WriteResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that fails is written one request at a time: the first is committed, the second is not."""
    write_together: Callable[..., WriteResult] = service._write_together

    def fails(write_requests: list[WriteRequest], *arguments: Any) -> WriteResult:
        if len(write_requests) > 1:
            raise ValueError("not foreseen")
        if write_requests[0].who == BOB:
            raise OperationalError("away")
        return write_together(write_requests, *arguments)

    monkeypatch.setattr(service, "_write_together", fails)
    with pytest.raises(OperationalError):
        write([post("hello"), post("hi", BOB)])
    assert [batch.revision for result in told for batch in result.batches] == [1]


# --- Sockets, in processes that do not look at the database by themselves ---


async def test_without_redis_a_write_reaches_the_sockets_of_its_own_process(
    make_site: Callable[..., Site], room: str
) -> None:
    """Neither a hint nor a look at the database brings it: the channel layer is away all the time."""
    site = make_site(REDIS_URL=f"redis://127.0.0.1:{free_port()}", CONSTANTS=NO_CHECKS)
    server = site.daphne()
    alice = Person(server)
    await asyncio.to_thread(alice.sign_up)
    async with alice.chat(room) as a, ChatClient(server.ws_url(room)) as bob:
        await a.post("from a socket")
        await bob.wait_until(lambda bob: bob.texts == ["from a socket"])
        await asyncio.to_thread(alice.set, room, topic="From a page")
        await bob.wait_until(lambda bob: bob.room.get("topic") == "From a page")
        await asyncio.to_thread(alice.send, "/accounts/", name="Alice Liddell")
        await bob.wait_until(lambda bob: "Alice Liddell" in joined_names(bob), what="her new name")


async def test_with_redis_a_write_reaches_the_sockets_of_other_processes(
    hinted_pair: Pair, shared_redis: RedisServer, room: str
) -> None:
    one, other = hinted_pair
    alice = Person(one)
    await asyncio.to_thread(alice.sign_up)
    async with alice.chat(room, other) as a, ChatClient(other.ws_url(room)) as bob:
        await joined(shared_redis, room, 1)
        await a.post("hello")

        # Nobody has a socket in the process that serves the page.
        await asyncio.to_thread(alice.set, room, topic="From a page", retention_days="30")
        await bob.wait_until(lambda bob: bob.room.get("topic") == "From a page")
        await asyncio.to_thread(alice.send, "/accounts/", name="Alice Liddell")
        await bob.wait_until(lambda bob: "Alice Liddell" in joined_names(bob), what="her new name")

        async with alice.chat(room) as here:
            await joined(shared_redis, room, 2)
            await here.post("from a socket")
            await bob.wait_until(lambda bob: bob.texts == ["hello", "from a socket"])
            await asyncio.to_thread(alice.set, room, topic="From a page beside a socket")
            await bob.wait_until(lambda bob: bob.room["topic"] == "From a page beside a socket")

            age(one.site, room, 1)
            await asyncio.to_thread(one.site.manage, "purge_expired", CONSTANTS=NO_CHECKS)
            for client in (here, bob):
                await client.wait_until(lambda client: client.texts == ["from a socket"])


def joined_names(client: ChatClient) -> set[str]:
    """The names of those who came, or who changed, in the frames that a client has."""
    frames = [frame for frame in client.frames if frame["type"] == "presence"]
    return {person["name"] for frame in frames for person in frame.get("joined") or []}
