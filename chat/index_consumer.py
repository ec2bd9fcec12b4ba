"""The socket of the list of rooms: it tells, and takes no commands."""

from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from . import protocol
from .address import address_of
from .backpressure import Member, Send
from .errors import explain
from .guard import RAW_SEND
from .hub import Hub, current_hub
from .protocol import CloseCode, ProtocolError
from .rates import Kind, Patience, doors, rates


class IndexConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Sends `rooms`, in both dialects the same. Its receive loop is its own, as that of a room's socket."""

    hub: Hub
    member: Member

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        self.scope = scope
        self.base_send = send
        await receive()  # websocket.connect
        self.hub = current_hub()
        self.address = address_of(scope)
        if self.hub.draining:
            await self._turn_away(CloseCode.RESTART)
        elif rates.take(Kind.CONNECT, self.address) or not doors.enter(self.address):
            await self._turn_away(CloseCode.FLOODING)
        else:
            try:
                await self._listen(receive)
            finally:
                doors.leave(self.address)

    async def _turn_away(self, code: CloseCode) -> None:
        """Accept, then close: a refused handshake could not carry the code."""
        await self.accept()
        await self.close(int(code))

    async def _listen(self, receive: Any) -> None:
        self.plain = protocol.SUBPROTOCOL not in self.scope["subprotocols"]
        self.patience = Patience()
        self.member = Member(self.scope[RAW_SEND], plain=self.plain)
        await self.accept(None if self.plain else protocol.SUBPROTOCOL)
        self.hub.index.join(self.member)
        if self.hub.draining:
            self.member.close(CloseCode.RESTART)
        try:
            while (message := await receive())["type"] == "websocket.receive":
                await self.receive(message.get("text"))
        finally:
            self.hub.leave_index(self.member)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """There is nothing to be asked here."""
        if self.member.closing:
            return
        if wait := rates.take(Kind.ASK, self.address):
            self._too_fast(wait)
            return
        try:
            command = protocol.parse_plain(text_data) if self.plain else protocol.parse(text_data)
        except ProtocolError as error:
            code = "unknown_type" if error.code == "invalid" else error.code
            self._refuse(code, error.client_id)
        else:
            self._refuse("unknown_type", getattr(command, "client_id", None))

    def _too_fast(self, wait: float) -> None:
        if self.patience.refused():
            self.member.close(CloseCode.FLOODING)
        else:
            self._refuse("too_fast", retry_after=wait)

    def _refuse(self, code: str, client_id: Any = None, retry_after: float | None = None) -> None:
        if self.plain:
            self.member.reply(protocol.encode(protocol.Refusal(code, explain(code))))
        else:
            self.member.reply(protocol.encode(protocol.Error(code, explain(code), client_id, retry_after)))
