"""What a socket asks of the database and is answered alone: messages, reactors, earlier texts."""

from .. import protocol
from ..access.identity import Identity
from ..access.permissions import RoomPermissions
from ..database.threads import DatabaseThreads
from ..journal import selectors
from ..journal.types import Refused

Question = protocol.History | protocol.Reactors | protocol.Earlier


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
