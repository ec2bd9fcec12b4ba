"""Rooms: every setting, closing, and opening again."""

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat.journal.handlers.settings import PASSWORD_MAX
from chat.journal.types import Settings
from chat.manage.forms import StaffSettingsForm
from chat.models import Room

from .writing import Whole, draft_of, write_later


class RoomForm(StaffSettingsForm):
    """The settings as they are. A password is never shown, only replaced or taken away."""

    new_password = forms.CharField(
        label=_("New password"),
        required=False,
        strip=False,
        max_length=PASSWORD_MAX,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    no_password = forms.BooleanField(label=_("Remove the password"), required=False)
    closed = forms.BooleanField(label=_("Closed"), required=False)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.initial["closed"] = self.instance.closed_at is not None

    @property
    def changes(self) -> dict[str, Any]:
        changes = super().changes
        password, removed = changes.pop("new_password", ""), changes.pop("no_password", False)
        if password or removed:
            changes["password"] = password
        return changes


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
class RoomAdmin(Whole):
    form = RoomForm
    list_display = ("name", "sequence", "last_posted_at", "topic", "is_private", "has_password", "closed_at")
    list_filter = (
        "is_private",
        "is_hidden",
        "is_read_only",
        ("closed_at", admin.EmptyFieldListFilter),
        ("retention_days", admin.EmptyFieldListFilter),
    )
    search_fields = ("name", "topic")
    fieldsets = (
        (None, {"fields": ("name", "topic", "is_read_only", "slow_mode", "closed")}),
        (
            _("Who may enter"),
            {"fields": ("is_private", "is_hidden", "has_password", "new_password", "no_password")},
        ),
        (
            _("Messages"),
            {"fields": ("retention_days", "purged_through", "pinned", "filter_words", "filter_action")},
        ),
        (_("Succession"), {"fields": ("succession_days",)}),
        (_("Numbers"), {"fields": NUMBERS}),
    )
    readonly_fields = (
        "name",
        "has_password",
        "purged_through",
        "pinned",
        *NUMBERS,
    )
    ordering = ("-last_posted_at",)

    @admin.display(description=_("password"), boolean=True)
    def has_password(self, room: Room) -> bool:
        return bool(room.password)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a room is made by its first message

    def save_model(self, request: HttpRequest, obj: Room, form: Any, change: bool) -> None:
        if form.changes:
            write_later(request, [draft_of(request, obj, Settings(form.changes))])
