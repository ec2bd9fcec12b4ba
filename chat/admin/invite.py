"""Invite links: read and revoked. They are made on the room's page, where the link is shown."""

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from chat.models import AuditEntry, Invite

from .writing import LookedAt


@admin.register(Invite)
class InviteAdmin(LookedAt):
    list_display = ("__str__", "created_by", "created_at", "expires_at", "max_uses", "uses", "revoked_at")
    list_select_related = ("room", "created_by")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("room__name", "created_by__name")
    ordering = ("-pk",)
    actions = ("revoke",)

    @admin.action(description=gettext_lazy("Revoke the links"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invite]) -> None:
        for invite in queryset.filter(revoked_at=None).select_related("room"):
            if Invite.objects.filter(pk=invite.pk, revoked_at=None).update(revoked_at=Now()):
                AuditEntry.objects.create(
                    room=invite.room,
                    actor_name=request.user.get_username()[:40],
                    act="revoke",
                    detail=f"#{invite.pk}",
                )

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("chat.change_invite")
