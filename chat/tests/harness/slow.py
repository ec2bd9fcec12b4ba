"""Clients with small network buffers: they can stop reading, and then little fits into what is between."""

import asyncio
import socket
from urllib.parse import urlsplit

from websockets.asyncio.client import connect
from websockets.typing import Origin

from .clients import ChatClient, Client, PlainClient

SEGMENT = 536  # bytes: keeps the server's send buffer small too, which the kernel sizes by it


def thin_line() -> socket.socket:
    """A socket that is not connected yet; each of its operations may take 20 s."""
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
    wire.settimeout(20)
    return wire


class ThinLine(Client):
    async def _connect(self) -> None:
        host = urlsplit(self.url).netloc.split(":")
        wire = thin_line()
        wire.setblocking(False)
        await asyncio.get_running_loop().sock_connect(wire, (host[0], int(host[1])))
        self._socket = await connect(
            self.url,
            sock=wire,
            origin=Origin(self.origin) if self.origin else None,
            subprotocols=self.subprotocols or None,
            additional_headers=self.headers,
            compression=None,
            proxy=None,
            ping_interval=None,
            max_size=None,
            close_timeout=1,
        )
        self.connections += 1

    def stop_reading(self) -> None:
        assert self._socket
        self._socket.transport.pause_reading()

    def read_again(self) -> None:
        assert self._socket
        self._socket.transport.resume_reading()


class SlowChatClient(ThinLine, ChatClient):
    pass


class SlowPlainClient(ThinLine, PlainClient):
    pass
