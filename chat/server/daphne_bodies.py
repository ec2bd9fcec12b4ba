"""Limits the bodies of HTTP requests on daphne.

daphne calls the application when a request's body is complete: a body that is too large must be refused
before that, and so here.
"""

from io import BytesIO
from typing import Any, Final
from urllib.parse import unquote

from django.conf import settings

from ..access.connection_limiter import ConnectionLimiter
from ..protocol.limits import body_limit
from . import daphne_uploads
from .uploads import key_of

TOO_LARGE: Final = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
TOO_MANY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)
SMALL_BODY: Final = 16 * 1024  # bytes: as large as forms are
LARGE_BODIES_MAX: Final = 16  # read at the same time: together they hold at most as many MiB
LARGE_BODIES_OF_AN_ADDRESS: Final = 4

_large_bodies: dict[Any, str] = {}
"""The requests whose bodies are being read and are over SMALL_BODY, and their addresses."""
_of_addresses: Final = ConnectionLimiter(LARGE_BODIES_OF_AN_ADDRESS if settings.RATE_LIMITS else 0)


def apply() -> None:
    """A body over the limit of its path is answered with 413, and the connection closed: before it is read
    where its length is declared, else as soon as it is over. Others wait in memory; uploads go to files."""
    from daphne.http_protocol import WebRequest

    process, connection_lost = WebRequest.process, WebRequest.connectionLost

    def begin(request: Any, length: int | None) -> None:
        path = unquote(request.channel._path.partition(b"?")[0].decode("ascii", "replace"))
        request.body_limit = body_limit(path)
        request.content = BytesIO()
        if key := key_of(request.channel._command.decode("ascii", "replace"), path):
            daphne_uploads.begin(request, key)
        elif length and length > request.body_limit:
            _refuse(request)

    def take(request: Any, data: bytes) -> None:
        size = request.content.tell() + len(data)
        if request.upload:
            daphne_uploads.take(request, data)
        elif size > request.body_limit:
            _refuse(request)
        elif size > SMALL_BODY and not _may_be_large(request):
            _refuse(request, TOO_MANY)
        else:
            request.content.write(data)

    def lose(request: Any, reason: Any) -> None:
        _forget(request)
        daphne_uploads.lose(request)
        connection_lost(request, reason)

    def process_unless_refused(request: Any) -> Any:
        _forget(request)
        daphne_uploads.hand_on(request)
        return process(request) if request.body_limit >= 0 else None

    WebRequest.upload = None
    WebRequest.gotLength = begin
    WebRequest.handleContentChunk = take
    WebRequest.process = process_unless_refused
    WebRequest.connectionLost = lose


def _may_be_large(request: Any) -> bool:
    if request in _large_bodies:
        return True
    address = daphne_uploads.address_of_body(request)
    if len(_large_bodies) >= LARGE_BODIES_MAX or not _of_addresses.enter(address):
        return False
    _large_bodies[request] = address
    return True


def _forget(request: Any) -> None:
    if request in _large_bodies:
        _of_addresses.leave(_large_bodies.pop(request))


def _refuse(request: Any, answer: bytes = TOO_LARGE) -> None:
    if request.body_limit < 0:
        return
    _forget(request)
    daphne_uploads.answer_early(request, answer)
    request.channel.loseConnection()
