"""The site's processes, who is connected to which, and the scheduled tasks."""

from django.contrib import admin

from chat.models import Connection, Process, ScheduledTask

from .read_only import ReadOnlyAdmin


@admin.register(Process)
class ProcessAdmin(ReadOnlyAdmin):
    list_display = ("id", "renewed_at", "version")


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = ("name", "room_key", "verified", "role", "address", "process")
    search_fields = ("name", "room_key", "address")


@admin.register(ScheduledTask)
class ScheduledTaskAdmin(ReadOnlyAdmin):
    list_display = ("name", "ran_at")
