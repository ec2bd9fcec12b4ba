"""How the admin writes: drafts of the house, in the name of whoever works there."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from chat import protocol
from chat.journal.service import write_all_steps
from chat.journal.types import Refused, Settings, WriteRequest
from chat.models import Participant, Room
from chat.protocol import Act
from chat.text.translation import translated

NAME_SHOWN = 30  # characters of a room's name, in lists


def write_request_of(request: HttpRequest, room: Room, command: protocol.Write | Settings) -> WriteRequest:
    """The house may do anything; the audit log says who it was."""
    return WriteRequest(room.name, room.key, None, command, by=request.user.get_username())


def act_of(request: HttpRequest, room: Room, act: Act, key: str, **details: Any) -> WriteRequest:
    return write_request_of(request, room, protocol.Moderate(uuid4(), act, key, **details))


def speaker(request: HttpRequest) -> Participant | None:
    """Who works here, if the account has ever taken part."""
    return getattr(request.user, "participant", None)


def write_later(request: HttpRequest, write_requests: Iterable[WriteRequest]) -> None:
    """Write the drafts once the admin's own transaction has ended, in their order; the next page says what
    was refused."""

    def write() -> None:
        for write_request in write_requests:
            for outcome in write_all_steps([write_request]):
                if isinstance(outcome, Refused):
                    messages.error(request, translated(outcome.text))

    transaction.on_commit(write)


def later(do: Callable[[], None]) -> None:
    transaction.on_commit(do)


class LookedAt(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that are read here and written elsewhere."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class InRoom:
    """A column that a long name of a room does not widen."""

    @admin.display(description=_("room"), ordering="room__name")
    def in_room(self, row: Any) -> str:
        return Truncator(row.room.name).chars(NAME_SHOWN) if row.room else ""


class Whole(admin.ModelAdmin):  # type: ignore[type-arg]
    """What is deleted together with everything that hangs on it, though some of that is only read here."""

    show_full_result_count = False

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        shown, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return shown, counts, set(), protected
