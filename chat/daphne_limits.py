"""What daphne, Twisted and autobahn would take from anybody without limit.

daphne calls the application when a request's body is complete: what is to be refused before that is refused
here.
"""

from io import BytesIO
from typing import Any, Final
from urllib.parse import unquote

from .limits import body_limit

TOO_LARGE: Final = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def bound_bodies() -> None:
    """A body over the limit of its path is answered with 413, and the connection closed: before it is read
    where its length is declared, else as soon as it is over. Others wait in memory, never in a file."""
    from daphne.http_protocol import WebRequest

    process = WebRequest.process

    def begin(request: Any, length: int | None) -> None:
        path = request.channel._path.partition(b"?")[0]
        request.body_limit = body_limit(unquote(path.decode("ascii", "replace")))
        request.content = BytesIO()
        if length and length > request.body_limit:
            refuse(request)

    def take(request: Any, data: bytes) -> None:
        if request.content.tell() + len(data) <= request.body_limit:
            request.content.write(data)
        else:
            refuse(request)

    def refuse(request: Any) -> None:
        if request.body_limit < 0:
            return
        request.body_limit = -1  # nothing more is taken, nor is what there is handed on
        request.content = BytesIO()
        request.requestHeaders.removeHeader(b"Expect")  # no "100 Continue" after the answer
        request.channel.write(TOO_LARGE)
        request.channel.loseConnection()

    def process_if_whole(request: Any) -> Any:
        return process(request) if request.body_limit >= 0 else None

    WebRequest.gotLength = begin
    WebRequest.handleContentChunk = take
    WebRequest.process = process_if_whole
