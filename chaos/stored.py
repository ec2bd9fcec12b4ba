"""What the database holds of a room when everything is over."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

from .world import World

MESSAGES = (
    "SELECT sequence, revision, text, html, client_id, author_name, reply_to,"
    " edited_at IS NOT NULL, deleted_at IS NOT NULL"
    " FROM chat_message WHERE room_id = %s ORDER BY sequence"
)
REACTIONS = (
    "SELECT m.sequence, r.emoji, p.key FROM chat_reaction r JOIN chat_message m ON m.id = r.message_id"
    " JOIN chat_participant p ON p.id = r.participant_id WHERE m.room_id = %s"
)

MENTIONS = (
    "SELECT x.sequence, p.key FROM chat_mention x JOIN chat_participant p ON p.id = x.participant_id"
    " WHERE x.room_id = %s AND x.kind <> 1"
)


FILES = (
    "SELECT m.sequence, f.key FROM chat_file f JOIN chat_message m ON m.id = f.message_id"
    " WHERE m.room_id = %s AND f.state = 1 ORDER BY f.position"
)


class StoredMessage(NamedTuple):
    sequence: int
    revision: int
    text: str
    html: str
    client_id: str
    author: str
    reply_to: int | None
    edited: bool
    deleted: bool
    reactions: tuple[tuple[str, int, tuple[str, ...]], ...] = ()
    """Emoji, how many, and their ids, in the order of the alphabet."""
    mentions: tuple[str, ...] = ()
    """The ids of those for whom it counts as a mention; of a message, of those whom it shows."""
    files: tuple[str, ...] = ()
    """Their ids."""


@dataclass(frozen=True, slots=True)
class StoredRoom:
    epoch: str | None
    sequence: int
    revision: int
    messages: list[StoredMessage]
    purged_through: int = 0


async def counters(world: World, room: str) -> tuple[str | None, int]:
    rows = await world.sql("SELECT epoch, revision FROM chat_room WHERE key = %s", room)
    return (rows[0][0], rows[0][1]) if rows else (None, 0)


async def stored_room(world: World, room: str) -> StoredRoom:
    statement = "SELECT id, epoch, sequence, revision, purged_through FROM chat_room WHERE key = %s"
    rows = await world.sql(statement, room)
    if not rows:
        return StoredRoom(None, 0, 0, [])
    ((key, epoch, sequence, revision, purged_through),) = rows
    reactions: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for place, emoji, who in await world.sql(REACTIONS, key):
        reactions[place][emoji].append(who)
    mentions: dict[int, list[str]] = defaultdict(list)
    for place, who in await world.sql(MENTIONS, key):
        mentions[place].append(who)
    files: dict[int, list[str]] = defaultdict(list)
    for place, file in await world.sql(FILES, key):
        files[place].append(file)
    rows = await world.sql(MESSAGES, key)
    messages = [
        _message(row, reactions[row[0]], mentions.pop(row[0], []), files.pop(row[0], [])) for row in rows
    ]
    assert not mentions, f"mentions of messages that are not there: {mentions}"
    assert not files, f"files of messages that are not there: {files}"
    return StoredRoom(epoch, sequence, revision, messages, purged_through)


def _message(
    row: tuple[Any, ...], reactions: dict[str, list[str]], mentions: list[str], files: list[str]
) -> StoredMessage:
    sequence, revision, text, html, client_id, author, reply_to, edited, deleted = row
    client_id = str(client_id if isinstance(client_id, uuid.UUID) else uuid.UUID(client_id))
    return StoredMessage(
        sequence,
        revision,
        text,
        html,
        client_id,
        author,
        reply_to,
        bool(edited),
        bool(deleted),
        tuple(sorted((emoji, len(ids), tuple(sorted(ids))) for emoji, ids in reactions.items())),
        tuple(sorted(mentions)),
        tuple(files),
    )


def shown(message: dict[str, Any]) -> StoredMessage:
    """A message as a client holds it, to be compared with what is stored."""
    return StoredMessage(
        message["sequence"],
        message["revision"],
        message["message"],
        message["html"],
        message["client_id"],
        message["author"]["name"],
        message.get("reply_to"),
        bool(message.get("edited_at")),
        bool(message.get("deleted")),
        tuple(
            sorted((r["emoji"], r["count"], tuple(sorted(r["ids"]))) for r in message.get("reactions", ()))
        ),
        tuple(sorted(mention["id"] for mention in message.get("mentions", ()))),
        tuple(file["id"] for file in message.get("files", ())),
    )
