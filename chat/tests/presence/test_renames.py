"""A name that is changed on a page while this process writes the old one: the participant's row decides."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections

from chat.database.threads import DatabaseThreads
from chat.models import Connection, Participant
from chat.presence import store
from chat.presence.tracker import Presence
from chat.protocol import Person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("connections_are_closed")]

OLD = Person("alice", "Alice")
NEW = "Alice Liddell"


@pytest.fixture
def connections_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("chat.presence.peers.READ_INTERVAL", 0.1)
    monkeypatch.setattr("chat.presence.peers.READ_PAUSE", 0.1)
    yield
    connections.close_all()


class Room:
    """The presence of one process with one open room, and its rows."""

    def __init__(self) -> None:
        self.threads = DatabaseThreads(1, "presence")
        self.renamed: list[tuple[str, str]] = []
        self.presence = Presence("here", self.threads, lambda *renamed: self.renamed.append(renamed))
        self.loop = asyncio.get_running_loop()

    async def open(self) -> None:
        feed: Any = SimpleNamespace(key="tea", fanout=SimpleNamespace(subscribers=set()))
        await self.presence.open(feed)

    def rename(self, *, is_heard: bool) -> None:
        """What a page does; it runs on a thread of the database."""
        Participant.objects.filter(key="alice").update(name=NEW)
        if is_heard:
            told = asyncio.run_coroutine_threadsafe(self._hear(), self.loop)
            told.result(10)

    async def _hear(self) -> None:
        self.presence.rename("alice", NEW)

    async def stores(self, *people: tuple[str, str]) -> None:
        """Wait for these names and roles in the rows, and see them in the room."""
        rows = Connection.objects.values_list("name", "role").order_by("participant_key")
        async with asyncio.timeout(20):
            while await self.threads.run(list, rows.all()) != list(people):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        present, _count = self.presence.here("tea")
        assert [(person.name, person.role) for person in present] == list(people)


def in_a_room(do: Callable[[Room], Awaitable[None]]) -> Room:
    Participant.objects.create(key="alice", name="Alice")

    async def run() -> Room:
        room = Room()
        try:
            await room.open()
            await do(room)
            await room.presence.end()
        finally:
            room.threads.stop()
        return room

    return asyncio.run(run())


def before_the_next(name: str, monkeypatch: pytest.MonkeyPatch, do: Callable[[], None]) -> None:
    """Something happens as the process begins to write what it has gathered."""
    real = getattr(store, name)

    def late(*arguments: Any) -> Any:
        monkeypatch.setattr(store, name, real)
        do()
        return real(*arguments)

    monkeypatch.setattr(store, name, late)


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_write_that_has_begun_does_not_restore_the_old_name(
    monkeypatch: pytest.MonkeyPatch, is_heard: bool
) -> None:
    async def do(room: Room) -> None:
        room.presence.enter("tea", OLD, "192.0.2.1")
        await room.stores(("Alice", "visitor"))
        before_the_next("write", monkeypatch, lambda: room.rename(is_heard=is_heard))
        room.presence.change("tea", Person("alice", "Alice", role="owner"))
        await room.stores((NEW, "owner"))

    assert in_a_room(do).renamed == [("alice", NEW)]


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_name_that_is_taken_while_the_first_rows_are_written_reaches_them(
    monkeypatch: pytest.MonkeyPatch, is_heard: bool
) -> None:
    async def do(room: Room) -> None:
        before_the_next("register", monkeypatch, lambda: room.rename(is_heard=is_heard))
        room.presence.enter("tea", OLD, "192.0.2.1")
        await room.stores((NEW, "visitor"))

    assert in_a_room(do).renamed == [("alice", NEW)]


def test_who_joined_under_a_name_that_was_changed_meanwhile_has_the_new_one() -> None:
    async def do(room: Room) -> None:
        room.presence.enter("tea", Person("bob", "Bob"), "192.0.2.1")
        await room.stores(("Bob", "visitor"))
        await room.threads.run(room.rename, is_heard=False)
        room.presence.enter("tea", OLD, "192.0.2.1")
        await room.stores((NEW, "visitor"), ("Bob", "visitor"))

    assert in_a_room(do).renamed == [("alice", NEW)]


def test_a_name_without_a_hint_is_found_in_the_row_of_the_participant() -> None:
    async def do(room: Room) -> None:
        room.presence.enter("tea", OLD, "192.0.2.1")
        await room.stores(("Alice", "visitor"))
        await room.threads.run(room.rename, is_heard=False)
        async with asyncio.timeout(20):
            while not room.renamed:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await room.stores((NEW, "visitor"))

    assert in_a_room(do).renamed == [("alice", NEW)]
