"""Rooms: shown and deleted. Each has a link to its pages under /manage/, where its settings change."""

from typing import Final

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.models import Room

from .read_only import ReadOnlyAdmin

NUMBERS: Final = (
    "key",
    "epoch",
    "sequence",
    "revision",
    "room_revision",
    "access_revision",
    "created_at",
    "last_posted_at",
)


@admin.register(Room)
class RoomAdmin(ReadOnlyAdmin):
    can_delete = True
    list_display = (
        "name",
        "sequence",
        "last_posted_at",
        "topic",
        "is_private",
        "has_password",
        "closed_at",
        "manage",
    )
    list_filter = (
        "is_private",
        "is_hidden",
        "is_read_only",
        ("closed_at", admin.EmptyFieldListFilter),
        ("retention_days", admin.EmptyFieldListFilter),
    )
    search_fields = ("name", "topic")
    fieldsets = (
        (None, {"fields": ("name", "manage", "topic", "is_read_only", "slow_mode", "closed_at")}),
        (_("Who may enter"), {"fields": ("is_private", "is_hidden", "is_indexed", "has_password")}),
        (
            _("Messages"),
            {
                "fields": (
                    "retention_days",
                    "purged_through",
                    "pinned",
                    "filter_words",
                    "filter_action",
                    "uploads",
                )
            },
        ),
        (_("Succession"), {"fields": ("succession_days",)}),
        (_("Numbers"), {"fields": NUMBERS}),
    )
    readonly_fields = ("manage", "has_password")
    ordering = ("-last_posted_at",)

    @admin.display(description=_("password"), boolean=True)
    def has_password(self, room: Room) -> bool:
        return bool(room.password)

    @admin.display(description=_("manage"))
    def manage(self, room: Room) -> str:
        return format_html('<a href="{}">{}</a>', reverse("manage", args=[room.name]), gettext("Manage"))
