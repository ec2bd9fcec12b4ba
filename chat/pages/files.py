"""What is asked before a file is sent, and taking it back. `server/uploads.py` takes in its bytes."""

import math

import msgspec
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from ..access.identity import identify
from ..access.permissions import refusal_to_post
from ..access.rate_limits import Kind
from ..files import service, sweeping
from ..files.refused import FileRefused
from ..text.cleaning import clean_room_name, fold_room_name
from .downloads import download
from .room_request import RoomRequest


class Promise(msgspec.Struct):
    room: str
    name: str
    size: int


@csrf_exempt  # a page of another site cannot send JSON: its browser asks first, and is not allowed to
@require_POST
def promise_file(request: HttpRequest) -> HttpResponse:
    """Promise a file: 201 with its `id`, its `url`, and the `ticket` with which it can be sent there."""
    try:
        if request.content_type != "application/json":
            raise FileRefused("invalid")
        promise = msgspec.json.decode(request.body, type=Promise)
        entering = RoomRequest.of(request, clean_room_name(promise.room))
        _check(entering)
        key = fold_room_name(entering.name)
        file = service.promise(key, entering.who.key, entering.address, promise.name, promise.size)
    except (msgspec.DecodeError, ValidationError):
        return _refused(FileRefused("invalid"))
    except FileRefused as refused:
        return _refused(refused)
    answer = {
        "id": file.key,
        "url": reverse("file", args=[file.key]),
        "ticket": service.ticket_for(file),
        "expires_in": service.TICKET_LASTS,
    }
    return entering.remembered(JsonResponse(answer, status=201))


def _check(entering: RoomRequest) -> None:
    """Whether they may send files to the room at all, and now."""
    if wait := entering.wait_for(Kind.UPLOAD):
        raise FileRefused("too_fast", wait=wait)
    if settings.UPLOADS == "off" or not entering.state.uploads:
        raise FileRefused("forbidden.files")
    if settings.UPLOADS == "accounts" and entering.who.user_id is None:
        raise FileRefused("forbidden.files_of_guests")
    if code := refusal_to_post(entering.state, entering.permissions, timezone.now()):
        raise FileRefused(code)


@csrf_exempt  # the same holds for DELETE
@require_http_methods(["GET", "HEAD", "DELETE"])
def file(request: HttpRequest, key: str) -> HttpResponseBase:
    """Read a file; or take back one's own that no message has: 204, else 404."""
    if request.method != "DELETE":
        return download(request, key)
    is_gone = sweeping.take_back(key, identify(request).key)
    return HttpResponse(status=204) if is_gone else _refused(FileRefused("not_found.file"))


def _refused(refused: FileRefused) -> HttpResponse:
    response = JsonResponse(refused.as_json(), status=refused.status)
    if refused.wait:
        response["Retry-After"] = str(math.ceil(refused.wait))
    return response
