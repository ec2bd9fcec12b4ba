"""Short ways to search."""

from datetime import UTC

from chat.access.identity import Identity
from chat.models import Message
from chat.search import indexer
from chat.search.finder import Found, find
from chat.search.query import parse

from ..harness.write_requests import BOB


def index_all() -> None:
    while indexer.index_step():
        pass


def ask(
    text: str,
    who: Identity = BOB,
    room: str | None = None,
    cursor: int | None = None,
    limit: int = 20,
    address: str = "192.0.2.1",
) -> Found:
    return find(parse(text, UTC), who, address, room, cursor, limit)


def found(text: str, who: Identity = BOB, room: str | None = None) -> list[str]:
    """The texts of what is found, newest first."""
    return [hit.message.text for hit in ask(text, who, room).hits]


def said(text: str) -> Message:
    return Message.objects.get(text=text)
