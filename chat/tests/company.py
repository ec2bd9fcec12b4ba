"""Sockets that keep in mind who is here, from docs/PROTOCOL.md alone."""

import asyncio
from collections.abc import Callable

from .servers import ServerProcess
from .sockets import Frame
from .wires import Wire


def guest(server: ServerProcess) -> dict[str, str]:
    """The cookie of a new guest."""
    cookie = server.get("/chat/door/").headers["Set-Cookie"].split(";")[0]
    return {"guest": cookie.removeprefix("guest=")}


async def until(holds: Callable[[], object], timeout: float = 10.0) -> None:
    """Wait until something is so that no frame tells of."""
    async with asyncio.timeout(timeout):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


class Watcher(Wire):
    """Applies `welcome` and `presence` as a browser does: `people` by id, and `count`."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.you: Frame = {}
        self.people: dict[str, Frame] = {}
        self.count = 0

    async def open(self) -> None:
        await super().open()
        await self.wait_until(lambda watcher: watcher.you, 20, "welcome")

    async def received(self, frame: Frame) -> None:
        if frame["type"] == "welcome":
            self.you = frame["you"]
            self._put(frame["present"])
            self.count = frame["count"]
        elif frame["type"] == "presence":
            if "present" in frame:
                self.people.clear()
            self._put([*frame.get("present", ()), *frame.get("joined", ())])
            for key in frame.get("left", ()):
                self.people.pop(key, None)
            self.count = frame["count"]

    def _put(self, people: list[Frame]) -> None:
        self.people |= {person["id"]: person for person in people}

    @property
    def names(self) -> list[str]:
        return sorted(person["name"] for person in self.people.values())

    async def sees(self, *people: "Watcher", timeout: float = 5.0) -> None:
        """Exactly these people are here."""
        keys = {person.you["id"] for person in people}
        await self.wait_until(
            lambda watcher: watcher.people.keys() == keys and watcher.count == len(keys),
            timeout,
            f"{len(keys)} people: {sorted(keys)}, not {sorted(self.people)}",
        )

    async def sees_named(self, *names: str, timeout: float = 5.0) -> None:
        await self.wait_until(
            lambda watcher: watcher.names == sorted(names), timeout, f"{names}, not {self.names}"
        )

    async def call_oneself(self, name: str) -> None:
        """Take another name; returns when it is taken."""
        client_id = "6f1c2a3b-4d5e-4f60-8a7b-9c0d1e2f3a4b"
        await self.send({"type": "rename", "client_id": client_id, "name": name})
        answer = await self.answer_to(client_id)
        assert answer["type"] == "ack", answer
