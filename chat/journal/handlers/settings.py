"""A room's settings are changed, by the rules of `room_settings`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError

from ... import protocol
from ...access.permissions import RANK, STAFF_RANK, RoomPermissions
from ...models import Room
from ...protocol.roles import Role
from ...protocol.text import Text
from ...protocol.text import mark as _
from ...text.cleaning import unfit
from ..locked_room import LockedRoom
from ..room_settings import PASSWORD_MAX, ROOM_SETTINGS
from ..types import Done, Outcome, Settings, refusal_of, refused
from .actions import Action
from .audit import in_one_line


def with_hashed_password(command: Settings) -> Settings:
    """The settings with a hashed password. Hashing is slow on purpose: call it before any room is locked.
    Raises ValidationError."""
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


def configure(action: Action[protocol.Configure | Settings]) -> Outcome:
    """All of the changes or none of them. What is so already takes no number and no entry in the log."""
    room, asked = action.room, _asked(action.command)
    if code := _refusal(room, action.permissions, asked):
        return refused(code)
    try:
        clean = {name: ROOM_SETTINGS[name].kind.clean(value) for name, value in asked.items()}
    except ValidationError as error:
        return refusal_of(error)
    except (KeyError, ValueError):
        return refused("invalid.setting")
    before = _before(room, clean)
    changes = {name: value for name, value in clean.items() if value != before[name]}
    if not changes:
        return Done(Text(_("That is already set.")))
    _store(room, changes)
    action.audit("settings", detail=_in_words(changes))
    return Done(Text(_("The room's settings have been changed.")))


def _asked(command: protocol.Configure | Settings) -> dict[str, Any]:
    if isinstance(command, Settings):
        return dict(command.changes)
    asked = {"topic": command.topic, "slow_mode": command.slow_mode, "is_read_only": command.read_only}
    return {name: value for name, value in asked.items() if value is not None}


def _refusal(room: LockedRoom, person: RoomPermissions, asked: Mapping[str, Any]) -> str | None:
    if person.banned and not person.staff:
        return "banned"
    reopens = room.row.closed_at is not None and asked.get("closed") is False
    needed = STAFF_RANK if reopens else max(map(_rank_to_decide, asked), default=RANK[Role.MODERATOR])
    return None if person.rank >= needed else "forbidden"


def _rank_to_decide(name: str) -> int:
    return ROOM_SETTINGS[name].rank if name in ROOM_SETTINGS else RANK[Role.OWNER]


def _before(room: LockedRoom, names: Iterable[str]) -> dict[str, Any]:
    before = {name: getattr(room.row, name, None) for name in names}
    if "closed" in before:
        before["closed"] = room.row.closed_at is not None
    if elsewhere := [name for name in ("is_indexed", "succession_days") if name in before]:
        before |= Room.objects.values(*elsewhere).get(pk=room.row.id)
    return before


def _store(room: LockedRoom, changes: Mapping[str, Any]) -> None:
    values = {name: value for name, value in changes.items() if name != "closed"}
    if "closed" in changes:
        values["closed_at"] = room.now if changes["closed"] else None
    room.update(**values)
    if any(ROOM_SETTINGS[name].decides_access for name in changes):
        room.access_changed()


def _in_words(changes: Mapping[str, Any]) -> str:
    return in_one_line(
        name if ROOM_SETTINGS[name].is_secret else f"{name}: {'–' if value in (None, '') else value}"
        for name, value in changes.items()
    )
