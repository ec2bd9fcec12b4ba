"""QR codes of links."""

import io
from functools import lru_cache

import segno
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from ..text.cleaning import clean_room_name
from .errors import not_found


@require_safe
def room_picture(request: HttpRequest) -> HttpResponse:
    """The QR code of a room's address, as an SVG. It asks nothing of the room, which may not be there."""
    try:
        name = clean_room_name(request.GET.get("room", ""))
    except ValidationError as error:
        return not_found(request, error)
    answer = svg_of(request.build_absolute_uri(reverse("room", args=[name])))
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


def svg_of(address: str) -> HttpResponse:
    return HttpResponse(_draw(address), content_type="image/svg+xml")


@lru_cache(64)
def _draw(address: str) -> bytes:
    """Drawn only for who opens it: each costs the processor 7 ms."""
    picture = io.BytesIO()
    segno.make_qr(address, error="m").save(picture, kind="svg", scale=4, border=3, dark="#000", light="#fff")
    return picture.getvalue()
