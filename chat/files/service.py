"""From the promise of a file to the stored file."""

import logging
import os
import secrets
from pathlib import PurePath
from typing import IO, Any, Final

from django.core.files import File as StorageContent
from django.core.signing import BadSignature, TimestampSigner
from django.db import DatabaseError, InterfaceError

from ..access.client_address import network_of
from ..models import File, FileKind, FileState
from ..protocol.limits import FILE_MAX, FILE_NAME_MAX
from ..text.cleaning import clean_file_name
from . import quotas
from .content import content_of
from .images import encode_anew
from .refused import FileRefused, refusal_of
from .storage import files

logger = logging.getLogger(__name__)

FOLDERS: Final = 256
TICKET_LASTS: Final = 1800  # seconds
UNPROCESSABLE: Final = 422
ENDINGS: Final[dict[str, tuple[str, ...]]] = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
}

_signer = TimestampSigner(salt="lobby.upload")


def promise(room_key: str, owner_key: str, address: str, name: str, size: int) -> File:
    """A file whose bytes are to come, or FileRefused (`invalid`, `too_large`, `quota`, `disk_full`)."""
    if size < 1:
        raise FileRefused("invalid.file_size")
    if size > FILE_MAX:
        raise FileRefused("too_large.file", max=FILE_MAX // 2**20)
    network = network_of(address)
    quotas.check(room_key, owner_key, network, size)
    return File.objects.create(
        room_key=room_key, owner_key=owner_key, network=network, name=clean_file_name(name), size=size
    )


def ticket_for(file: File) -> str:
    """What allows for half an hour to send this file, of this size."""
    return _signer.sign(f"{file.key}:{file.size}")


def size_of_ticket(ticket: str, key: str) -> int | None:
    """The size that may be sent; None where the ticket is forged, another file's, or too old."""
    try:
        of, size = _signer.unsign(ticket, max_age=TICKET_LASTS).split(":")
    except (BadSignature, ValueError):
        return None
    return int(size) if of == key else None


def take_in(key: str, source: IO[bytes]) -> File:
    """Store what has come for a promised file. One that is stored already is returned as it is. Raises
    FileRefused: `not_found` for a file that is gone, `not_an_image` and `too_many_pixels` end the promise;
    after `busy`, `disk_full` and `unavailable` it may be sent again."""
    try:
        file = File.objects.exclude(state=FileState.REMOVED).filter(key=key).first()
        if file is None:
            raise FileRefused("not_found.file")
        return file if file.state == FileState.STORED else _stored(file, source)
    except (DatabaseError, InterfaceError):
        raise FileRefused("unavailable", wait=5) from None


def _stored(file: File, source: IO[bytes]) -> File:
    _claim(file)
    claim = File.objects.filter(pk=file.pk, state=FileState.PROMISED, stored_as=file.stored_as)
    try:
        found = _save(file, source)
    except FileRefused as refused:
        delete_bytes(file)
        if refused.status == UNPROCESSABLE:
            claim.delete()
        raise
    if not claim.update(state=FileState.STORED, **found):
        delete_bytes(file)
        raise FileRefused("busy.upload", wait=2)
    file.refresh_from_db()
    return file


def _claim(file: File) -> None:
    """Name the file in the storage before it is there: what a process that is killed leaves behind can be
    found. Whoever claims last stores it."""
    before = File(stored_as=file.stored_as, thumbnail_as=file.thumbnail_as)
    claim = File.objects.filter(pk=file.pk, state=FileState.PROMISED, stored_as=before.stored_as)
    file.stored_as, file.thumbnail_as = _new_name(), _new_name()
    if not claim.update(stored_as=file.stored_as, thumbnail_as=file.thumbnail_as):
        raise FileRefused("busy.upload", wait=2)
    delete_bytes(before)


def _new_name() -> str:
    """Tells nothing, and spreads the files over the folders 00 to ff."""
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name}"


def _save(file: File, source: IO[bytes]) -> dict[str, Any]:
    """Into the storage. Returns what is known of it from now on."""
    content = content_of(source)
    if content.kind != FileKind.IMAGE:
        size = _put(file.stored_as, source)
        return {"kind": content.kind, "type": content.type, "size": size, "thumbnail_as": ""}
    with encode_anew(source) as picture:
        size = _put(file.stored_as, picture.file)
        _put(file.thumbnail_as, picture.thumbnail)
    return {
        "kind": content.kind,
        "type": picture.type,
        "name": _with_ending(file.name, picture.type),
        "size": size,
        "width": picture.width,
        "height": picture.height,
        "preview": picture.preview,
    }


def _put(name: str, content: IO[bytes]) -> int:
    """Returns the size. Raises FileRefused (`disk_full`, `unavailable`)."""
    size = content.seek(0, os.SEEK_END)
    try:
        files.save(name, StorageContent(content, name))
    except Exception as error:  # each storage has errors of its own
        raise refusal_of(error) from None
    return size


def delete_bytes(file: File) -> bool:
    """From the storage, where they are. False: it did not work now."""
    try:
        for name in filter(None, (file.stored_as, file.thumbnail_as)):
            files.delete(name)
    except Exception as error:
        logger.warning("A file was not deleted: %r", error)
        return False
    return True


def _with_ending(name: str, image_type: str) -> str:
    """An image that was encoded in another format than its name says gets that format's ending."""
    endings = ENDINGS[image_type]
    if PurePath(name).suffix.lower() in endings:
        return name
    return f"{PurePath(name).stem[: FILE_NAME_MAX - 5]}{endings[0]}"
