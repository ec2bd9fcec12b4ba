"""What a WebSocket peer sends on daphne: read fast, and limited in frames, unread messages, bytes after its
close."""

import asyncio
from functools import partial
from typing import Any, Final

from ..access.token_buckets import CONTROL_FRAMES, Bucket
from ..protocol import CloseCode
from ..realtime.subscriber import CLOSE_TIMEOUT, HIGH_WATER
from ..realtime.transports import TEXT_FRAME, descriptor_of, held_back

MASKED: Final = 0x80  # the bit beside the size, which every frame of a client has
WHOLE_MAX: Final = 4096  # bytes of a message that is read in one step
READ_SIZE: Final = 8192  # bytes read from a socket at a time: 1,365 frames at most before others have a turn
UNREAD_MAX: Final = 64 * 1024  # bytes that wait for a consumer before its socket is read no further
UNREAD_COST: Final = 2048  # bytes that a message counts at least: 32 small ones may wait
UNREAD_PAUSE: Final = 0.02  # seconds between two checks of a consumer that is busy
DISCARDED: Final = 64 * 1024  # bytes of a flooder that are read at a time
DISCARD_PAUSE: Final = 0.02  # seconds between two such reads


def apply() -> None:
    _read_whole_messages()
    _limit_frames()
    _limit_unread_messages()
    _discard_after_flood()


def _read_whole_messages() -> None:
    """A short text message that has arrived whole is read in one step: autobahn takes a dozen for each, and a
    Deferred. Everything else is left to autobahn, also what it refuses."""
    from daphne.ws_protocol import WebSocketProtocol

    process = WebSocketProtocol.processData

    def read_message(socket: Any) -> Any:
        is_between = socket.state == socket.STATE_OPEN and not (socket.current_frame or socket.inside_message)
        # Any message answers a ping that is under way: autobahn sees to that.
        found = whole_message(socket.data) if is_between and not socket.autoPingTimeoutCall else None
        if found is None:
            return process(socket)
        payload, end = found
        socket.data = socket.data[end:]
        socket.onMessage(payload, False)
        return len(socket.data) > 0

    WebSocketProtocol.processData = read_message


def whole_message(data: bytes) -> tuple[bytes, int] | None:
    """The text message (UTF-8) of the frame that the data begins with, and where that ends. None where it is
    another kind of frame, has more than 4,096 bytes, is not whole or not as RFC 6455 has it."""
    if len(data) < 6 or data[0] != TEXT_FRAME:
        return None
    size, start = data[1] - MASKED, 6
    if size > 125:
        size, start = int.from_bytes(data[2:4]) if size == 126 else 0, 8
        if size < 126:
            return None
    end = start + size
    if not 0 < size <= WHOLE_MAX or len(data) < end:
        return None
    mask = data[start - 4 : start] * (size // 4 + 1)
    payload = (int.from_bytes(mask[:size]) ^ int.from_bytes(data[start:end])).to_bytes(size)
    try:
        payload.decode()
    except UnicodeDecodeError:
        return None
    return payload, end


def _limit_frames() -> None:
    """Control frames and continuation frames are counted; a peer that sends too many is closed with 4429. A
    peer that does not read gets no pongs."""
    from daphne.ws_protocol import WebSocketProtocol

    on_open, on_frame = WebSocketProtocol.onOpen, WebSocketProtocol.onFrameBegin
    on_close = WebSocketProtocol.onClose

    def open_with_budget(socket: Any) -> None:
        descriptor_of(socket.transport).bufferSize = READ_SIZE
        socket.frame_budget = Bucket(CONTROL_FRAMES)
        on_open(socket)

    def count_frame(socket: Any) -> None:
        opcode = socket.current_frame.opcode
        is_counted = opcode > 7 or opcode == 0  # control frames, continuations
        if is_counted and socket.state == socket.STATE_OPEN and not socket.frame_budget.take():
            socket.sendClose(int(CloseCode.FLOODING))
        on_frame(socket)

    def answer_ping(socket: Any, payload: bytes) -> None:
        if held_back(descriptor_of(socket.transport)) <= HIGH_WATER:
            socket.sendPong(payload)

    def drop_unfinished_message(socket: Any, *arguments: Any) -> None:
        """An unfinished message would stay in memory until Python collects the socket's garbage."""
        socket.data, socket.message_data, socket.frame_data = b"", [], []
        on_close(socket, *arguments)

    WebSocketProtocol.onClose = drop_unfinished_message
    WebSocketProtocol.onOpen = open_with_budget
    WebSocketProtocol.onFrameBegin = count_frame
    WebSocketProtocol.onPing = answer_ping


def _discard_after_flood() -> None:
    """What a flooder sends after its close frame is read and discarded, for 5 s at most: a connection that is
    closed with unread bytes is reset, and its peer may lose the close code."""
    from daphne.ws_protocol import WebSocketProtocol

    send_close = WebSocketProtocol.sendClose

    def close(socket: Any, code: int | None = None, reason: str | None = None) -> None:
        is_flooding = code == CloseCode.FLOODING and socket.state == socket.STATE_OPEN
        if is_flooding:
            socket.closeHandshakeTimeout = CLOSE_TIMEOUT
        send_close(socket, code, reason)
        if is_flooding:
            discard_what_comes(socket)

    WebSocketProtocol.sendClose = close


def discard_what_comes(protocol: Any) -> None:
    """Write no more on its connection; read slowly what comes, and drop it."""
    transport = protocol.transport
    descriptor = descriptor_of(transport)
    descriptor.bufferSize = DISCARDED
    if descriptor is transport:  # TLS ends in both directions at once
        descriptor.loseWriteConnection()
    protocol.dataReceived = partial(_discard, transport)
    transport.resumeProducing()


def _discard(transport: Any, _data: bytes) -> None:
    transport.pauseProducing()
    asyncio.get_running_loop().call_later(DISCARD_PAUSE, transport.resumeProducing)


def _limit_unread_messages() -> None:
    """A socket is not read while many of its messages wait for its consumer."""
    from daphne.ws_protocol import WebSocketProtocol

    on_message = WebSocketProtocol.onMessage

    def hand_on(socket: Any, payload: bytes, is_binary: bool) -> None:
        if socket.state != socket.STATE_OPEN:
            return  # it has been closed: its consumer reads no more
        on_message(socket, payload, is_binary)
        unread = socket.application_queue.qsize()
        if unread * max(UNREAD_COST, len(payload)) >= UNREAD_MAX and not socket.is_read_paused:
            socket.is_read_paused = True
            socket.transport.pauseProducing()
            asyncio.get_running_loop().call_soon(read_on, socket)

    def read_on(socket: Any) -> None:
        if socket.state == socket.STATE_OPEN and socket.application_queue.qsize():
            asyncio.get_running_loop().call_later(UNREAD_PAUSE, read_on, socket)
        else:
            socket.is_read_paused = False
            socket.transport.resumeProducing()

    WebSocketProtocol.is_read_paused = False
    WebSocketProtocol.onMessage = hand_on
