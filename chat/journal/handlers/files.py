"""The files of a post: those that its author has uploaded for this room."""

from ... import protocol
from ...files import attachments
from ...models import File
from ..bodies import Body
from ..types import Refused, refused
from .actions import Action
from .filters import filtered_text


def files_of_post(action: Action[protocol.Post], body: Body) -> list[File] | Refused:
    """The files in the post's order, with its descriptions, as the room's word filter leaves them and their
    names. Refusals: `forbidden`, `file_gone`, `filtered`."""
    room, keys = action.room.row, action.command.files
    if not keys:
        return []
    if not room.uploads:
        return refused("forbidden.files")
    files = attachments.find(keys, action.author.key, room.key)
    if gone := set(keys) - {file.key for file in files}:
        return refused("file_gone", files=[key for key in keys if key in gone])
    for file, alt in zip(files, [*body.alts, *[""] * len(keys)], strict=False):
        file.alt = alt
        if action.permissions.moderates:
            continue
        name, alt_left = filtered_text(file.name, room), filtered_text(alt, room)
        if name is None or alt_left is None:
            return refused("filtered")
        file.name, file.alt = name, alt_left
    return files
