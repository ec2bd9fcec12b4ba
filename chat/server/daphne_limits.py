"""What daphne, Twisted and autobahn would take from anybody without limit.

daphne calls the application when a request's body is complete: what is to be refused before that is refused
here.
"""

import asyncio
from functools import partial
from io import BytesIO
from typing import Any, Final
from urllib.parse import unquote

from django.conf import settings

from ..access.client_address import address_of
from ..access.rate_limits import Doors, FrameBudget
from ..protocol import CloseCode
from ..protocol.limits import body_limit
from ..realtime.transports import CLOSE_PATIENCE, HIGH_WATER, descriptor_of, held_back

TOO_LARGE: Final = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
TOO_MANY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)
SMALL_BODY: Final = 16 * 1024  # bytes: as large as forms are
LARGE_BODIES_MAX: Final = 16  # that are being read: all together hold no more than as many MiB
LARGE_BODIES_OF_AN_ADDRESS: Final = 4

READ_SIZE: Final = 8192  # bytes of a socket at a time: 1,365 frames at most before others have a turn
UNREAD_MAX: Final = 64 * 1024  # bytes that wait for a consumer before its socket is read no further
UNREAD_COST: Final = 2048  # bytes that a message counts at least: 32 small ones may wait
UNREAD_PAUSE: Final = 0.02  # seconds between two looks at a consumer that is busy
DISCARDED: Final = 64 * 1024  # bytes of a flooder that are read at a time, every 0.02 s, until it is gone

_large_bodies: dict[Any, str] = {}
"""The requests whose bodies are being read and are large already, and where they come from."""
_of_addresses: Final = Doors(LARGE_BODIES_OF_AN_ADDRESS if settings.RATE_LIMITS else 0)


def bound_bodies() -> None:
    """A body over the limit of its path is answered with 413, and the connection closed: before it is read
    where its length is declared, else as soon as it is over. Others wait in memory, never in a file."""
    from daphne.http_protocol import WebRequest

    process, connection_lost = WebRequest.process, WebRequest.connectionLost

    def begin(request: Any, length: int | None) -> None:
        path = request.channel._path.partition(b"?")[0]
        request.body_limit = body_limit(unquote(path.decode("ascii", "replace")))
        request.content = BytesIO()
        if length and length > request.body_limit:
            _refuse(request)

    def take(request: Any, data: bytes) -> None:
        size = request.content.tell() + len(data)
        if size > request.body_limit:
            _refuse(request)
        elif size > SMALL_BODY and not _may_be_large(request):
            _refuse(request, TOO_MANY)
        else:
            request.content.write(data)

    def lose(request: Any, reason: Any) -> None:
        _let_go(request)
        connection_lost(request, reason)

    def process_if_whole(request: Any) -> Any:
        _let_go(request)
        return process(request) if request.body_limit >= 0 else None

    WebRequest.gotLength = begin
    WebRequest.handleContentChunk = take
    WebRequest.process = process_if_whole
    WebRequest.connectionLost = lose


def _may_be_large(request: Any) -> bool:
    if request in _large_bodies:
        return True
    forwarded = request.requestHeaders.getRawHeaders(b"x-forwarded-for", [])
    client = [getattr(request.channel.getPeer(), "host", "")]
    address = address_of({"client": client, "headers": [(b"x-forwarded-for", line) for line in forwarded]})
    if len(_large_bodies) >= LARGE_BODIES_MAX or not _of_addresses.enter(address):
        return False
    _large_bodies[request] = address
    return True


def _let_go(request: Any) -> None:
    if request in _large_bodies:
        _of_addresses.leave(_large_bodies.pop(request))


def _refuse(request: Any, answer: bytes = TOO_LARGE) -> None:
    if request.body_limit < 0:
        return
    _let_go(request)
    request.body_limit = -1  # nothing more is taken, nor is what there is handed on
    request.content = BytesIO()
    request.requestHeaders.removeHeader(b"Expect")  # no "100 Continue" after the answer
    request.channel.write(answer)
    request.channel.loseConnection()


def bound_frames() -> None:
    """Control frames and pieces of messages are counted; who sends too many is closed with 4429. A peer that
    does not read gets no pongs."""
    from daphne.ws_protocol import WebSocketProtocol

    on_open, on_frame = WebSocketProtocol.onOpen, WebSocketProtocol.onFrameBegin
    on_close = WebSocketProtocol.onClose

    def open_with_budget(socket: Any) -> None:
        descriptor_of(socket.transport).bufferSize = READ_SIZE
        socket.frame_budget = FrameBudget()
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

    def close_with_nothing_held(socket: Any, *arguments: Any) -> None:
        """What of a message had come would stay with the ended socket until Python collects its garbage."""
        socket.data, socket.message_data, socket.frame_data = b"", [], []
        on_close(socket, *arguments)

    WebSocketProtocol.onClose = close_with_nothing_held
    WebSocketProtocol.onOpen = open_with_budget
    WebSocketProtocol.onFrameBegin = count_frame
    WebSocketProtocol.onPing = answer_ping


def part_from_flooders() -> None:
    """What a flooder sends after its close frame is read and thrown away, for 5 s at most: a connection that
    is closed with bytes unread is reset, and its peer may lose the close code."""
    from daphne.ws_protocol import WebSocketProtocol

    send_close = WebSocketProtocol.sendClose

    def part(socket: Any, code: int | None = None, reason: str | None = None) -> None:
        is_flooding = code == CloseCode.FLOODING and socket.state == socket.STATE_OPEN
        if is_flooding:
            socket.closeHandshakeTimeout = CLOSE_PATIENCE
        send_close(socket, code, reason)
        if is_flooding:
            descriptor = descriptor_of(socket.transport)
            descriptor.bufferSize = DISCARDED
            if descriptor is socket.transport:  # TLS ends in both directions at once
                descriptor.unregisterProducer()  # of HTTP: it would be asked for more before the end
                descriptor.loseWriteConnection()
            socket.dataReceived = partial(discard, socket.transport)
            socket.transport.resumeProducing()

    def discard(transport: Any, _data: bytes) -> None:
        transport.pauseProducing()
        asyncio.get_running_loop().call_later(UNREAD_PAUSE, transport.resumeProducing)

    WebSocketProtocol.sendClose = part


def bound_unread_messages() -> None:
    """A socket whose consumer has many messages to read is read no further until it has read them."""
    from daphne.ws_protocol import WebSocketProtocol

    on_message = WebSocketProtocol.onMessage

    def hand_on(socket: Any, payload: bytes, is_binary: bool) -> None:
        if socket.state != socket.STATE_OPEN:
            return  # it has been closed: its consumer reads no more
        on_message(socket, payload, is_binary)
        unread = socket.application_queue.qsize()
        if unread * max(UNREAD_COST, len(payload)) >= UNREAD_MAX and not socket.is_held_up:
            socket.is_held_up = True
            socket.transport.pauseProducing()
            asyncio.get_running_loop().call_soon(read_on, socket)

    def read_on(socket: Any) -> None:
        if socket.state == socket.STATE_OPEN and socket.application_queue.qsize():
            asyncio.get_running_loop().call_later(UNREAD_PAUSE, read_on, socket)
        else:
            socket.is_held_up = False
            socket.transport.resumeProducing()

    WebSocketProtocol.is_held_up = False
    WebSocketProtocol.onMessage = hand_on
