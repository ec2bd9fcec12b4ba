"""What uvicorn's `websockets-sansio` protocol would take from anybody without limit. While a consumer has a
message to read, it reads no further by itself."""

import contextlib
import sys
from collections.abc import Callable
from typing import Any, Final

from ..access.rate_limits import FrameBudget
from ..protocol import CloseCode
from ..realtime.transports import CLOSE_PATIENCE, HIGH_WATER

READ_SIZE: Final = (
    8192  # bytes that a socket is read at a time: at most 1,365 frames before others have a turn
)
DISCARDED: Final = 64 * 1024  # bytes of a flooder that are read at a time, until it is gone
DISCARD_PAUSE: Final = 0.02  # seconds between two of these


def bound_frames() -> None:
    """As `daphne_limits.bound_frames`. Does nothing under another server."""
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
        socket.frame_budget = FrameBudget()
        with contextlib.suppress(AttributeError):  # uvloop's reads what it likes
            transport.max_size = READ_SIZE

    def read_unless_flooding(socket: Any, data: bytes) -> None:
        closed = socket.conn.close_sent
        if closed and closed.code == CloseCode.FLOODING:
            discard(socket)
        else:
            read(socket, data)

    def answer_ping_of_a_reader(socket: Any) -> None:
        if socket.transport.get_write_buffer_size() <= HIGH_WATER:
            answer_ping(socket)
        else:
            socket.conn.data_to_send()  # takes the pongs out; they go nowhere

    protocol.is_parting = False
    protocol.connection_made = made_with_budget
    protocol.data_received = read_unless_flooding
    protocol.handle_ping = counted(answer_ping_of_a_reader)
    protocol.handle_pong = counted(protocol.handle_pong)
    protocol.handle_cont = counted(protocol.handle_cont)


def counted(handle: Callable[..., None]) -> Callable[..., None]:
    def handle_counted(socket: Any, *event: Any) -> None:
        if socket.close_sent:
            return
        if socket.frame_budget.take():
            handle(socket, *event)
        else:
            send_away(socket)

    return handle_counted


def send_away(socket: Any) -> None:
    if not socket.handshake_complete:
        socket.transport.abort()
        return
    socket.conn.send_close(int(CloseCode.FLOODING))
    socket.transport.write(b"".join(socket.conn.data_to_send()))
    socket.close_sent = True
    discard(socket)


def discard(socket: Any) -> None:
    """As `daphne_limits.part_from_flooders`."""
    transport = socket.transport
    if not socket.is_parting:
        socket.is_parting = True
        with contextlib.suppress(AttributeError):
            transport.max_size = DISCARDED
        if transport.can_write_eof():
            transport.write_eof()
        socket.loop.call_later(CLOSE_PATIENCE, transport.abort)
    transport.pause_reading()
    socket.loop.call_later(DISCARD_PAUSE, read_on, transport)


def read_on(transport: Any) -> None:
    if not transport.is_closing():
        transport.resume_reading()
