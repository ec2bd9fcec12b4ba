"""The outermost ASGI layer: what fails before the consumer is answered clearly, without a traceback."""

import logging
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from ..protocol import CloseCode
from ..protocol.limits import body_limit
from ..realtime.transports import Send
from . import uploads

logger = logging.getLogger(__name__)

RAW_SEND: Final = "lobby.send"
"""The scope's key for the server's own `send`: the session middleware wraps the one that it passes on."""

SERVE: Final = "lobby.serve"
"""The scope's key for a list: a consumer adds what is to be called, with `receive`, after the middleware."""

Serve = Callable[[Any], Awaitable[None]]


class Guard:
    def __init__(self, application: Any) -> None:
        if settings.DEBUG and not _is_development_server():
            logger.warning(
                "DEBUG is on: a page that fails shows its source and settings to everybody. Take it out of"
                " .env and the environment; `make run` turns it on by itself."
            )
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return  # lifespan: an application that returns has none
        # daphne takes `root_path` from a header that any client can send.
        scope = {**scope, "root_path": "", RAW_SEND: send, SERVE: []}
        if scope["type"] == "http":
            if key := uploads.key_of(scope["method"], scope["path"]):
                await uploads.answer_upload(key, scope, receive, send)
                return
            await _bounded(self.application, scope, receive, send)
            return
        serve = await self._handshake(scope, receive, send)
        del scope
        if serve:
            await serve(receive)

    async def _handshake(self, scope: dict[str, Any], receive: Any, send: Send) -> Serve | None:
        """Run the middleware and the routing. Returns what serves the socket from then on."""
        try:
            await self.application(scope, receive, send)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("A socket was refused: %s", str(error).strip())
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": int(CloseCode.RESTART)})
        return scope[SERVE].pop() if scope[SERVE] else None


def _is_development_server() -> bool:
    """Django's runserver, called by manage.py or by bin/run.py."""
    return sys.argv[1:2] == ["runserver"] or Path(sys.argv[0]).name == "run.py"


async def _bounded(application: Any, scope: dict[str, Any], receive: Any, send: Send) -> None:
    """A body over the limit of its path is answered with 413. (On daphne `daphne_bodies` does it before.)"""
    limit = body_limit(scope["path"])
    size = 0

    async def receive_bounded() -> Any:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size <= limit:
            return message
        await _refuse_body(send)
        return {"type": "http.disconnect"}

    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > limit:
        await _refuse_body(send)
    else:
        await application(scope, receive_bounded, send)


async def _refuse_body(send: Send) -> None:
    headers = [(b"connection", b"close"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body"})


async def unknown_path(scope: dict[str, Any], receive: Any, send: Send) -> None:
    """For every other path: accept, then close with 4404, which a refused handshake could not carry."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": int(CloseCode.NO_SUCH_PLACE)})
