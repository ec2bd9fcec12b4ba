"""The page that finds messages, without a script."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import get_current_timezone
from django.views.decorators.http import require_safe

from ..access.client_address import address_of_request
from ..access.identity import identity_of
from ..access.rate_limits import Kind, rates, search_limiter
from ..journal.selectors import change_of
from ..protocol.limits import FOUND_PAGE_SIZE, QUERY_MAX
from ..search.finder import find
from ..search.query import parse, zone_of
from ..text.cleaning import clean_room_name, fold_room_name, unfit
from .errors import too_fast

BUSY: Final = "busy.search"
AT_ONCE: Final = BoundedSemaphore(2)
"""Searches that hold a page thread: the other threads are left to other pages."""


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What a query (`q`) finds in one room (`in`), or in all that one may read; from `cursor` on. Days are
    those of the `zone`."""
    text, room_name, zone = (request.GET.get(name, "") for name in ("q", "in", "zone"))
    context: dict[str, object] = {"q": text, "room_name": room_name, "zone": zone, "query_max": QUERY_MAX}
    status = 200
    if text:
        who, address = identity_of(request.user, request.COOKIES), address_of_request(request)
        if wait := rates.take(Kind.SEARCH, address, who.key):
            return too_fast(request, wait)
        try:
            query = parse(text, zone_of(zone, get_current_timezone()))
            room_key = fold_room_name(clean_room_name(room_name)) if room_name and not query.rooms else None
            with _turn(address):
                found = find(query, who, address, room_key, _cursor(request), FOUND_PAGE_SIZE)
        except ValidationError as error:
            context["refusal"] = error.messages[0]
            status = 503 if error.code == BUSY else 200
        else:
            context["found"] = found
            context["hits"] = [(hit, change_of(hit.message).message) for hit in found.hits]
    page = render(request, "chat/search.html", context, status=status)
    # As the page of a room: a browser may keep it for the Back button.
    page.headers["Cache-Control"] = "private, no-cache"
    return page


@contextmanager
def _turn(address: str) -> Iterator[None]:
    """ValidationError where too many search at this moment."""
    if not search_limiter.enter(address):
        raise unfit(BUSY)
    try:
        if not AT_ONCE.acquire(blocking=False):
            raise unfit(BUSY)
        try:
            yield
        finally:
            AT_ONCE.release()
    finally:
        search_limiter.leave(address)


def _cursor(request: HttpRequest) -> int | None:
    text = request.GET.get("cursor", "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 and int(text) else None
