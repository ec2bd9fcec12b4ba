"""Static files in production: hashed names, compressed, and one style sheet a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from servestatic.storage import CompressedManifestStaticFilesStorage

IMPORT: Final = re.compile(r'^@import "\.\./(css/\w+\.css)";$', re.MULTILINE)


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """What a page's style sheet imports is put in its place, so that the page asks for one file.

    In development the sheets are served as they are, and the browser follows the imports.
    """

    def post_process(self, paths: dict[str, Any], *args: Any, **options: Any) -> Iterator[Any]:
        for name, (source, path) in paths.items():
            if re.fullmatch(r"chat/pages/\w+\.css", name):
                paths[name] = (_Joined(source), path)
        yield from super().post_process(paths, *args, **options)


class _Joined:
    """A source of style sheets that hold what they import."""

    def __init__(self, source: Storage) -> None:
        self._source = source

    def open(self, path: str) -> ContentFile[bytes]:
        return ContentFile(IMPORT.sub(self._imported, self._read(path)).encode())

    def _imported(self, match: re.Match[str]) -> str:
        return self._read(f"chat/{match[1]}")

    def _read(self, path: str) -> str:
        with self._source.open(path) as file:
            return str(file.read(), "utf-8")
