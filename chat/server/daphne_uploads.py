"""Feeds uploads from daphne, which itself would take in a whole body before it calls the application."""

import asyncio
from http import HTTPStatus
from io import BytesIO
from typing import Any

from ..access.client_address import address_of
from ..files.refused import FileRefused
from ..realtime.subscriber import CLOSE_TIMEOUT
from . import uploads
from .daphne_frames import discard_what_comes


def begin(request: Any, key: str) -> None:
    """The headers have come."""
    try:
        upload = uploads.begin(key, headers_of(request), address_of_body(request))
    except FileRefused as refused:
        _refuse(request, refused)
        return
    request.upload = upload
    channel = request.channel
    upload.cut = channel.transport.abortConnection
    # Instead of the time for a whole request, which begins again for the next one.
    channel._savedTimeOut = channel.setTimeout(None)
    loop = asyncio.get_running_loop()

    def look_at_speed() -> None:
        if upload.is_whole or upload.is_ended:
            return
        if (left := upload.time_left) > 0:
            loop.call_later(left, look_at_speed)
        else:
            _refuse(request, FileRefused("slow"))

    look_at_speed()


def take(request: Any, data: bytes) -> None:
    """A part of the body has come."""
    try:
        request.upload.write(data)
    except FileRefused as refused:
        _refuse(request, refused)


def hand_on(request: Any) -> None:
    """The body is whole: the application is about to be called."""
    if request.upload:
        request.upload.is_whole = True
        request.notifyFinish().addBoth(lambda _: lose(request))


def lose(request: Any) -> None:
    """The connection is lost, or the request was answered. What the application has is its own."""
    if request.upload and not request.upload.is_taken:
        request.upload.end()


def _refuse(request: Any, refused: FileRefused) -> None:
    """What comes after the answer is read and dropped for 5 s: a connection that is closed with unread bytes
    is reset, and its peer may lose the answer."""
    if request.body_limit < 0:
        return
    status, headers, body = uploads.response_to(refused, headers_of(request))
    lines = [b"HTTP/1.1 %d %s" % (status, HTTPStatus(status).phrase.encode())]
    lines += [b"%s: %s" % header for header in [*headers, (b"content-length", b"%d" % len(body))]]
    lose(request)
    answer_early(request, b"\r\n".join([*lines, b"", body]))
    request.channel.setTimeout(None)
    discard_what_comes(request.channel)
    asyncio.get_running_loop().call_later(CLOSE_TIMEOUT, request.channel.transport.abortConnection)


def answer_early(request: Any, answer: bytes) -> None:
    """Before the body is read: nothing more is taken, and what has come is not handed on."""
    request.body_limit = -1
    request.content = BytesIO()
    request.requestHeaders.removeHeader(b"Expect")  # no "100 Continue" after the answer
    request.channel.write(answer)


def headers_of(request: Any) -> dict[bytes, bytes]:
    return {name.lower(): values[0] for name, values in request.requestHeaders.getAllRawHeaders()}


def address_of_body(request: Any) -> str:
    forwarded = request.requestHeaders.getRawHeaders(b"x-forwarded-for", [])
    client = [getattr(request.channel.getPeer(), "host", "")]
    return address_of({"client": client, "headers": [(b"x-forwarded-for", line) for line in forwarded]})
