"""The bodies of uploads: `PUT /files/<key>/` with a ticket. Refused before the first byte where that is
possible, written to a file as they come, cut when they come too slowly.

On daphne `daphne_bodies` feeds an `Upload` from the connection; on other servers `answer_upload` reads it
from the application's `receive`.
"""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from math import ceil
from typing import Any, Final, TypeVar

import msgspec
from django.conf import settings
from django.db import connection

from ..access.client_address import address_of
from ..access.connection_limiter import ConnectionLimiter
from ..database.threads import DatabaseThreads
from ..files import quotas, service, storage
from ..files.attachments import shown
from ..files.content import content_of
from ..files.refused import FileRefused, refusal_of
from ..models import File, FileKind
from ..realtime.transports import Send
from ..text.translation import language_of_headers

Result = TypeVar("Result")

FILE_PATH: Final = re.compile(r"/files/([A-Za-z0-9_-]{22})/")
AT_ONCE: Final = 8  # uploads in a process
OF_AN_ADDRESS: Final = 2
LEAST_SPEED: Final = 8 * 1024  # bytes a second
GRACE: Final = 10.0  # seconds before the speed counts
WAIT: Final = 3.0  # seconds until a place may be free
JSON_HEADERS: Final = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"private, no-store"),
    (b"x-content-type-options", b"nosniff"),
]

_threads: Final = DatabaseThreads(2, "files")
_image_threads: Final = DatabaseThreads(1, "images")
"""Images are encoded one at a time: slow ones hold up no other file."""

_of_addresses: Final = ConnectionLimiter(OF_AN_ADDRESS if settings.RATE_LIMITS else 0)
_uploads: Final[dict[str, "Upload"]] = {}
"""By the keys of their files."""


class Upload:
    """A body that comes, with its temporary file. `end` is to be called for it; twice does no harm."""

    def __init__(self, key: str, size: int, address: str) -> None:
        self.file = storage.temporary_file()
        self.is_whole = False  # it has come; from then on it is not cut
        self.is_taken = False  # by `answer_upload`, which ends it
        self.cut: Callable[[], None] = self.end
        self._key, self._address = key, address
        self._size, self._received = size, 0
        self._started = time.monotonic()
        self.is_ended = False
        _uploads[key] = self

    def write(self, data: bytes) -> None:
        """Raises FileRefused (`disk_full`, `unavailable`, `invalid`). On the loop's own thread: 64 KiB go to
        the system's cache in 20 µs, and handing them to another thread takes 90."""
        if self.is_ended:
            return
        self._received += len(data)
        if self._received > self._size:
            raise FileRefused("invalid.file_length")
        try:
            self.file.write(data)
            if self.is_complete:
                self.file.flush()
        except OSError as error:
            raise refusal_of(error) from None

    @property
    def is_complete(self) -> bool:
        return self._received == self._size

    @property
    def time_left(self) -> float:
        """Seconds until it is too slow, unless more comes."""
        return self._started + GRACE + self._received / LEAST_SPEED - time.monotonic()

    def end(self) -> None:
        if not self.is_ended:
            self.is_ended = True
            with contextlib.suppress(OSError):  # of a full disk, told when it was written
                self.file.close()
            _of_addresses.leave(self._address)
            if _uploads.get(self._key) is self:
                del _uploads[self._key]


def key_of(method: str, path: str) -> str | None:
    """Of the file whose bytes such a request sends."""
    found = FILE_PATH.fullmatch(path) if method == "PUT" else None
    return found[1] if found else None


