"""What feeds and consumers read from the database: synchronous functions of plain values.

Outside `atomic()`: each statement sees what is committed when it runs.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
from django.db.models import Subquery
from msgspec.structs import replace

from .. import protocol
from ..models import EarlierText, Message, Participant, Reaction, Room
from ..models.reaction import NAMES_SHOWN
from ..protocol.limits import EARLIER_PAGE_SIZE, PAGE_SIZE, REACTORS_PAGE_SIZE, RESUME_MAX, STATE_MAX
from ..text.emoji import is_emoji
from .changes import Change, Page
from .sql import ROOM_COLUMNS, NewMessage, RoomRow
from .types import Refused, refused

DELETED_ACCOUNT: Final = "Deleted account"
"""The name on the wire, for clients without a text of their own for an author without an id."""


def change_of(row: Message) -> Change:
    """A stored message (with its author joined) as a change."""
    author = row.author
    change = change_of_new(
        row,
        protocol.Author(
            id=author.key if author else None,
            name=row.author_name or DELETED_ACCOUNT,
            verified=row.author_verified,
        ),
        edited_at=row.edited_at,
        deleted=row.deleted_at is not None,
        reactions=msgspec.convert(row.reactions, list[protocol.Reactions]) if row.reactions else None,
        mentions=msgspec.convert(row.mentions, list[protocol.Mention]) if row.mentions else None,
        files=row.shown_files or None,
    )
    return _with_fewer_names(change)


def _with_fewer_names(change: Change) -> Change:
    """The change with as many names of reactions as fit into `STATE_MAX`: 20 each, 10, 5, 2, one or none."""
    names = NAMES_SHOWN
    while change.size > STATE_MAX and change.message.reactions and names:
        names //= 2
        shorter = [replace(r, names=r.names[:names], ids=r.ids[:names]) for r in change.message.reactions]
        message = replace(change.message, reactions=shorter)
        change = Change(message, protocol.encode_message(message))
    return change


def change_of_new(row: NewMessage | Message, author: protocol.Author, **since: Any) -> Change:
    """A message that is about to be stored, with what has become of it since."""
    message = protocol.Message(
        sequence=row.sequence,
        revision=row.revision,
        author=author,
        message=row.text,
        html=row.html if isinstance(row, NewMessage) else row.current_html,
        sent_at=row.sent_at,
        client_id=row.client_id,
        reply_to=row.reply_to,
        **since,
    )
    change = Change(message, protocol.encode_message(message))
    if message.files and change.size > STATE_MAX:
        message = replace(message, files=[replace(file, preview="") for file in message.files])
        change = Change(message, protocol.encode_message(message))
    return change


def room_state(room: RoomRow | Room) -> protocol.RoomState:
    return protocol.RoomState(
        room.name,
        room.topic,
        access=room.access_revision,
        private=bool(room.is_private),
        password=bool(room.password),
        read_only=bool(room.is_read_only),
        slow_mode=room.slow_mode,
        retention_days=room.retention_days,
        hidden=bool(room.is_hidden),
        closed=room.closed_at is not None,
        purged_through=room.purged_through,
        pinned=room.pinned,
        uploads=bool(room.uploads),
    )


def room_row(key: str) -> RoomRow | None:
    values = Room.objects.filter(key=key).values_list(*ROOM_COLUMNS).first()
    return RoomRow(*values) if values else None


def newest_page(key: str, limit: int = PAGE_SIZE) -> tuple[RoomRow | None, Page]:
    """The counters, then the page: the page may be newer than the counters, never older."""
    room = room_row(key)
    if room is None:
        return None, Page([], more=False)
    return room, _page(Message.objects.newest_page(room.id, limit), room)


def page_as_of(room: Room, around: int | None = None) -> Page:
    """The newest page, or that around a message, as it was when the row was read. What was said or changed
    since is left out: it may be meant for fewer people than the row admits, and a `resume` brings it."""
    messages = Message.objects
    page = _page(messages.page_around(room.pk, around) if around else messages.newest_page(room.pk), room)
    changes = [change for change in page.changes if change.revision <= room.revision]
    return Page(changes, page.more, page.newer)


def history(key: str, asked: protocol.History) -> Page:
    """A page of what was posted before, after or around a sequence. Around a message that does not exist, or
    no longer, it is empty."""
    room = room_row(key)
    if room is None:
        return Page([], more=False)
    messages, limit = Message.objects, asked.limit
    if asked.after is not None:
        return _page(reversed(messages.page_after(room.id, asked.after, limit)), room)
    if asked.around is None:
        return _page(messages.page_before(room.id, asked.before or room.sequence + 1, limit), room)
    if not room.purged_through < asked.around <= room.sequence:
        return Page([], more=False)
    return _page(messages.page_around(room.id, asked.around, limit), room)


def _page(rows: Iterable[Message], room: RoomRow | Room) -> Page:
    changes = [change_of(row) for row in rows][::-1]
    if not changes:
        return Page([], more=False)
    # Places are dense after what retention removed, so the ends show whether others exist.
    more, newer = changes[0].sequence > room.purged_through + 1, changes[-1].sequence < room.sequence
    return Page(changes, more, newer)


def changed_after(key: str, revision: int) -> tuple[RoomRow | None, list[Change]]:
    """The counters, then what changed after `revision`, at most 500 changes, by revision.

    What was posted between the two is left out: beside such a change there may be others, of the room's own
    state, that the row does not have. A message from before that was changed between them is there as it is
    now: a client that is sent each message once, in its order, must not miss it."""
    room = room_row(key)
    if room is None:
        return None, []
    rows = Message.objects.changed_after(room.id, revision, RESUME_MAX)
    return room, [change_of(row) for row in rows if row.sequence <= room.sequence]


def reactors(key: str, asked: protocol.Reactors, who: str) -> protocol.ReactorsPage:
    """Who put an emoji under a message, in the order in which they first did anything on the site: nobody
    is on two pages, and a page costs the same however many came before it. Nobody, where there is no such
    message. `who` is the public id of who asks."""
    page = partial(protocol.ReactorsPage, asked.sequence, asked.emoji)
    if not is_emoji(asked.emoji) or "\0" in (asked.after or ""):  # PostgreSQL compares no NUL
        return page([], 0, own=False)
    of_emoji = Reaction.objects.filter(
        message__room__key=key, message__sequence=asked.sequence, emoji=asked.emoji
    )
    rows = of_emoji.order_by("participant_id")
    if asked.after:
        last = Participant.objects.filter(key=asked.after).values("pk")
        rows = rows.filter(participant_id__gt=Subquery(last))
    columns = "participant__key", "participant__name", "participant__user_id"
    found = list(rows.values_list(*columns)[: REACTORS_PAGE_SIZE + 1])
    people = [protocol.Author(key, name, user is not None) for key, name, user in found[:REACTORS_PAGE_SIZE]]
    more = len(found) > REACTORS_PAGE_SIZE
    if not (more or asked.after):  # they are all on this page
        return page(people, len(people), any(person.id == who for person in people))
    return page(people, of_emoji.count(), of_emoji.filter(participant__key=who).exists(), more)


def earlier_texts(key: str, asked: protocol.Earlier, reader: str | None) -> protocol.EarlierPage | Refused:
    """What a message said before, newest first. `reader`: the public id of who may read their own messages'
    alone; None: all. Refusals: `not_found`, `forbidden`."""
    messages = Message.objects.filter(room__key=key, sequence=asked.sequence, deleted_at=None)
    message = messages.values_list("pk", "author__key").first()
    if message is None:
        return refused("not_found")
    pk, author_key = message
    if reader is not None and author_key != reader:
        return refused("forbidden")
    rows = EarlierText.objects.filter(message=pk)
    if asked.before:
        rows = rows.filter(number__lt=asked.before)
    found = list(rows[: EARLIER_PAGE_SIZE + 1])
    texts = [
        protocol.EarlierText(row.number, row.text, row.html, row.written_at)
        for row in found[:EARLIER_PAGE_SIZE]
    ]
    return protocol.EarlierPage(asked.sequence, texts, more=len(found) > EARLIER_PAGE_SIZE)


class Counters(NamedTuple):
    epoch: str | None = None
    """None: the room has no row."""
    revision: int = 0
    room_revision: int = 0


def counters(keys: list[str]) -> dict[str, Counters]:
    """Those of all these rooms that have a row: one query."""
    rows = Room.objects.filter(key__in=keys).values_list("key", *Counters._fields)
    return {key: Counters(*row) for key, *row in rows}
