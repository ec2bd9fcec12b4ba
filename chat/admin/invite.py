"""Invite links. They are made and revoked at /manage/<room>/invites/."""

from django.contrib import admin

from chat.models import Invite

from .read_only import ReadOnlyAdmin


@admin.register(Invite)
class InviteAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "created_by", "created_at", "expires_at", "max_uses", "uses", "revoked_at")
    list_select_related = ("room", "created_by")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("room__name", "created_by__name")
    ordering = ("-pk",)
