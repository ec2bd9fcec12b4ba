"""What participants are in rooms: roles, mutes. Each change is an act, and in the room's audit log."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.journal.types import Draft
from chat.models import Membership
from chat.protocol import Act
from chat.protocol.roles import Role

from .writing import InRoom, act_of, write_later

# The acts that lead from one role to another; none leads from the owner but through the next one.
STEPS: Final = {
    (Role.VISITOR, Role.MEMBER): (Act.ADMIT,),
    (Role.VISITOR, Role.MODERATOR): (Act.PROMOTE,),
    (Role.MEMBER, Role.VISITOR): (Act.DISMISS,),
    (Role.MEMBER, Role.MODERATOR): (Act.PROMOTE,),
    (Role.MODERATOR, Role.VISITOR): (Act.DISMISS,),
    (Role.MODERATOR, Role.MEMBER): (Act.DEMOTE,),
    **{(role, Role.OWNER): (Act.HAND_OVER,) for role in (Role.VISITOR, Role.MEMBER, Role.MODERATOR)},
}


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_role(self) -> str:
        role: str = self.cleaned_data["role"]
        if self.initial["role"] == Role.OWNER != role:
            raise ValidationError(_("Make somebody else the owner: this one becomes a moderator."))
        return role

    def clean_muted_until(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["muted_until"]
        if "muted_until" in self.changed_data and until and until <= timezone.now():
            raise ValidationError(_("This is over already. Leave it empty to end the mute."))
        return until

    def validate_constraints(self) -> None:
        """The journal sees to it that there is one owner."""


@admin.register(Membership)
class MembershipAdmin(InRoom, admin.ModelAdmin):  # type: ignore[type-arg]
    """Deleting one makes a visitor of a member."""

    form = MembershipForm
    list_display = ("in_room", "participant", "role", "muted_until")
    list_select_related = ("room", "participant")
    list_filter = ("role", ("muted_until", admin.EmptyFieldListFilter))
    search_fields = ("room__name", "participant__name")
    fields = ("room", "participant", "role", "muted_until", "seen", "last_posted_at")
    readonly_fields = ("room", "participant", "seen", "last_posted_at")
    ordering = ("-pk",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # made by a message, an invitation or a read mark

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        drafts: list[Draft] = []
        if "role" in form.changed_data:
            steps = STEPS[Role(form.initial["role"]), Role(obj.role)]
            drafts += [act_of(request, obj.room, act, obj.participant.key) for act in steps]
        if "muted_until" in form.changed_data:
            drafts.append(_mute(request, obj))
        write_later(request, drafts)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        write_later(request, [act_of(request, obj.room, Act.DISMISS, obj.participant.key)])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        for row in queryset.select_related("room", "participant"):
            self.delete_model(request, row)

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.role == Role.OWNER)


def _mute(request: HttpRequest, row: Membership) -> Draft:
    if row.muted_until is None:
        return act_of(request, row.room, Act.UNMUTE, row.participant.key)
    seconds = max(1, round((row.muted_until - timezone.now()).total_seconds()))
    return act_of(request, row.room, Act.MUTE, row.participant.key, seconds=seconds)
