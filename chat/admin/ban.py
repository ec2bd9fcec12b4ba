"""Bans. Only those from the whole site are made here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from chat.access.client_address import network
from chat.models import Ban, Participant

from .read_only import ReadOnlyAdmin, RoomColumn


class BanForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_participant_key(self) -> str:
        key: str = self.cleaned_data["participant_key"]
        if key and not Participant.objects.filter(key=key).exists():
            raise ValidationError(_("There is no participant with this public id."))
        return key

    def clean_network(self) -> str:
        typed: str = self.cleaned_data["network"]
        try:
            return typed and str(network(typed.strip()))
        except ValueError:
            raise ValidationError(_("This is not an IP address or a network.")) from None

    def clean(self) -> dict[str, Any] | None:
        if (
            not (self.cleaned_data.get("participant_key") or self.cleaned_data.get("network"))
            and not self.errors
        ):
            raise ValidationError(_("Enter a public id, a network, or both."))
        return super().clean()


@admin.register(Ban)
class BanAdmin(RoomColumn, ReadOnlyAdmin):
    """Bans from the whole site are made and lifted here, bans from a room at /manage/<room>/people/."""

    can_change = True
    can_delete = True
    form = BanForm
    list_display = ("__str__", "in_room", "network", "until", "reason", "created_by")
    list_select_related = ("room", "created_by")
    list_filter = (("room", admin.EmptyFieldListFilter), ("until", admin.EmptyFieldListFilter))
    search_fields = ("name", "participant_key", "network", "reason", "room__name")
    fields = ("room", "participant_key", "name", "network", "until", "reason", "created_by", "created_at")
    readonly_fields = ("room", "name", "created_by", "created_at")
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Ban | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.room_id)

    def has_delete_permission(self, request: HttpRequest, obj: Ban | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.room_id)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        queryset.filter(room=None).delete()

    def save_model(self, request: HttpRequest, obj: Ban, form: Any, change: bool) -> None:
        person = Participant.objects.filter(key=obj.participant_key).first()
        obj.name = person.name if person else ""
        if not change:
            obj.created_by = participant_of_staff(request)
        obj.save()


def participant_of_staff(request: HttpRequest) -> Participant | None:
    """Who works in the admin, if the account has ever taken part in a room."""
    return getattr(request.user, "participant", None)
