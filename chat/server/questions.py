"""What a socket asks of the database and is answered alone: messages, reactors, earlier texts, rooms,
searches."""

from typing import Final

from django.core.exceptions import ValidationError
from django.utils.timezone import get_default_timezone

from .. import protocol
from ..access.identity import Identity
from ..access.permissions import RoomPermissions
from ..access.rate_limits import search_limiter
from ..database.threads import DatabaseThreads
from ..journal import selectors
from ..journal.types import Refused, refusal_of, refused
from ..models import Room
from ..protocol.limits import FOUND_PAGE_SIZE
from ..search.finder import find
from ..search.query import parse, zone_of
from ..text.cleaning import fold_room_name

Question = protocol.History | protocol.Reactors | protocol.Earlier | protocol.FindRooms
SEARCH_PAUSE: Final = 1.0  # seconds after which one may search again where too many of an address wait


async def answer_to(
    question: Question, key: str, who: Identity, permissions: RoomPermissions, threads: DatabaseThreads
) -> bytes | Refused:
    """The frame, or why not. `key` is the room's. Raises the database's errors."""
    match question:
        case protocol.History():
            page = await threads.run(selectors.history, key, question)
            wires = [change.wire for change in page.changes]
            return protocol.encode(protocol.HistoryPage(wires, page.more, page.newer, question.around))
        case protocol.Reactors():
            return protocol.encode(await threads.run(selectors.reactors, key, question, who.key))
        case protocol.Earlier():
            reader = None if permissions.moderates else who.key
            texts = await threads.run(selectors.earlier_texts, key, question, reader)
            return texts if isinstance(texts, Refused) else protocol.encode(texts)
        case protocol.FindRooms(query=query):
            return await found_rooms(query, threads)


async def search(
    asked: protocol.Search, key: str, who: Identity, address: str, thread: DatabaseThreads
) -> bytes | Refused:
    """The `found` frame, or why not. A query that names rooms is not bound to this one. Searches have a
    thread of their own: each may take a second, and no other read waits for them."""
    if not search_limiter.enter(address):
        return refused("busy.search", retry_after=SEARCH_PAUSE)
    try:
        return await thread.run(_found, asked, key, who, address)
    finally:
        search_limiter.leave(address)


async def found_rooms(query: str, threads: DatabaseThreads) -> bytes:
    names = await threads.run(Room.objects.find_names, fold_room_name(query.strip()))
    return protocol.encode(protocol.FoundRooms(query, names))


def _found(asked: protocol.Search, key: str, who: Identity, address: str) -> bytes | Refused:
    try:
        query = parse(asked.query, zone_of(asked.zone, get_default_timezone()))
    except ValidationError as error:
        return refusal_of(error)
    room_key = None if asked.everywhere or query.rooms else key
    found = find(query, who, address, room_key, asked.cursor, FOUND_PAGE_SIZE)
    hits = [
        protocol.FoundMessage(hit.room_name, selectors.change_of(hit.message).wire, hit.context)
        for hit in found.hits
    ]
    return protocol.encode(
        protocol.Found(asked.query, hits, asked.everywhere, found.cursor, not found.is_complete)
    )
