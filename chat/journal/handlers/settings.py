"""A room's settings: what they may be, who may change them, and what follows from it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError

from ... import protocol
from ...access.permissions import Standing
from ...models import FilterAction, Room
from ...protocol.text import Text
from ...protocol.text import mark as _
from ...text.cleaning import unfit
from ...text.word_filter import CHARACTERS_MAX, WORD_MAX, WORDS_MAX, folded_words
from ..locked_room import LockedRoom
from ..transaction import Transaction
from ..types import Done, Outcome, Settings, WriteRequest, refusal_of, refused
from .audit import audit, in_one_line

TOPIC_MAX: Final = 250  # characters
PASSWORD_MAX: Final = 128  # characters
SLOW_MODE_MAX: Final = 86_400  # seconds
RETENTION_MAX: Final = 3650  # days
SUCCESSION_MAX: Final = 3650  # days

BY_MODERATORS: Final = frozenset({"topic", "slow_mode", "is_read_only"})
BY_STAFF: Final = frozenset({"succession_days"})
OF_ACCESS: Final = frozenset({"is_private", "password", "is_read_only", "closed"})
"""Whoever is in the room is looked at again when one of these changes."""
SECRET: Final = frozenset({"password", "filter_words"})
"""The audit log says that they were changed, not to what."""


def with_hashed_password(command: Settings) -> Settings:
    """The settings with the password as it will be stored. It takes long on purpose: to be done before any
    room is locked. Raises ValidationError."""
    password = command.changes.get("password")
    if not password:
        return command
    if not isinstance(password, str) or len(password) > PASSWORD_MAX:
        raise unfit("invalid.password_length", max=PASSWORD_MAX)
    try:
        hashed = make_password(password)
    except UnicodeEncodeError:
        raise unfit("invalid.password") from None
    return replace(command, changes={**command.changes, "password": hashed})


def configure(
    transaction: Transaction, room: LockedRoom, request: WriteRequest, command: protocol.Configure | Settings
) -> Outcome:
    """All of the changes or none of them. What is so already takes no number and no entry in the log."""
    asked = _asked(command)
    if code := _refusal(room, transaction.standing(room, request), asked):
        return refused(code)
    try:
        clean = {name: CLEANERS[name](value) for name, value in asked.items()}
    except ValidationError as error:
        return refusal_of(error)
    except (KeyError, ValueError):
        return refused("invalid.setting")
    before = _before(room, clean)
    changes = {name: value for name, value in clean.items() if value != before[name]}
    if not changes:
        return Done(Text(_("It is so already.")))
    _store(room, changes)
    audit(transaction, room, request, "settings", detail=_in_words(changes))
    return Done(Text(_("The room's settings are changed.")))


def _asked(command: protocol.Configure | Settings) -> dict[str, Any]:
    if isinstance(command, Settings):
        return dict(command.changes)
    asked = {"topic": command.topic, "slow_mode": command.slow_mode, "is_read_only": command.read_only}
    return {name: value for name, value in asked.items() if value is not None}


def _refusal(room: LockedRoom, person: Standing, asked: Mapping[str, Any]) -> str | None:
    if person.banned and not person.staff:
        return "banned"
    reopens = room.row.closed_at is not None and asked.get("closed") is False
    if person.staff:
        return None
    if reopens or asked.keys() & BY_STAFF:
        return "forbidden"
    may = person.owns or (person.moderates and asked.keys() <= BY_MODERATORS)
    return None if may else "forbidden"


def _before(room: LockedRoom, names: Iterable[str]) -> dict[str, Any]:
    before = {name: getattr(room.row, name, None) for name in names}
    if "closed" in before:
        before["closed"] = room.row.closed_at is not None
    if "succession_days" in before:
        before["succession_days"] = Room.objects.values_list("succession_days", flat=True).get(pk=room.row.id)
    return before


def _store(room: LockedRoom, changes: Mapping[str, Any]) -> None:
    values = {name: value for name, value in changes.items() if name != "closed"}
    if "closed" in changes:
        values["closed_at"] = room.now if changes["closed"] else None
    room.update(**values)
    if changes.keys() & OF_ACCESS:
        room.access_changed()


def _in_words(changes: Mapping[str, Any]) -> str:
    """For the audit log: names of settings and what they are now."""
    return in_one_line(
        name if name in SECRET else f"{name}: {'–' if value in (None, '') else value}"
        for name, value in changes.items()
    )


# --- What a setting may be ---


def _line(value: str, longest: int) -> str:
    """One line of text that can be stored."""
    line = " ".join(_storable(value).split())
    if len(line) > longest:
        raise unfit("too_long.line", max=longest)
    return line


def _storable(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise unfit("invalid.characters") from None
    if "\0" in value:
        raise unfit("invalid.characters")
    return value


def _topic(value: str) -> str:
    return _line(value, TOPIC_MAX)


def _words(value: str) -> str:
    """One word or phrase a line, each once."""
    lines = [_line(line, WORD_MAX) for line in value[: 4 * CHARACTERS_MAX].splitlines()]
    words = list(dict.fromkeys(line for line in lines if line))
    if len(words) > WORDS_MAX:
        raise unfit("invalid.filter_words", max=WORDS_MAX)
    text = "\n".join(words)
    if len(value) > 4 * CHARACTERS_MAX or sum(map(len, folded_words(text))) > CHARACTERS_MAX:
        raise unfit("invalid.filter_characters", max=CHARACTERS_MAX)
    return text


def _between(least: int, most: int) -> Callable[[int], int]:
    def clean(value: int) -> int:
        if not least <= value <= most:
            raise unfit("invalid.number", least=least, most=most)
        return int(value)

    return clean


def _or_none(clean: Callable[[int], int]) -> Callable[[int | None], int | None]:
    return lambda value: None if value is None else clean(value)


CLEANERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "topic": _topic,
    "is_private": bool,
    "password": str,  # hashed already
    "is_read_only": bool,
    "slow_mode": _between(0, SLOW_MODE_MAX),
    "retention_days": _or_none(_between(1, RETENTION_MAX)),
    "is_hidden": bool,
    "closed": bool,
    "filter_words": _words,
    "filter_action": lambda value: FilterAction(value).value,
    "succession_days": _or_none(_between(0, SUCCESSION_MAX)),
}
