"""Static files in production: hashed names, compressed, one style sheet and one script a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Any, Final

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from servestatic.storage import CompressedManifestStaticFilesStorage

SHEET_IMPORT: Final = re.compile(r'^@import "([\w./]+)";$', re.MULTILINE)
SCRIPT_IMPORT: Final = re.compile(r'^import \{([^}]*)\} from "([\w./]+)";$', re.MULTILINE)
SCRIPT_EXPORT: Final = re.compile(r"^export (?=(?:async )?(?:class|const|function) (\w+))", re.MULTILINE)


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """What a page's style sheet and script import is put into them, so that the page asks for two files.

    In development the files are served as they are, and the browser follows the imports.
    """

    def post_process(self, paths: dict[str, Any], *args: Any, **options: Any) -> Iterator[Any]:
        for name, (source, path) in paths.items():
            if re.fullmatch(r"chat/pages/\w+\.(?:css|js)", name):
                paths[name] = (_Joined(source), path)
        yield from super().post_process(paths, *args, **options)


class _Joined:
    """A source of style sheets and scripts that hold what they import."""

    def __init__(self, source: Storage) -> None:
        self._source = source

    def open(self, path: str) -> ContentFile[bytes]:
        text = self._script(path) if path.endswith(".js") else self._sheet(path)
        return ContentFile(text.encode())

    def _sheet(self, path: str) -> str:
        return SHEET_IMPORT.sub(lambda match: self._read(_beside(path, match[1])), self._read(path))

    def _script(self, path: str) -> str:
        modules: dict[str, str] = {}
        name = self._add(path, modules)
        exported = ", ".join(SCRIPT_EXPORT.findall(self._read(path)))
        # What a page loads when it is first wanted hands out its functions.
        return "".join(modules.values()) + (f"export const {{ {exported} }} = {name};\n" if exported else "")

    def _add(self, path: str, modules: dict[str, str]) -> str:
        """Put a module behind those that it imports, as a function that runs once and returns its exports: a
        module keeps its other names to itself. Gives the name of the constant with the exports.

        Modules import names, not in a circle, and export declarations; others fail when collected or run.
        """
        name = re.sub(r"\W", "_", path)
        if name not in modules:
            body = SCRIPT_IMPORT.sub(
                lambda match: f"const {{{match[1]}}} = {self._add(_beside(path, match[2]), modules)};",
                self._read(path),
            )
            exported = ", ".join(SCRIPT_EXPORT.findall(body))
            body = SCRIPT_EXPORT.sub("", body)
            modules[name] = f"const {name} = (() => {{\n{body}return {{ {exported} }};\n}})();\n"
        return name

    def _read(self, path: str) -> str:
        with self._source.open(path) as file:
            return str(file.read(), "utf-8")


def _beside(path: str, relative: str) -> str:
    return normpath(join(dirname(path), relative))
