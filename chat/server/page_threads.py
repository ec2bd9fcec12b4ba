"""Pages run on 4 threads that keep their database connections.

Django's own ASGI handler gives each request a thread, and so a connection, which stays open until Python
collects its garbage: a few hundred page views then use up the connections of the database.
"""

import contextlib
import logging
import math
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, cast

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from ..access.client_address import address_of_request
from ..access.connection_limiter import ConnectionLimiter
from ..database.threads import DatabaseThreads
from .patient_send import PatientSend, Stalled

PAGE_THREADS: Final = 4  # with 8, which wait for the interpreter lock in turn, a view costs a tenth more
WAITING_MAX: Final = 200  # requests that wait for a thread; a further one is answered 503 at once
OF_AN_ADDRESS_MAX: Final = 100  # requests of an address that have a thread or wait for one
WAIT_TIMEOUT: Final = 10.0  # seconds: a request that waited longer for its thread is answered 503
SWITCH_INTERVAL: Final = 0.0005
"""Seconds after which a thread must give up the interpreter lock (Python's default is 0.005). The event loop
needs it after each read and write: beside eight busy threads ten small answers took 450 ms, and now 47."""
ASKED_AT: Final = "lobby.asked_at"
"""The key in `request.META` for when (monotonic) a thread was asked for; minus infinity if none is free."""

logger = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponseBase]
AsyncHandler = Callable[[HttpRequest], Awaitable[HttpResponseBase]]

page_threads = DatabaseThreads(PAGE_THREADS, "page")
"""For all that reads or writes the database for a page."""

_other_thread = DatabaseThreads(1, "request")
"""For what uses no database: headers, signals, the answer that no thread is free."""


class PageHandler(ASGIHandler):
    """Django's handler. The view and all middleware inside that of static files run on one page thread.

    A request takes a thread when its body is complete and gives it back before its response is sent.
    """

    def __init__(self) -> None:
        self.in_progress = 0  # requests that have a page thread or wait for one
        self._of_addresses = ConnectionLimiter(OF_AN_ADDRESS_MAX if settings.RATE_LIMITS else 0)
        sys.setswitchinterval(SWITCH_INTERVAL)
        super().__init__()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # The context is never left: Django may still work for a request that was cancelled.
        await ThreadSensitiveContext(executor=_other_thread).__aenter__()  # type: ignore[no-untyped-call]
        await self.handle(scope, receive, send)

    async def listen_for_disconnect(self, receive: Any) -> None:
        """As Django's, which raises: where the whole request is cancelled at that moment, as when the server
        ends, nobody would retrieve the error."""
        with contextlib.suppress(RequestAborted):
            await super().listen_for_disconnect(receive)

    async def send_response(self, response: Any, send: Any) -> None:
        """What streams is sent as fast as it is read; it holds no thread meanwhile."""
        if not response.streaming:
            await super().send_response(response, send)
            return
        patient, is_complete = PatientSend(send), False
        try:
            await super().send_response(response, patient)
            is_complete = True
        except (Stalled, OSError) as error:
            logger.info("A response was not sent to its end: %r", error)
        finally:
            patient.close(abort=not is_complete)

    def load_middleware(self, is_async: bool = False) -> None:
        """Loaded as asynchronous, nearly every middleware would switch to a thread and back."""
        super().load_middleware(is_async=False)

    def adapt_method_mode(
        self,
        is_async: bool,
        method: Any,
        method_is_async: bool | None = None,
        debug: bool = False,
        name: str | None = None,
    ) -> Any:
        """The middleware of static files is asynchronous; what it calls is moved to a page thread."""
        return self._on_page_threads(method) if is_async and not method_is_async else method

    def _on_page_threads(self, respond: Handler) -> AsyncHandler:
        on_a_page_thread = sync_to_async(
            respond, thread_sensitive=False, executor=cast(ThreadPoolExecutor, page_threads)
        )

        async def respond_async(request: HttpRequest) -> HttpResponseBase:
            address = address_of_request(request)
            if self.in_progress >= PAGE_THREADS + WAITING_MAX or not self._of_addresses.enter(address):
                request.META[ASKED_AT] = -math.inf
                return await sync_to_async(respond)(request)
            request.META[ASKED_AT] = time.monotonic()
            self.in_progress += 1
            try:
                return await on_a_page_thread(request)
            finally:
                self.in_progress -= 1
                self._of_addresses.leave(address)

        return respond_async


def waited_too_long(request: HttpRequest) -> bool:
    """Whether the answer is to be that no thread was free in time."""
    asked_at: float = request.META.get(ASKED_AT, math.inf)
    return time.monotonic() - asked_at > WAIT_TIMEOUT
