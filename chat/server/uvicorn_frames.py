"""Limits what a WebSocket peer can send on uvicorn's `websockets-sansio` protocol, as `daphne_frames` does.

Unread messages need no limit here: the protocol does not read while a message waits for the consumer.
"""

import contextlib
import sys
from collections.abc import Callable
from typing import Any

from ..access.token_buckets import CONTROL_FRAMES, Bucket
from ..protocol import CloseCode
from ..realtime.subscriber import CLOSE_TIMEOUT, HIGH_WATER
from .daphne_frames import DISCARD_PAUSE, DISCARDED, READ_SIZE


def apply() -> None:
    """Does nothing under another server."""
    if "uvicorn" not in sys.modules:
        return
    from uvicorn.protocols.websockets import websockets_sansio_impl

    protocol: Any = websockets_sansio_impl.WebSocketsSansIOProtocol
    connection_made, read, answer_ping = (
        protocol.connection_made,
        protocol.data_received,
        protocol.handle_ping,
    )

    def made_with_budget(socket: Any, transport: Any) -> None:
        connection_made(socket, transport)
        socket.frame_budget = Bucket(CONTROL_FRAMES)
        with contextlib.suppress(AttributeError):  # uvloop's transport has no such limit
            transport.max_size = READ_SIZE

    def read_unless_flooding(socket: Any, data: bytes) -> None:
        closed = socket.conn.close_sent
        if closed and closed.code == CloseCode.FLOODING:
            _discard(socket)
        else:
            read(socket, data)

    def answer_ping_of_a_reader(socket: Any) -> None:
        if socket.transport.get_write_buffer_size() <= HIGH_WATER:
            answer_ping(socket)
        else:
            socket.conn.data_to_send()  # takes the pongs out and drops them

    protocol.is_discarding = False
    protocol.connection_made = made_with_budget
    protocol.data_received = read_unless_flooding
    protocol.handle_ping = _counted(answer_ping_of_a_reader)
    protocol.handle_pong = _counted(protocol.handle_pong)
    protocol.handle_cont = _counted(protocol.handle_cont)


def _counted(handle: Callable[..., None]) -> Callable[..., None]:
    def handle_counted(socket: Any, *event: Any) -> None:
        if socket.close_sent:
            return
        if socket.frame_budget.take():
            handle(socket, *event)
        else:
            _close_flooder(socket)

    return handle_counted


def _close_flooder(socket: Any) -> None:
    if not socket.handshake_complete:
        socket.transport.abort()
        return
    socket.conn.send_close(int(CloseCode.FLOODING))
    socket.transport.write(b"".join(socket.conn.data_to_send()))
    socket.close_sent = True
    _discard(socket)


def _discard(socket: Any) -> None:
    """Read and drop what comes after the close frame, for 5 s at most."""
    transport = socket.transport
    if not socket.is_discarding:
        socket.is_discarding = True
        with contextlib.suppress(AttributeError):
            transport.max_size = DISCARDED
        if transport.can_write_eof():
            transport.write_eof()
        socket.loop.call_later(CLOSE_TIMEOUT, transport.abort)
    transport.pause_reading()
    socket.loop.call_later(DISCARD_PAUSE, _read_on, transport)


def _read_on(transport: Any) -> None:
    if not transport.is_closing():
        transport.resume_reading()
