"""A `chat.v1` client that does nothing by itself: the test decides what is sent and checks what comes."""

from typing import Any
from uuid import uuid4

from websockets.typing import Subprotocol

from .sockets import PATIENCE, Client, Frame


class Wire(Client):
    """Resumes nothing and applies nothing."""

    subprotocols: tuple[Subprotocol, ...] = (Subprotocol("chat.v1"),)

    async def post(self, text: str, client_id: str | None = None, **fields: Any) -> str:
        """Send a post and do not wait; gives its client_id."""
        client_id = client_id or str(uuid4())
        await self.send({"type": "post", "client_id": client_id, "message": text, **fields})
        return client_id

    async def ask(self, kind: str, answer: str, timeout: float = PATIENCE, **fields: Any) -> Frame:
        """Send a command and wait for the next frame of a type."""
        seen = len(self.of(answer))
        await self.send({"type": kind, **fields})
        await self.wait_until(lambda wire: len(wire.of(answer)) > seen, timeout, f"{answer} after {kind}")
        return self.of(answer)[-1]

    async def answer_to(self, client_id: str, timeout: float = PATIENCE) -> Frame:
        """The ack or error that names a write."""

        def answers() -> list[Frame]:
            return [
                f for f in self.frames if f["type"] in ("ack", "error") and f.get("client_id") == client_id
            ]

        await self.wait_until(lambda _: answers(), timeout, f"an answer to {client_id}")
        return answers()[-1]

    def of(self, kind: str) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == kind]
