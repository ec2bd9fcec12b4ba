"""Texts for people, which whoever knows the reader translates. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Text(NamedTuple):
    """An English text in which `%(name)s` marks a parameter; it is also the text's id in gettext catalogs."""

    english: str
    parameters: Mapping[str, Any] = {}

    def __str__(self) -> str:
        """In English, for logs."""
        return self.english % self.parameters if self.parameters else self.english


def mark(english: str) -> str:
    """The text itself: for makemessages, which collects what is marked with `_`."""
    return english
