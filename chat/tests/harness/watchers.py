"""Clients that keep the list of who is here, written from docs/PROTOCOL.md alone."""

import asyncio
from collections.abc import Callable
from typing import Any

from .servers import ServerProcess
from .sockets import PATIENCE, Client, Frame
from .wires import Wire


def guest(server: ServerProcess) -> dict[str, str]:
    """The cookie of a new guest."""
    cookie = server.get("/chat/some-room/").headers["Set-Cookie"].split(";")[0]
    return {"guest": cookie.removeprefix("guest=")}


async def until(holds: Callable[[], object], timeout: float = PATIENCE) -> None:
    """Wait for a condition that no frame announces."""
    async with asyncio.timeout(timeout):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


class PresenceClient(Client):
    """Applies `welcome` and `presence` as a browser does: `people` by id, and `count`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.people: dict[str, Frame] = {}
        self.count = 0

    async def received(self, frame: Frame) -> None:
        if frame["type"] in ("welcome", "presence"):
            if "present" in frame:
                self.people.clear()
            here = [*frame.get("present", ()), *frame.get("joined", ())]
            self.people |= {person["id"]: person for person in here}
            for key in frame.get("left", ()):
                self.people.pop(key, None)
            self.count = frame["count"]
        await super().received(frame)


class Watcher(PresenceClient, Wire):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.you: Frame = {}

    async def open(self) -> None:
        await super().open()
        await self.wait_until(lambda watcher: watcher.you, PATIENCE, "welcome")

    async def received(self, frame: Frame) -> None:
        await super().received(frame)
        if frame["type"] == "welcome":
            self.you = frame["you"]

    @property
    def names(self) -> list[str]:
        return sorted(person["name"] for person in self.people.values())

    async def sees(self, *people: "Watcher", timeout: float = PATIENCE) -> None:
        """Exactly these people are here."""
        keys = {person.you["id"] for person in people}
        await self.wait_until(
            lambda watcher: watcher.people.keys() == keys and watcher.count == len(keys),
            timeout,
            f"{len(keys)} people: {sorted(keys)}, not {sorted(self.people)}",
        )

    async def sees_named(self, *names: str, timeout: float = PATIENCE) -> None:
        await self.wait_until(
            lambda watcher: watcher.names == sorted(names), timeout, f"{names}, not {self.names}"
        )

    async def call_oneself(self, name: str) -> None:
        """Take another name; returns after the ack."""
        client_id = "6f1c2a3b-4d5e-4f60-8a7b-9c0d1e2f3a4b"
        await self.send({"type": "rename", "client_id": client_id, "name": name})
        answer = await self.answer_to(client_id)
        assert answer["type"] == "ack", answer
