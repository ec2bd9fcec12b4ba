"""HTTP middleware."""

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from .logs import database_outage


class DatabaseAwayMiddleware(MiddlewareMixin):
    """A page that cannot be read now is a 503 with a reason and one line in the log."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        database_outage.warning("A page was not shown: %s", str(exception).strip())
        context = {"reason": _("The database is away. Nothing is lost; try again in a moment.")}
        response = render(request, "503.html", context, status=503)
        response["Retry-After"] = "5"
        return response
