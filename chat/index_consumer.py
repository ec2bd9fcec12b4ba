"""The socket of the list of rooms: it tells, and takes no commands."""

from typing import Any

from . import protocol
from .access.rate_limits import Kind, rates
from .protocol import CloseCode, ProtocolError
from .realtime.room_list import Viewer
from .server.base_consumer import SocketConsumer


class IndexConsumer(SocketConsumer):
    """Sends `rooms`, in both dialects the same, and `your_rooms` in `chat.v1`."""

    async def run(self, receive: Any) -> None:
        self.identify()
        await self.accept_dialect()
        self.runtime.room_list.join(self.member, None if self.plain else Viewer(self.who, self.address))
        self.runtime.revalidator.without_room.add(self)
        if self.runtime.draining:
            self.member.close(CloseCode.RESTART)
        try:
            await self.listen(receive)
        finally:
            self.runtime.revalidator.without_room.discard(self)
            self.runtime.room_list.leave(self.member)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Every command is refused."""
        if self.member.closing:
            return
        if wait := rates.take(Kind.ASK, self.address):
            self.ask_to_wait(wait)
            return
        try:
            command = protocol.parse_plain(text_data) if self.plain else protocol.parse(text_data)
        except ProtocolError as error:
            code = "unknown_type" if error.code == "invalid" else error.code
            self.refuse(code, client_id=error.client_id)
        else:
            self.refuse("unknown_type", client_id=getattr(command, "client_id", None))
