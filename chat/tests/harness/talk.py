"""Clients that go on posting while servers fail, and a check that all of them received the same."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

from .clients import ChatClient, Client, PlainClient
from .servers import Site

PROMISE = 5.0  # seconds from an ack to every socket of the room
SLACK = 55.0  # seconds that a busy machine is given on top


class Talk:
    """Keeps a room busy: each writer posts its next message as soon as the last one is acked."""

    def __init__(self, *writers: ChatClient, pause: float = 0.02, patience: float = 60.0) -> None:
        self.writers = writers
        self.pause = pause
        self.patience = patience
        self.acked: dict[int, str] = {}
        self._going = True

    async def _write(self, name: str, writer: ChatClient) -> None:
        number = 0
        while self._going:
            number += 1
            ack = await writer.post(text := f"{name} {number}", timeout=self.patience)
            assert self.acked.setdefault(ack["sequence"], text) == text, "two messages in one place"
            await asyncio.sleep(self.pause)

    @contextlib.asynccontextmanager
    async def going_on(self) -> AsyncIterator["Talk"]:
        """They post while the block runs; each last post is acked before this ends."""
        names = ("alice", "bob", "charlie", "dora", "emil", "frida")
        tasks = [
            asyncio.create_task(self._write(name, writer))
            for name, writer in zip(names, self.writers, strict=False)
        ]
        try:
            yield self
        except BaseException:
            for task in tasks:
                task.cancel()
            raise
        finally:
            self._going = False
        await asyncio.gather(*tasks)

    async def more(self, count: int, timeout: float = 60.0) -> None:
        """Wait until so many further messages are acked."""
        wanted = len(self.acked) + count
        async with asyncio.timeout(timeout):
            while len(self.acked) < wanted:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


async def all_heard(
    site: Site,
    room: str,
    talk: Talk,
    readers: Sequence[ChatClient | PlainClient],
    timeout: float = PROMISE + SLACK,
) -> None:
    """Every acked message is stored once and in its place, and every reader has all of them, in order."""
    stored = site.texts(room)
    assert len(stored) == len(set(stored)), "a message was stored twice"
    assert {n: stored[n - 1] for n in talk.acked} == talk.acked
    for reader in readers:
        await reader.wait_until(lambda reader: reader.texts[-1:] == stored[-1:], timeout, "the last message")
        if isinstance(reader, ChatClient):
            await _read_up(reader)
        await reader.wait_until(lambda reader: len(reader.texts) >= len(stored), timeout, "every message")
        assert reader.texts == stored


async def _read_up(reader: ChatClient) -> None:
    """Read the history up to the first message, as a client must that was away for long."""
    while missing := [n for n in range(1, max(reader.log, default=0)) if n not in reader.log]:
        page = await reader.history(before=missing[-1] + 1, limit=100)
        assert page["messages"][-1]["sequence"] == missing[-1]


def never_left(*people: Client) -> bool:
    """All of them are on their first connection."""
    return all(person.connections == 1 and person.connected for person in people)


@contextlib.asynccontextmanager
async def together(*people: Client) -> AsyncIterator[None]:
    """All of them are connected, and closed at the end. No more than 20 connect at once: daphne gives up a
    handshake after 5 s, however busy the machine is."""
    async with contextlib.AsyncExitStack() as stack:
        for person in people:
            stack.push_async_callback(person.close)
        for first in range(0, len(people), 20):
            await asyncio.gather(*(person.open() for person in people[first : first + 20]))
        yield
