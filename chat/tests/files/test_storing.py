"""While a file is stored, in the process of the tests."""

import asyncio
from collections.abc import Callable
from threading import Event
from typing import IO, Any

import pytest

from chat.files import service
from chat.models import File
from chat.server.uploads import answer_upload


def put(key: str, body: bytes, ticket: str) -> tuple[asyncio.Task[None], list[dict[str, Any]]]:
    """A request as uvicorn hands it on, and what is sent."""
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return waiting.pop() if waiting else await asyncio.get_running_loop().create_future()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"content-length", str(len(body)).encode()), (b"upload-ticket", ticket.encode())]
    scope = {"type": "http", "client": ("192.0.2.1", 1), "headers": headers}
    return asyncio.ensure_future(answer_upload(key, scope, receive, send)), sent


@pytest.mark.parametrize(
    ("ticket_of", "status"),
    [(service.ticket_for, 503), (lambda _file: "", 403)],
    ids=["again", "without a ticket"],
)
def test_nobody_else_takes_what_is_being_stored(
    monkeypatch: pytest.MonkeyPatch, ticket_of: Callable[[File], str], status: int
) -> None:
    """Two that stored one body at once would read it from each other's place."""
    begun, go_on, calls = Event(), Event(), list[bytes]()
    file = File(size=5, name="a.txt")

    def take_in(_key: str, source: IO[bytes]) -> File:
        begun.set()
        assert go_on.wait(60)
        source.seek(0)
        calls.append(source.read())
        return file

    monkeypatch.setattr(service, "take_in", take_in)

    async def both() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        first, answer = put(file.key, b"hello", service.ticket_for(file))
        assert await asyncio.to_thread(begun.wait, 60)
        second, other_answer = put(file.key, b"hello", ticket_of(file))
        await asyncio.wait([second], timeout=60)
        go_on.set()
        await asyncio.gather(first, second)
        return answer, other_answer

    answer, other_answer = asyncio.run(both())
    assert (answer[0]["status"], other_answer[0]["status"]) == (200, status)
    assert calls == [b"hello"]
