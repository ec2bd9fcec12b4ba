"""Answers that any page may give instead of itself: 400, 403, 404, 429 and 503, each with its reason."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def not_found(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """404. A ValidationError says why, for example what is wrong with a room's name."""
    if isinstance(exception, ValidationError):
        reason = exception.messages[0]
    return render(request, "404.html", {"reason": reason}, status=404)


def no_message(request: HttpRequest, room_name: str) -> HttpResponse:
    """404 for a message that is not there, to who may enter its room."""
    return render(request, "chat/no_message.html", {"room_name": room_name}, status=404)


def forbidden(request: HttpRequest, reason: str) -> HttpResponse:
    return render(request, "403.html", {"reason": reason}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400. It does not read the request, as Django's own answer would: the form may be the fault."""
    return HttpResponseBadRequest(render_to_string("400.html"))


def not_now(request: HttpRequest, reason: str) -> HttpResponse:
    """503 with `Retry-After`."""
    response = render(request, "503.html", {"reason": reason}, status=503)
    response["Retry-After"] = "5"
    return response


def too_fast(request: HttpRequest, wait: float) -> HttpResponse:
    """429 with `Retry-After`. `wait` is in seconds."""
    seconds = max(1, round(wait + 0.5))
    again = ngettext("Try again in %(n)d second.", "Try again in %(n)d seconds.", seconds) % {"n": seconds}
    context = {"reason": _("Too many attempts. Try again later.") + " " + again}
    response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response
