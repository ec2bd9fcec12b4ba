"""HTTP middleware."""

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import user_logged_out
from django.db import InterfaceError, OperationalError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import activate
from django.utils.translation import gettext as _

from .access.client_address import address_of_request
from .access.rate_limits import Kind, rates
from .infra.logging import database_outage
from .pages.errors import not_now, too_fast
from .server.page_threads import waited_too_long
from .text.translation import language_of

DENIED: Final = """
    accelerometer browsing-topics camera display-capture geolocation gyroscope hid idle-detection magnetometer
    microphone midi payment serial usb xr-spatial-tracking
""".split()
"""Features that our pages never use: a script that was injected into one cannot use them either."""

HEADERS: Final = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in DENIED),
    "Cross-Origin-Resource-Policy": "same-origin",
    # Every page shows who is signed in. A page that may be cached sets the header itself.
    "Cache-Control": "private, no-store",
}

LOGGED_OUT: Final = "lobby.logged_out"
"""The key in `request.META` of a request that ended a session."""

Handler = Callable[[HttpRequest], HttpResponseBase]


def default_headers(get_response: Handler) -> Handler:
    """Headers that every page has, unless it sets them itself. Static files are served before this."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if LOGGED_OUT in request.META:
            # The Back button must not show the next person what the account could read.
            response.headers["Clear-Site-Data"] = '"cache"'
        return response

    return respond


@receiver(user_logged_out)
def note_log_out(request: HttpRequest, **_: Any) -> None:
    """Also in the admin, and when an account is deleted."""
    request.META[LOGGED_OUT] = True


def one_language(get_response: Handler) -> Handler:
    """A page is wholly in one language of ours. In the admin, whose texts are Django's own, a site's language
    counts though it is none of ours."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        language = language_of(request.COOKIES, request.headers.get("Accept-Language", ""))
        is_admin = request.path_info.startswith("/admin/")
        activate(settings.SITE_LANGUAGE or language if is_admin else language)
        response = get_response(request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    return respond


class CompressionMiddleware(GZipMiddleware):
    """Pages are compressed, with padding of random length against BREACH. What streams is sent as it comes.
    Static files are served before this, compressed at `collectstatic`."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if response.streaming else super().process_response(request, response)


class DatabaseAwayMiddleware(MiddlewareMixin):
    """A page that cannot be read now is answered 503 with a reason, and logged in one line."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        database_outage.warning("A page was not shown: %s", str(exception).strip())
        return not_now(request, _("The database cannot be reached. Nothing is lost. Try again in a moment."))


class PageLimitsMiddleware(MiddlewareMixin):
    """503 where no thread was free in time, 429 for an address that asks for too many pages
    or files."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if waited_too_long(request):
            return not_now(request, _("The site is busy. Try again in a moment."))
        is_file = request.method in ("GET", "HEAD") and request.path_info.startswith("/files/")
        wait = rates.take(Kind.DOWNLOAD if is_file else Kind.PAGE, address_of_request(request))
        return too_fast(request, wait) if wait else None
