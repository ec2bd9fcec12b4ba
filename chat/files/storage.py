"""The local storage of files. (Another one of Django's storage API takes its place in STORAGES.)"""

import os
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages

from .refused import refusal_of


class LocalStorage(FileSystemStorage):
    """Django's, but what is saved is on disk before `save` returns."""

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        saved = super().save(name, content, max_length)
        path = Path(self.path(saved))
        for part in (path, path.parent):
            descriptor = os.open(part, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return saved


files = storages["files"]


def temporary_file() -> IO[bytes]:
    """Beside the stored files, without a name: it is gone when it is closed, or with the process. Raises
    FileRefused (`disk_full`, `unavailable`)."""
    try:
        return TemporaryFile(dir=files_root())
    except OSError as error:
        raise refusal_of(error) from None


def files_root() -> Path:
    """The folder of the local storage, made where it is missing."""
    root: Path = settings.FILES_ROOT
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    return root
