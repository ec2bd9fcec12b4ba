"""Order in the house: bans of the whole site, the audit log, reports, blocks."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.access.client_address import network
from chat.models import AuditEntry, Ban, Block, Participant, Report
from chat.protocol import Act

from .writing import InRoom, LookedAt, act_of, speaker, write_later


class BanForm(forms.ModelForm):  # type: ignore[type-arg]
    """A ban from the whole site, of a participant, of a network, or of both."""

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
            raise ValidationError(_("This is no address and no network.")) from None

    def clean(self) -> dict[str, Any] | None:
        if (
            not (self.cleaned_data.get("participant_key") or self.cleaned_data.get("network"))
            and not self.errors
        ):
            raise ValidationError(_("Say whom: a public id, a network, or both."))
        return super().clean()


@admin.register(Ban)
class BanAdmin(InRoom, admin.ModelAdmin):  # type: ignore[type-arg]
    """Bans from the whole site are made here; those from one room in the room. Either can be lifted."""

    form = BanForm
    list_display = ("__str__", "in_room", "network", "until", "reason", "created_by")
    list_select_related = ("room", "created_by")
    list_filter = (("room", admin.EmptyFieldListFilter), ("until", admin.EmptyFieldListFilter))
    search_fields = ("name", "participant_key", "network", "reason", "room__name")
    fields = ("room", "participant_key", "name", "network", "until", "reason", "created_by", "created_at")
    readonly_fields = ("room", "name", "created_by", "created_at")
    ordering = ("-pk",)
    show_full_result_count = False

    def has_change_permission(self, request: HttpRequest, obj: Ban | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.room_id)

    def save_model(self, request: HttpRequest, obj: Ban, form: Any, change: bool) -> None:
        obj.name = (
            Participant.objects.filter(key=obj.participant_key).values_list("name", flat=True).first() or ""
        )
        if not change:
            obj.created_by = speaker(request)
        obj.save()

    def delete_model(self, request: HttpRequest, obj: Ban) -> None:
        if obj.room:
            write_later(request, [act_of(request, obj.room, Act.UNBAN, obj.participant_key)])
        else:
            obj.delete()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Ban]) -> None:
        for ban in queryset.select_related("room"):
            self.delete_model(request, ban)


@admin.register(AuditEntry)
class AuditEntryAdmin(InRoom, LookedAt):
    list_display = ("at", "in_room", "actor_name", "act", "target_name", "detail")
    list_select_related = ("room",)
    list_filter = ("act",)
    search_fields = ("room__name", "actor_name", "target_name", "target_key", "detail")
    date_hierarchy = "at"


@admin.register(Report)
class ReportAdmin(LookedAt):
    list_display = ("created_at", "message", "reporter", "reason", "resolved_at", "resolved_by")
    list_select_related = ("message", "reporter", "resolved_by")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter),)
    search_fields = ("reason", "message__text", "message__room__name", "reporter__name")
    ordering = ("-pk",)
    actions = ("settle",)

    @admin.action(description=gettext_lazy("Settle the reports"), permissions=["settle"])
    def settle(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        by = speaker(request)
        still_open = Report.objects.filter(resolved_at=None)
        for report in queryset.filter(resolved_at=None).select_related("message__author"):
            if still_open.filter(pk=report.pk).update(resolved_at=Now(), resolved_by=by):
                AuditEntry.of_settled_report(report, by, request.user.get_username()).save()

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("chat.change_report")


@admin.register(Block)
class BlockAdmin(LookedAt):
    list_display = ("participant", "blocked_key")
    list_select_related = ("participant",)
    search_fields = ("participant__name", "blocked_key")
