"""Every page outside the admin, and every field of its forms, read from the site itself."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Final

from django import forms
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import chat.accounts
import chat.manage
import chat.pages

NUL: Final = "%00"
VALUES: Final = (
    f"a{NUL}b",
    "%ED%A0%80%FF%E2%80%AE",
    "-1",
    "9" * 400,
    "x" * 5000,
    "http://[%0D%0AX-Injected:%201",
)
"""As they stand in an address or in a form's body."""

BY_HAND: Final = (
    "q",
    "page",
    "do",
    "link",
    "token",
    "revoke",
    "room",
    "next",
    "offer",
    "in",
    "cursor",
    "message",
    "form",
    "write",
)
"""Fields that a view reads itself."""


KNOWN: Final = {"sequence": "1", "key": "A" * 22}
"""Parts of paths that are no room's name."""


def page_paths(room: str) -> Iterator[str]:
    for pattern, before in _patterns(get_resolver().url_patterns, ""):
        names = pattern.pattern.regex.groupindex
        values = {name: KNOWN.get(name, room) for name in names}
        yield reverse(pattern.name, kwargs=values) if pattern.name else before + str(pattern.pattern)


def _patterns(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[URLPattern, str]]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern, before or "/"
        elif pattern.namespace != "admin":
            yield from _patterns(pattern.url_patterns, f"{before or '/'}{pattern.pattern}")


def field_names() -> set[str]:
    names = {*BY_HAND}
    for package in (chat.accounts, chat.manage, chat.pages):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            names |= _fields_of(import_module(module.name))
    return names


def _fields_of(module: ModuleType) -> set[str]:
    names: set[str] = set()
    for thing in vars(module).values():
        if isinstance(thing, type) and issubclass(thing, forms.BaseForm):
            names |= getattr(thing, "base_fields", {}).keys()
    return names


def filled_in(value: str) -> str:
    """Every field with this value. (Passwords only where none is compared, which takes long on purpose.)"""
    names = sorted(name for name in field_names() if NUL in value or "password" not in name)
    return "&".join(f"{name}={value}" for name in names)
