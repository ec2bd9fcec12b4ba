"""Files as they are read: by whoever may read the room at that moment, whole or in part."""

import logging
import re
from collections.abc import AsyncGenerator
from typing import IO, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..access.client_address import address_of_request
from ..access.connection_limiter import ConnectionLimiter
from ..access.identity import identity_of
from ..access.lookup import AccessQuery, look_up
from ..database.threads import DatabaseThreads
from ..files.storage import files
from ..models import File, FileKind, FileState
from .errors import not_found, not_now

CHUNK: Final = 64 * 1024  # bytes
SENDING_MAX: Final = 500  # files that a process sends at the same time,
OF_AN_ADDRESS_MAX: Final = 64  # and to an address
RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")

logger = logging.getLogger(__name__)

_file_threads: Final = DatabaseThreads(2, "file")
_sending: Final = set["_Part"]()
_of_addresses: Final = ConnectionLimiter(OF_AN_ADDRESS_MAX if settings.RATE_LIMITS else 0)


@require_safe
def thumbnail(request: HttpRequest, key: str) -> HttpResponseBase:
    return download(request, key, is_thumbnail=True)


def download(request: HttpRequest, key: str, *, is_thumbnail: bool = False) -> HttpResponseBase:
    """For GET and HEAD. 404 for what one may not see; 206 and 416 for a range; 304 for what is known."""
    file = _readable(request, key)
    stored_as = file and (file.thumbnail_as if is_thumbnail else file.stored_as)
    if not (file and stored_as):
        return not_found(request)
    etag = f'"{file.key}{"-thumbnail" if is_thumbnail else ""}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None and not _has_place(address_of_request(request)):
        return not_now(request, _("Too many files are being downloaded. Try again in a moment."))
    try:
        response = response or _content(request, stored_as, etag)
    except Exception as error:  # each storage has errors of its own
        logger.warning("A file was not read: %r", error)
        return not_now(request, _("The file cannot be read right now. Try again in a moment."))
    for name, value in _headers(file, etag).items():
        response.headers[name] = value
    if is_thumbnail:
        response.headers["Content-Type"] = "image/webp"
    return response


def _has_place(address: str) -> bool:
    return len(_sending) < SENDING_MAX and _of_addresses.has_place(address)


def _readable(request: HttpRequest, key: str) -> File | None:
    """The file, if this person may see it now: its message is in a room that they may enter, or it is their
    own and has no message yet."""
    file = File.objects.filter(key=key, state=FileState.STORED).select_related("message").first()
    if file is None:
        return None
    who = identity_of(request.user, request.COOKIES)
    [found] = look_up([AccessQuery(file.room_key, who, address_of_request(request))])
    if file.message_id is None:
        may_see = found.who.key == file.owner_key
    else:  # without a row: the room was deleted with its messages
        may_see = file.message is not None and not file.message.deleted_at
    return file if may_see and found.may_enter else None


def _headers(file: File, etag: str) -> dict[str, str]:
    """Nothing that somebody has uploaded may act as a page of the site."""
    shown = file.kind != FileKind.OTHER
    return {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": content_disposition_header(not shown, file.name) or "attachment",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Type": file.type if shown else "application/octet-stream",
        "ETag": etag,
        "X-Content-Type-Options": "nosniff",
    }


def _content(request: HttpRequest, stored_as: str, etag: str) -> HttpResponseBase:
    """The file, or the range of it that is asked for; the head alone, if only that is. Raises the storage's
    errors."""
    size = files.size(stored_as)
    asked = _asked_range(request, size, etag)
    first, last = asked or (0, size - 1)
    if first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse()
    else:
        content = files.open(stored_as)
        response = StreamingHttpResponse(_Part(content, first, last + 1 - first, address_of_request(request)))
    if asked:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    response.headers["Content-Length"] = str(last + 1 - first)
    return response


def _asked_range(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """The first and the last byte (RFC 9110, 14.1.2). The first is greater where there is no such range; None
    where the whole file is meant: also for several ranges, and for one of another version."""
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    if not asked or request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = asked.groups()
    if not first:
        return (max(0, size - int(last)), size - 1) if last else None
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last or size), size - 1)


class _Part:
    """A part of a stored file, read as it is sent. Django closes it with its response."""

    def __init__(self, content: IO[bytes], first: int, length: int, address: str) -> None:
        self._content, self._first, self._length, self._address = content, first, length, address
        self._is_counted = False

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        """Raises the storage's errors as OSError."""
        _sending.add(self)
        self._is_counted = _of_addresses.enter(self._address)
        try:
            await _file_threads.run(self._content.seek, self._first)
            left = self._length
            while left:
                chunk = await _file_threads.run(self._content.read, min(CHUNK, left))
                if not chunk:
                    raise OSError("the file is shorter than it was")
                left -= len(chunk)
                yield chunk
        except Exception as error:
            raise OSError(str(error)) from error

    def close(self) -> None:
        self._content.close()
        _sending.discard(self)
        if self._is_counted:
            self._is_counted = False
            _of_addresses.leave(self._address)
