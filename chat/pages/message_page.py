"""The page of a room at one of its messages: what its script draws first, and a list without a script."""

from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from .. import protocol
from ..journal import selectors
from ..models import Message, Room
from ..protocol.limits import PAGE_SIZE
from ..realtime.frames import page_frame

HALF: Final = PAGE_SIZE // 2


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A message with its neighbours. The pages of `earlier` and `later` go on where this one ends."""

    place: int
    messages: list[protocol.Message]
    earlier: int | None
    later: int | None
    frame: bytes
    """A `changes` frame, no reset, with these messages and the room's newest page."""


def message_page(room: Room, place: int) -> MessagePage | None:
    """None where the message does not exist, or no longer."""
    if not room.purged_through < place <= room.sequence:
        return None
    page = selectors.page_as_of(room, place)
    messages = [change.message for change in page.changes]
    is_here = any(message.sequence == place and not message.deleted for message in messages)
    # What changed since the row was read is left out of the page; a `resume` brings it.
    if not messages or not (is_here or _readable(room).filter(sequence=place).exists()):
        return None
    newest = selectors.page_as_of(room) if page.newer else page
    frame = page_frame(room.epoch, room.revision, page, newest, selectors.room_state(room))
    earlier = _earlier(room, messages[0].sequence) if page.more else None
    later = _later(room, messages[-1].sequence) if page.newer else None
    return MessagePage(place, messages, earlier, later, frame)


def _earlier(room: Room, first: int) -> int | None:
    """The message furthest up whose page has the last one before `first`. A deleted message has no page."""
    before = _readable(room).filter(sequence__lt=first)
    last = before.order_by("-sequence").first()
    return last and before.filter(sequence__gt=last - HALF).order_by("sequence").first()


def _later(room: Room, last: int) -> int | None:
    after = _readable(room).filter(sequence__gt=last)
    first = after.order_by("sequence").first()
    return first and after.filter(sequence__lte=first + HALF).order_by("-sequence").first()


def _readable(room: Room) -> QuerySet[Message, int]:
    rows = Message.objects.filter(room=room, sequence__gt=room.purged_through, deleted_at=None)
    return rows.values_list("sequence", flat=True)
