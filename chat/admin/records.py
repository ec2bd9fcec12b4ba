"""Read-only rows. What can be changed of them is changed in rooms and under /manage/."""

from django.contrib import admin
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from chat import models

from .read_only import ReadOnlyAdmin, RoomColumn

TEXT_SHOWN = 200  # characters, in the list


@admin.register(models.Message)
class MessageAdmin(RoomColumn, ReadOnlyAdmin):
    list_display = ("in_room", "sequence", "author_name", "short_text", "sent_at", "edited_at", "deleted_at")
    list_select_related = ("room",)
    list_filter = (("deleted_at", admin.EmptyFieldListFilter),)
    search_fields = ("text", "author_name", "room__name")
    fields = (
        "room",
        "sequence",
        "revision",
        "author",
        "author_name",
        "text",
        "reply_to",
        "sent_at",
        "edited_at",
        "deleted_at",
    )
    ordering = ("-id",)

    @admin.display(description=_("text"))
    def short_text(self, message: models.Message) -> str:
        return Truncator(message.text).chars(TEXT_SHOWN)


@admin.register(models.Reaction)
class ReactionAdmin(ReadOnlyAdmin):
    list_display = ("emoji", "participant", "message")
    list_select_related = ("participant", "message")
    search_fields = ("participant__name", "message__room__name")


@admin.register(models.Membership)
class MembershipAdmin(RoomColumn, ReadOnlyAdmin):
    list_display = ("in_room", "participant", "role", "muted_until")
    list_select_related = ("room", "participant")
    list_filter = ("role", ("muted_until", admin.EmptyFieldListFilter))
    search_fields = ("room__name", "participant__name")
    fields = ("room", "participant", "role", "muted_until", "seen", "last_posted_at")
    ordering = ("-pk",)


@admin.register(models.Invite)
class InviteAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "created_by", "created_at", "expires_at", "max_uses", "uses", "revoked_at")
    list_select_related = ("room", "created_by")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("room__name", "created_by__name")
    ordering = ("-pk",)


@admin.register(models.AuditEntry)
class AuditEntryAdmin(RoomColumn, ReadOnlyAdmin):
    list_display = ("at", "in_room", "actor_name", "act", "target_name", "detail")
    list_select_related = ("room",)
    list_filter = ("act",)
    search_fields = ("room__name", "actor_name", "target_name", "target_key", "detail")
    date_hierarchy = "at"


@admin.register(models.Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "message", "reporter", "reason", "resolved_at", "resolved_by")
    list_select_related = ("message", "reporter", "resolved_by")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter),)
    search_fields = ("reason", "message__text", "message__room__name", "reporter__name")
    ordering = ("-pk",)


@admin.register(models.Block)
class BlockAdmin(ReadOnlyAdmin):
    list_display = ("participant", "blocked_key")
    list_select_related = ("participant",)
    search_fields = ("participant__name", "blocked_key")


@admin.register(models.Process)
class ProcessAdmin(ReadOnlyAdmin):
    list_display = ("id", "renewed_at", "version")


@admin.register(models.Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = ("name", "room_key", "verified", "role", "address", "process")
    search_fields = ("name", "room_key", "address")


@admin.register(models.ScheduledTask)
class ScheduledTaskAdmin(ReadOnlyAdmin):
    list_display = ("name", "ran_at")