def begin(key: str, headers: Mapping[bytes, bytes], address: str) -> Upload:
    """Take in a body, or FileRefused: before a byte of it is read. One that is sent again while the first
    attempt still seems to go on (its connection was cut, which nobody noticed) ends that one."""
    length = headers.get(b"content-length", b"")
    if not length.isdigit():
        raise FileRefused("length_required")
    size = service.size_of_ticket(headers.get(b"upload-ticket", b"").decode("latin-1"), key)
    if size is None:
        raise FileRefused("forbidden.no_ticket")
    if length.lstrip(b"0") != str(size).encode():  # as text: Python reads no number of 5,000 digits
        raise FileRefused("invalid.file_length")
    if before := _uploads.get(key):
        if before.is_whole:
            raise FileRefused("busy.upload", wait=WAIT)
        before.cut()
        before.end()
    if len(_uploads) >= AT_ONCE:
        raise FileRefused("busy.uploads", wait=WAIT)
    if not _of_addresses.enter(address):
        raise FileRefused("too_fast.uploads", wait=WAIT)
    try:
        quotas.check_disk(size)
        return Upload(key, size, address)
    except FileRefused:
        _of_addresses.leave(address)
        raise


async def answer_upload(key: str, scope: dict[str, Any], receive: Any, send: Send) -> None:
    """Store a file whose body has come, or comes through `receive`, and answer with its state."""
    try:
        upload = _uploads.get(key)
        if upload is None or not upload.is_whole or upload.is_taken:
            upload = await _read(key, scope, receive)
        upload.is_taken = True
        storing = asyncio.ensure_future(_store(key, upload))
        # It goes on when the connection is cut: the next attempt is answered with what is stored.
        await _done_or_gone(storing, receive)
        file = storing.result()
    except FileRefused as refused:
        status, headers, body = response_to(refused, dict(scope["headers"]))
    except ConnectionAbortedError:
        return
    else:
        status, headers, body = 200, JSON_HEADERS, msgspec.json.encode(shown(file))
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _store(key: str, upload: Upload) -> File:
    try:
        content = await on_a_thread(partial(content_of, upload.file))
        threads = _image_threads if content.kind == FileKind.IMAGE else _threads
        return await on_a_thread(partial(service.take_in, key, upload.file), threads)
    finally:
        upload.end()


async def on_a_thread(function: Callable[[], Result], threads: DatabaseThreads = _threads) -> Result:
    """The result of what waits for the storage. Its connection to the database is not kept."""

    def call() -> Result:
        try:
            return function()
        finally:
            connection.close()

    return await threads.run(call)


async def _done_or_gone(storing: "asyncio.Task[File]", receive: Any) -> None:
    """Raises ConnectionAbortedError when nobody waits for the answer any more."""

    async def wait_for_disconnect() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    gone = asyncio.ensure_future(wait_for_disconnect())
    try:
        await asyncio.wait((storing, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        # Nobody may be there to retrieve an error, which asyncio would log.
        storing.add_done_callback(lambda task: task.cancelled() or task.exception())
    if not storing.done():
        raise ConnectionAbortedError


async def _read(key: str, scope: dict[str, Any], receive: Any) -> Upload:
    upload = begin(key, dict(scope["headers"]), address_of(scope))
    now = asyncio.get_running_loop().time
    try:
        async with asyncio.timeout(None) as deadline:
            upload.cut = partial(deadline.reschedule, 0)
            while not upload.is_whole:
                deadline.reschedule(now() + upload.time_left)
                message = await receive()
                if message["type"] != "http.request":
                    raise ConnectionAbortedError
                upload.write(message.get("body", b""))
                upload.is_whole = not message.get("more_body", False)
        if not upload.is_complete:
            raise FileRefused("invalid.file_length")
    except TimeoutError:
        upload.end()
        raise FileRefused("slow") from None
    except BaseException:
        upload.end()
        raise
    return upload


def response_to(
    refused: FileRefused, asked: Mapping[bytes, bytes]
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers without the length, and body, for a request with the headers `asked`. The connection is
    closed: the body may not be read."""
    headers = [*JSON_HEADERS, (b"connection", b"close")]
    if refused.wait:
        headers.append((b"retry-after", str(ceil(refused.wait)).encode()))
    body = refused.as_json(language_of_headers(asked))
    return refused.status, headers, json.dumps(body).encode()
