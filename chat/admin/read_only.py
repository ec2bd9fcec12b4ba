"""What the pages of the admin share: rows are read-only unless no other page changes them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

NAME_SHOWN = 30  # characters of a room's name, in lists


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Read-only rows. `can_change` and `can_delete` allow more, to an account with Django's permission."""

    can_change = False
    can_delete = False
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_change and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_delete and super().has_delete_permission(request, obj)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Rows that depend on a deleted one are deleted with it, though they are read-only by themselves."""
        shown, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return shown, counts, set(), protected


class RoomColumn:
    """A column with the room's name, cut so that a long one does not widen the list."""

    @admin.display(description=_("room"), ordering="room__name")
    def in_room(self, row: Any) -> str:
        return Truncator(row.room.name).chars(NAME_SHOWN) if row.room else ""
