"""All writes that a room sees: sockets, pages, admin and commands call `write`.

`write` puts many requests into one transaction. A room's row lock orders everything in it, so its numbers
are dense and its clock never runs backwards. Synchronous; knows no socket and no event loop.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError
from django.db.transaction import atomic, on_commit
from msgspec.structs import astuple, replace

from .. import protocol
from ..protocol.ids import new_epoch
from ..text.cleaning import clean_participant_name, storable
from . import after_commit, sql
from .bodies import with_body
from .handlers import blocks, filters, messages, moderation, names, reactions, removal, reports
from .handlers import settings as settings_handler
from .handlers.actions import Action
from .transaction import CREATE_PARTICIPANT, CleanCommand, Transaction
from .types import (
    Done,
    Expire,
    Forget,
    NewEpoch,
    Outcome,
    Refused,
    Settings,
    Stored,
    WriteRequest,
    WriteResult,
    refusal_of,
    refused,
)

logger = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError)
"""The database cannot be reached: the same batch may be tried again."""


def write(requests: Sequence[WriteRequest]) -> WriteResult:
    """Commit the requests together; after it returns they are on disk, and the subscribers of `after_commit`
    have been called.

    Posting the same client_id twice in a room returns the numbers stored first, before any rule is asked.
    A request that breaks a rule is refused and costs no other request anything; a batch that fails is tried
    again request by request. Raises OperationalError or InterfaceError when the database is away: then the
    outcome of all of them is unknown, and the same requests may be written again.
    """
    requests = [with_body(request) for request in requests]
    cleaned = [_clean(request) for request in requests]
    try:
        try:
            return _write_together(requests, cleaned)
        except filters.FilterChanged:
            return _write_together(requests, cleaned, is_retry=True)
    except DATABASE_AWAY:
        raise
    except Exception:
        if len(requests) == 1:
            logger.exception("A write could not be stored")
            return WriteResult([refused("unavailable.failed")], [])
    alone = [write([request]) for request in requests]
    return WriteResult(
        [outcome for w in alone for outcome in w.outcomes],
        [b for w in alone for b in w.batches],
    )


def _write_together(
    requests: Sequence[WriteRequest], cleaned: Sequence[CleanCommand], *, is_retry: bool = False
) -> WriteResult:
    filters.prefilter(requests)
    with atomic():
        transaction = Transaction(requests)
        transaction.read(cleaned)
        if filters.learn_filters(room.row for room in transaction.rooms.values()) and not is_retry:
            raise filters.FilterChanged
        outcomes = [
            _apply(transaction, request, clean) for request, clean in zip(requests, cleaned, strict=True)
        ]
        result = WriteResult(outcomes, transaction.store())
    # Where the caller has a transaction of its own: once that is committed.
    on_commit(partial(after_commit.notify, result))
    return result


def _clean(request: WriteRequest) -> CleanCommand:
    """The command with the text, name or password hash that will be stored, or why not."""
    command = request.command
    try:
        match command:
            case protocol.Post() | protocol.Edit():
                return request.body if isinstance(request.body, Refused) else command
            case protocol.Rename(name=name):
                return replace(command, name=clean_participant_name(name))
            case Settings():
                return settings_handler.with_hashed_password(command)
            case protocol.Write():
                storable("".join(value for value in astuple(command) if isinstance(value, str)))
    except ValidationError as error:
        return refusal_of(error)
    return command


def _apply(transaction: Transaction, request: WriteRequest, command: CleanCommand) -> Outcome:
    if first := transaction.stored_before(request):
        return Stored(*first)
    if isinstance(command, Refused):
        return command
    if refusal := _refusal_of_identity(transaction, request):
        return refusal
    if not isinstance(command, protocol.Post):
        transaction.insert_pending()  # it may read what was posted in this very batch
    if act := ROOMLESS_HANDLERS.get(type(command)):
        return act(transaction, request, command)
    if room := transaction.rooms.get(request.room_key):
        return ROOM_HANDLERS[type(command)](Action(transaction, room, request, command))
    return refused("not_found.room")


def _refusal_of_identity(transaction: Transaction, request: WriteRequest) -> Refused | None:
    """A guest who has signed up is that account, and the guest's cookie identifies nobody. The socket that
    still has it is closed and reconnects as the account, with the same client_id. A deleted account has a
    socket for a moment still."""
    person = transaction.person(request)
    if request.who is None:
        return None
    if person is None:
        gone = isinstance(request.command, CREATE_PARTICIPANT)
        return refused("forbidden.account_gone") if gone else None
    if person.user_id and request.who.user_id != person.user_id:
        return refused("unavailable.signed_in")
    if person.user_id and person.is_staff is None:
        return refused("forbidden.account_disabled")
    return None


def _renew_epoch(action: Action[NewEpoch]) -> Outcome:
    room = action.room
    if room.row.epoch == action.command.old:
        room.row.epoch = new_epoch()
        sql.store([], [room.row])
    return Stored(room.row.sequence, room.row.revision)


ROOMLESS_HANDLERS: Final[Mapping[type, Callable[..., Outcome]]] = {
    protocol.Rename: names.rename,
    protocol.Block: blocks.block,
}
ROOM_HANDLERS: Final[Mapping[type, Callable[..., Outcome]]] = {
    protocol.Post: messages.post,
    protocol.Edit: messages.edit,
    protocol.Delete: messages.delete,
    protocol.React: reactions.react,
    protocol.Report: reports.report,
    protocol.Moderate: moderation.moderate,
    protocol.Configure: settings_handler.configure,
    Settings: settings_handler.configure,
    Expire: removal.expire,
    Forget: removal.forget,
    NewEpoch: _renew_epoch,
}


def write_all_steps(requests: Sequence[WriteRequest]) -> list[Outcome]:
    """`write` for pages, admin and commands: a request that takes several steps is completed, with a
    transaction for each step. Call it outside a transaction."""
    outcomes = write(requests).outcomes
    for index, request in enumerate(requests):
        while isinstance(outcome := outcomes[index], Done) and outcome.then:
            step = replace(request, command=outcome.then)
            outcomes[index : index + 1] = write([step]).outcomes
    return outcomes
