"""The site, counting its database queries: served instead of `mysite.asgi` where queries are measured."""

import itertools
from collections.abc import Callable
from typing import Any

from mysite.asgi import application as site  # first: it sets Django up

from benchmarks.contenders import COUNT_PATH  # isort: skip
from django.db.backends.base.base import BaseDatabaseWrapper  # isort: skip
from django.db.backends.signals import connection_created  # isort: skip

_counter = itertools.count()  # `next` on it is atomic, whichever thread asks
_asked = 0


def _count(execute: Callable[..., Any], *arguments: Any) -> Any:
    global _asked  # noqa: PLW0603
    _asked = next(_counter) + 1
    return execute(*arguments)


def _watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if _count not in connection.execute_wrappers:
        connection.execute_wrappers.append(_count)


connection_created.connect(_watch)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "http" and scope["path"] == COUNT_PATH:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(_asked).encode()})
    else:
        await site(scope, receive, send)
