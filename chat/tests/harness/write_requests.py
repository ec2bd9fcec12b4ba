"""Short ways to make what alice, bob and charlie ask the journal to write."""

from typing import Any
from uuid import UUID, uuid4

from chat import protocol
from chat.access.identity import Identity
from chat.journal.service import write
from chat.journal.types import Done, Outcome, Settings, Stored, WriteRequest
from chat.models import Message
from chat.protocol import Act
from chat.text.cleaning import fold_room_name

ALICE = Identity("alice", "Alice")
BOB = Identity("bob", "Bob")
CHARLIE = Identity("charlie", "Charlie")
DORA = Identity("dora", "Dora")


def write_request(
    who: Identity | None, command: protocol.Write | Settings, room: str = "tea"
) -> WriteRequest:
    return WriteRequest(room, fold_room_name(room), who, command)


def post(
    text: str,
    who: Identity = ALICE,
    room: str = "tea",
    client_id: UUID | None = None,
    reply_to: int | None = None,
) -> WriteRequest:
    return write_request(who, protocol.Post(client_id or uuid4(), text, reply_to), room)


def edit(sequence: int, text: str, revision: int, who: Identity = ALICE, room: str = "tea") -> WriteRequest:
    return write_request(who, protocol.Edit(uuid4(), sequence, text, revision), room)


def delete(sequence: int, who: Identity | None = ALICE, room: str = "tea") -> WriteRequest:
    return write_request(who, protocol.Delete(uuid4(), sequence), room)


def rename(name: str, who: Identity = ALICE) -> WriteRequest:
    return write_request(who, protocol.Rename(uuid4(), name))


def react(sequence: int, emoji: str, who: Identity = ALICE, on: bool = True) -> WriteRequest:
    return write_request(who, protocol.React(uuid4(), sequence, emoji, on))


def act(what: Act, who: Identity | None = ALICE, room: str = "tea", **details: Any) -> WriteRequest:
    """A moderation action: `id` or `name` says on whom."""
    return write_request(who, protocol.Moderate(uuid4(), what, **details), room)


def change(who: Identity | None = ALICE, room: str = "tea", **changes: Any) -> WriteRequest:
    """Changed settings, as a page passes them on."""
    return write_request(who, Settings(changes), room)


def write_one(one: WriteRequest) -> Outcome:
    (outcome,) = write([one]).outcomes
    return outcome


def stored(one: WriteRequest) -> Stored:
    """Write a request that must be stored; gives its numbers."""
    outcome = write_one(one)
    assert isinstance(outcome, Stored), outcome
    return outcome


def done(one: WriteRequest) -> str:
    """Write a request that must be done; gives the notice for its author."""
    outcome = write_one(one)
    assert isinstance(outcome, Done), outcome
    return str(outcome.notice or "")


def refusal(one: WriteRequest) -> str:
    """The code with which a request is refused."""
    code: str = getattr(write_one(one), "code", "")
    return code


def texts(room: str = "tea") -> list[str]:
    """What the room's messages say, in order."""
    return list(Message.objects.filter(room__key=room).order_by("sequence").values_list("text", flat=True))
