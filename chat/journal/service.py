"""The only door for writes that a room sees: socket, pages, admin and commands all come through `write`.

`write` puts many drafts into one transaction. A room's row lock orders everything in it, so its numbers
are dense and its clock never runs backwards. Synchronous; knows no socket and no event loop.
"""

import dataclasses
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, transaction
from msgspec.structs import astuple, replace

from .. import protocol
from ..protocol.ids import new_epoch
from ..text.cleaning import clean_participant_name, clean_text
from . import after_commit, sql
from .handlers import filters, messages, moderation, personal, reactions, removal
from .handlers import settings as settings_acts
from .locked_room import OpenRoom
from .transaction import MAKE_A_ROW, Clean, Transaction
from .types import (
    Done,
    Draft,
    Expire,
    Forget,
    NewEpoch,
    Outcome,
    Refused,
    Settings,
    Stored,
    Written,
    refusal_of,
    refused,
)

logger = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError)
"""The database cannot be asked now. Not the draft's fault: the same batch may be tried again."""


def write(drafts: Sequence[Draft]) -> Written:
    """Commit the drafts together; after it returns they are on disk, and the subscribers of `after_commit`
    have been told.

    Posting the same client_id twice in a room returns the numbers stored first, before any rule is asked.
    A draft that breaks a rule is refused and costs no other draft anything; a batch that fails is tried
    again draft by draft. Raises OperationalError or InterfaceError when the database is away: then the
    outcome of all of them is unknown, and the same drafts may be written again.
    """
    cleaned = [_clean(draft) for draft in drafts]
    try:
        try:
            return _write_together(drafts, cleaned)
        except filters.FilterChanged:
            return _write_together(drafts, cleaned, is_retry=True)
    except AWAY:
        raise
    except Exception:
        if len(drafts) == 1:
            logger.exception("A draft could not be stored")
            return Written([refused("unavailable.failed")], [])
    alone = [write([draft]) for draft in drafts]
    return Written(
        [outcome for w in alone for outcome in w.outcomes],
        [b for w in alone for b in w.batches],
    )


def _write_together(drafts: Sequence[Draft], cleaned: Sequence[Clean], *, is_retry: bool = False) -> Written:
    filters.look_through(drafts, cleaned)
    with transaction.atomic():
        writing = Transaction(drafts)
        writing.read(cleaned)
        if filters.has_news(room.row for room in writing.rooms.values()) and not is_retry:
            raise filters.FilterChanged
        outcomes = [_apply(writing, draft, clean) for draft, clean in zip(drafts, cleaned, strict=True)]
        result = Written(outcomes, writing.store())
    # Where the caller has a transaction of its own: once that is committed.
    transaction.on_commit(partial(after_commit.notify, result))
    return result


def _clean(draft: Draft) -> Clean:
    """The command with the text, name or password hash that will be stored, or why not."""
    command = draft.command
    try:
        match command:
            case protocol.Post() | protocol.Edit():
                text = clean_text(command.message)
                return command if text == command.message else replace(command, message=text)
            case protocol.Rename(name=name):
                return replace(command, name=clean_participant_name(name))
            case Settings():
                return settings_acts.with_hashed_password(command)
            case protocol.Write() if not _can_be_stored(command):
                return refused("invalid.characters")
    except ValidationError as error:
        return refusal_of(error)
    return command


def _can_be_stored(command: protocol.Write) -> bool:
    """No NUL and no half of a character in any of its texts."""
    texts = "".join(value for value in astuple(command) if isinstance(value, str))
    return "\0" not in texts and not any("\ud800" <= character <= "\udfff" for character in texts)


def _apply(writing: Transaction, draft: Draft, command: Clean) -> Outcome:
    if first := writing.stored_before(draft):
        return Stored(*first)
    if isinstance(command, Refused):
        return command
    if refusal := _refusal_of_identity(writing, draft):
        return refusal
    if act := IN_NO_ROOM.get(type(command)):
        return act(writing, draft, command)
    if room := writing.rooms.get(draft.room_key):
        return IN_A_ROOM[type(command)](writing, room, draft, command)
    return refused("not_found.room")


def _refusal_of_identity(writing: Transaction, draft: Draft) -> Refused | None:
    """A guest who has signed up is that account: the guest's cookie is nobody any more. The socket that
    still has it is sent away and comes back as the account, with the same client_id. An account that is
    gone has a socket for a moment still."""
    person = writing.person(draft)
    if draft.who is None:
        return None
    if person is None:
        gone = isinstance(draft.command, MAKE_A_ROW)
        return refused("forbidden.account_gone") if gone else None
    if person.user_id and draft.who.user_id != person.user_id:
        return refused("unavailable.signed_in")
    if person.user_id and person.is_staff is None:
        return refused("forbidden.account_disabled")
    return None


def _renew_epoch(writing: Transaction, room: OpenRoom, draft: Draft, command: NewEpoch) -> Outcome:
    if room.row.epoch == command.old:
        room.row.epoch = new_epoch()
        sql.store_rooms([room.row])
    return Stored(room.row.sequence, room.row.revision)


IN_NO_ROOM: Final[Mapping[type, Callable[..., Outcome]]] = {
    protocol.Rename: messages.rename,
    protocol.Block: personal.block,
}
IN_A_ROOM: Final[Mapping[type, Callable[..., Outcome]]] = {
    protocol.Post: messages.post,
    protocol.Edit: messages.edit,
    protocol.Delete: messages.delete,
    protocol.React: reactions.react,
    protocol.Report: personal.report,
    protocol.Moderate: moderation.moderate,
    protocol.Configure: settings_acts.configure,
    Settings: settings_acts.configure,
    Expire: removal.expire,
    Forget: removal.forget,
    NewEpoch: _renew_epoch,
}


def write_all_steps(drafts: Sequence[Draft]) -> list[Outcome]:
    """`write` for pages, admin and commands: what takes several steps is done to its end, a transaction a
    step. Call it outside a transaction."""
    outcomes = write(drafts).outcomes
    for index, draft in enumerate(drafts):
        while isinstance(outcome := outcomes[index], Done) and outcome.then:
            step = dataclasses.replace(draft, command=outcome.then)
            outcomes[index : index + 1] = write([step]).outcomes
    return outcomes
