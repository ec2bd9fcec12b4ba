"""The frames in which a room's state travels: `changes`, and one a message in the plain dialect."""

from .. import protocol
from ..journal.changes import Change, Page
from ..protocol import RoomState
from .sequencer import Sequencer
from .transports import Frames


def changes_frame(
    sequencer: Sequencer,
    after: int,
    changes: list[Change],
    room: RoomState | None = None,
    revision: int | None = None,
) -> bytes:
    """What changed after a revision, up to the sequencer's unless `revision` is given."""
    upto = sequencer.revision if revision is None else revision
    wires = [change.wire for change in changes]
    return protocol.encode(protocol.Changes(sequencer.epoch, after, upto, wires, room))


def reset_frame(epoch: str | None, revision: int, page: Page, room: RoomState) -> bytes:
    """A `changes` frame that replaces everything a client holds."""
    wires = [change.wire for change in page.changes]
    return protocol.encode(
        protocol.Changes(epoch, revision, revision, wires, room, reset=True, more=page.more)
    )


def page_frame(epoch: str, revision: int, page: Page, newest: Page, room: RoomState) -> bytes:
    """A `changes` frame with a page from further up and the newest one, for a client that holds nothing; no
    reset. `more` says that messages older than the first of them exist."""
    wires = {change.sequence: change.wire for change in (*page.changes, *newest.changes)}
    return protocol.encode(
        protocol.Changes(epoch, revision, revision, list(wires.values()), room, more=page.more)
    )


def plain_frames(changes: list[Change], after: int) -> Frames:
    """The messages posted after a sequence, one a frame, in their order."""
    posted = sorted((c for c in changes if c.sequence > after), key=lambda change: change.sequence)
    return Frames(*(_said(change.message) for change in posted if not change.message.deleted))


def _said(message: protocol.Message) -> bytes:
    text = protocol.in_plain_text(message.message, message.files or ())
    return protocol.encode(protocol.Said(text, message.author.name, message.sequence))
