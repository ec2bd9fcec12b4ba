"""What participants are in rooms. Roles and mutes change at /manage/<room>/people/."""

from django.contrib import admin

from chat.models import Membership

from .read_only import ReadOnlyAdmin, RoomColumn


@admin.register(Membership)
class MembershipAdmin(RoomColumn, ReadOnlyAdmin):
    list_display = ("in_room", "participant", "role", "muted_until")
    list_select_related = ("room", "participant")
    list_filter = ("role", ("muted_until", admin.EmptyFieldListFilter))
    search_fields = ("room__name", "participant__name")
    fields = ("room", "participant", "role", "muted_until", "seen", "last_posted_at")
    ordering = ("-pk",)
