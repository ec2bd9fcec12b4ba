"""Files that were uploaded: their rows and their bytes, without the way they came."""

from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from chat.models import File
from chat.models.file import FileState

from .servers import Site


def uploaded(
    owner_key: str = "alice", room: str = "tea", content: bytes = b"some bytes", **fields: Any
) -> File:
    """A file that no message has yet."""
    stored_as = storages["files"].save("uploaded", ContentFile(content))
    return File.objects.create(
        owner_key=owner_key,
        room_key=room,
        stored_as=stored_as,
        size=len(content),
        **{"name": "notes.txt", "type": "text/plain", "state": FileState.STORED} | fields,
    )


def uploaded_at(site: Site, owner_key: str, room: str, size: int, **fields: Any) -> str:
    """The key of such a file of a site, of random bytes."""
    code = (
        "from os import urandom; from chat.tests.harness.uploaded import uploaded;"
        f" print(uploaded({owner_key!r}, {room!r}, urandom({size}), **{fields!r}).key)"
    )
    return site.shell(code).strip()
