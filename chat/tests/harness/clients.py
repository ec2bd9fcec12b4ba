"""Clients of both dialects, written from docs/PROTOCOL.md and nothing else.

    async with ChatClient(server.ws_url("tea")) as alice, ChatClient(server.ws_url("tea")) as bob:
        ack = await alice.post("hello")
        await bob.wait_until(lambda bob: bob.texts == ["hello"])

A client that is asked to `reconnect` comes back by itself, resumes from its cursor, and sends again what
nobody acked.
"""

import asyncio
import contextlib
import random
from typing import Any
from uuid import uuid4

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from .sockets import PATIENCE, Client, Frame, PlainClient

__all__ = ["ChatClient", "Client", "Frame", "PlainClient", "Refused"]

STAY_AWAY = {4401, 4403, 4404}


class Refused(Exception):
    """The server answered a command with an `error` frame that no resend can mend."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(f"{frame['code']}: {frame['message']}")
        self.code: str = frame["code"]
        self.frame = frame


class ChatClient(Client):
    """Speaks `chat.v1` and keeps what a browser keeps: the room's messages by sequence, and a cursor."""

    subprotocols = (Subprotocol("chat.v1"),)

    def __init__(self, url: str, *, reconnect: bool = False, **options: Any) -> None:
        super().__init__(url, **options)
        self.reconnect = reconnect
        self.welcome: Frame = {}
        self.you: Frame = {}
        self.room: Frame = {}
        self.log: dict[int, Frame] = {}
        self.epoch: str | None = None
        self.revision = 0
        self.more = False
        self.resets = 0
        self.resumes = 0
        self.acks: dict[str, Frame] = {}
        self.synced = False
        self._resuming = False
        self._outbox: dict[str, Frame] = {}
        self._answers: dict[str, asyncio.Future[Frame]] = {}
        self._retries: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Returns when the room's newest page is here."""
        await super().open()
        await self.wait_until(lambda client: client.synced, PATIENCE, "welcome and the answer to resume")

    async def close(self) -> None:
        self.reconnect = False
        for retry in self._retries:
            retry.cancel()
        for answer in self._answers.values():
            answer.cancel()
        await super().close()

    # --- what it holds ---

    @property
    def messages(self) -> list[Frame]:
        return [self.log[sequence] for sequence in sorted(self.log)]

    @property
    def texts(self) -> list[str]:
        """The text of every message that is not deleted, in order."""
        return [message["message"] for message in self.messages if not message.get("deleted")]

    @property
    def purged_through(self) -> int:
        """The place up to which the room keeps nothing any more."""
        place: int = self.room.get("purged_through", 0)
        return place

    @property
    def cursor(self) -> tuple[str | None, int]:
        return self.epoch, self.revision

    # --- what it says; each returns the ack ---

    async def post(self, text: str, *, reply_to: int | None = None, timeout: float = PATIENCE) -> Frame:
        """The ack. With `reconnect`, also when the connection or the server's word is lost in between."""
        return await asyncio.wait_for(self.post_nowait(text, reply_to=reply_to), timeout)

    def post_nowait(self, text: str, *, reply_to: int | None = None) -> "asyncio.Future[Frame]":
        """Send and do not wait: the future becomes the ack, or raises Refused."""
        return self._write({"type": "post", "message": text} | ({"reply_to": reply_to} if reply_to else {}))

    async def edit(
        self,
        sequence: int,
        text: str,
        *,
        revision: int | None = None,
        timeout: float = PATIENCE,
    ) -> Frame:
        """Edit as seen at `revision`: what this client holds, by default."""
        revision = self.log[sequence]["revision"] if revision is None else revision
        frame = {
            "type": "edit",
            "sequence": sequence,
            "message": text,
            "revision": revision,
        }
        return await asyncio.wait_for(self._write(frame), timeout)

    async def delete(self, sequence: int, *, timeout: float = PATIENCE) -> Frame:
        return await asyncio.wait_for(self._write({"type": "delete", "sequence": sequence}), timeout)

    async def rename(self, name: str, *, timeout: float = PATIENCE) -> Frame:
        ack = await asyncio.wait_for(self._write({"type": "rename", "name": name}), timeout)
        self.you = ack["you"]
        return ack

    async def do(self, kind: str, *, timeout: float = PATIENCE, **fields: Any) -> Frame:
        """Any other write: `react`, `moderate`, `configure` …"""
        return await asyncio.wait_for(self._write({"type": kind, **fields}), timeout)

    async def history(
        self, before: int | None = None, limit: int | None = None, timeout: float = PATIENCE
    ) -> Frame:
        """A page of older messages. It goes into the log too."""
        fields = {"before": before, "limit": limit}
        pages = len(self._pages())
        await self.send(
            {"type": "history"} | {key: value for key, value in fields.items() if value is not None}
        )
        await self.wait_until(lambda client: len(client._pages()) > pages, timeout, "a page of history")
        return self._pages()[-1]

    async def resume(self) -> None:
        self._resuming = True
        self.resumes += 1
        cursor = {} if self.epoch is None else {"epoch": self.epoch, "after": self.revision}
        await self.send({"type": "resume"} | cursor)

    def _pages(self) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == "history"]

    def _write(self, frame: Frame) -> "asyncio.Future[Frame]":
        client_id = str(uuid4())
        self._outbox[client_id] = frame | {"client_id": client_id}
        self._answers[client_id] = answer = asyncio.get_running_loop().create_future()
        self._later(0, client_id)
        return answer

    def _later(self, delay: float, client_id: str) -> None:
        """Send what still waits in the outbox; an open socket keeps the order of writes."""

        async def send() -> None:
            await asyncio.sleep(delay)
            if self.connected and self.welcome and (frame := self._outbox.get(client_id)):
                with contextlib.suppress(ConnectionClosed):
                    await self.send(frame)

        task = asyncio.create_task(send())
        self._retries.add(task)
        task.add_done_callback(self._retries.discard)

    # --- what it hears ---

    async def received(self, frame: Frame) -> None:
        match frame["type"]:
            case "welcome":
                self.welcome, self.you = frame, frame["you"]
                await self.resume()
                for client_id in self._outbox:
                    self._later(0, client_id)
            case "changes":
                await self._changes(frame)
            case "history":
                self._upsert(frame["messages"])
                self.more = frame["more"]
            case "ack":
                self.acks[frame["client_id"]] = frame
                self._outbox.pop(frame["client_id"], None)
                if (answer := self._answers.pop(frame["client_id"], None)) and not answer.done():
                    answer.set_result(frame)
            case "error" if "client_id" in frame:
                self._refused(frame["client_id"], frame)

    def _refused(self, client_id: str, frame: Frame) -> None:
        if frame["code"] in ("unavailable", "busy"):
            self._later(frame.get("retry_after") or 0.5, client_id)
            return
        self._outbox.pop(client_id, None)
        if (answer := self._answers.pop(client_id, None)) and not answer.done():
            answer.set_exception(Refused(frame))

    async def _changes(self, frame: Frame) -> None:
        if frame.get("reset"):
            self.log.clear()
            self.epoch, self.revision = frame["epoch"], frame["revision"]
            self.more = frame.get("more", False)
            self.resets += 1
        elif frame["epoch"] != self.epoch:
            if self.epoch is not None or frame["after"] != 0:
                await self._resume_once()
                return
            self.epoch = frame["epoch"]
        self.room = frame.get("room") or self.room
        self._upsert(frame["messages"])
        if frame["after"] <= self.revision or frame.get("reset"):
            self.revision = max(self.revision, frame["revision"])
            self._resuming, self.synced = False, True
        else:
            await self._resume_once()

    async def _resume_once(self) -> None:
        if not self._resuming:
            await self.resume()

    def _upsert(self, messages: list[Frame]) -> None:
        for message in messages:
            held = self.log.get(message["sequence"])
            if not held or held["revision"] <= message["revision"]:
                self.log[message["sequence"]] = message
        for sequence in [sequence for sequence in self.log if sequence <= self.purged_through]:
            del self.log[sequence]

    # --- coming back ---

    async def _read(self) -> None:
        while True:
            await self._read_one_connection()
            self._resuming = False
            if not self.reconnect or self.close_codes[-1] in STAY_AWAY:
                return self._give_up()
            await self._come_back()

    def _give_up(self) -> None:
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(
                    ConnectionError(f"the socket ended ({self.close_code}) before the answer")
                )
                answer.exception()  # seen: whoever waits gets it all the same

    async def _come_back(self) -> None:
        """Backoff as a browser's, ten times as fast."""
        delay = 0.05
        while True:
            await asyncio.sleep(delay * random.uniform(0.5, 1))
            try:
                return await self._connect()
            except (OSError, InvalidHandshake, TimeoutError):
                delay = min(delay * 2, 1.5)

    def __str__(self) -> str:
        return (
            f"{super().__str__()} cursor={self.cursor} messages={len(self.log)} waiting={len(self._outbox)} "
            f"resets={self.resets} resumes={self.resumes}"
        )
