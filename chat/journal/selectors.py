"""What feeds and consumers read from the database: synchronous functions of plain values.

Outside `atomic()`: each statement sees what is committed when it runs.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import gettext as _

from .. import protocol
from ..models import Message, Room
from ..protocol.limits import PAGE_SIZE, RESUME_MAX
from .changes import Change, Page
from .sql import ROOM_COLUMNS, NewMessage, RoomRow


def change_of(row: Message) -> Change:
    """A stored message (with its author joined) as a change."""
    author = row.author
    return change_of_new(
        row,
        protocol.Author(
            id=author.key if author else None,
            name=row.author_name or _("Deleted account"),
            verified=row.author_verified,
        ),
        edited_at=row.edited_at,
        deleted=row.deleted_at is not None,
        reactions=msgspec.convert(row.reactions, list[protocol.Reactions]) if row.reactions else None,
    )


def change_of_new(row: NewMessage | Message, author: protocol.Author, **since: Any) -> Change:
    """A message that is about to be stored, with what has become of it since."""
    message = protocol.Message(
        sequence=row.sequence,
        revision=row.revision,
        author=author,
        message=row.text,
        html=row.html,
        sent_at=row.sent_at,
        client_id=row.client_id,
        reply_to=row.reply_to,
        **since,
    )
    return Change(message, protocol.encode_message(message))


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


def page_as_of(room: Room) -> Page:
    """The newest page as it was when the row was read. What was said or changed since is left out: it may
    be meant for fewer people than the row admits, and a `resume` brings it."""
    page = _page(Message.objects.newest_page(room.pk), room)
    return Page([change for change in page.changes if change.revision <= room.revision], page.more)


def page_before(key: str, sequence: int, limit: int) -> Page:
    """A page of what was posted before `sequence`."""
    room = room_row(key)
    if room is None:
        return Page([], more=False)
    return _page(Message.objects.page_before(room.id, sequence, limit), room)


def _page(rows: Iterable[Message], room: RoomRow | Room) -> Page:
    changes = [change_of(row) for row in rows][::-1]
    # Places are dense after what retention removed, so the first one shows whether older messages exist.
    return Page(changes, more=bool(changes) and changes[0].sequence > room.purged_through + 1)


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


class Counters(NamedTuple):
    epoch: str | None = None
    """None: the room has no row."""
    revision: int = 0
    room_revision: int = 0


def counters(keys: list[str]) -> dict[str, Counters]:
    """Those of all these rooms that have a row: one query."""
    rows = Room.objects.filter(key__in=keys).values_list("key", *Counters._fields)
    return {key: Counters(*row) for key, *row in rows}
