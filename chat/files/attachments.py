"""The files of messages: a post takes them, and they go with its text. For the journal's transactions."""

from collections.abc import Iterable, Sequence

from .. import protocol
from ..models import File, FileState, Message
from .sweeping import remove


def find(keys: Sequence[str], owner_key: str, room_key: str) -> list[File]:
    """Those of the files that a message of this person in this room may take, in the order of the keys. They
    are locked until the transaction ends: the sweep waits for it, and leaves what has a message."""
    rows = File.objects.select_for_update().filter(
        key__in=keys, owner_key=owner_key, room_key=room_key, message=None, state=FileState.STORED
    )
    return sorted(rows, key=lambda row: keys.index(row.key))


def shown(row: File) -> protocol.File:
    """What a message shows of it."""
    return protocol.File(
        row.key, row.name, row.type, row.size, row.kind, row.width, row.height, row.preview, row.alt
    )


def attach(rows: Iterable[File], room_id: int, sequence: int) -> None:
    """Store that the files are the message's, with the names and descriptions that the rows have."""
    message = Message.objects.only("pk").get(room=room_id, sequence=sequence)
    for position, row in enumerate(rows):
        row.message, row.position = message, position
        row.save(update_fields=["message", "position", "name", "alt"])


def remove_of_messages(messages: Iterable[Message | int]) -> None:
    """From the commit on nobody is shown their files; the sweep deletes them from the storage."""
    remove(File.objects.filter(message__in=messages))


def forget_owner(key: str) -> None:
    """Remove what somebody uploaded and no message has taken; the others no longer say whose they are."""
    remove(File.objects.filter(owner_key=key, message=None))
    File.objects.filter(owner_key=key).update(owner_key="", network="")
