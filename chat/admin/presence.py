"""Who is here and through which process, and the scheduled tasks: to look at."""

from django.contrib import admin

from chat.models import Connection, Process, ScheduledTask

from .writing import LookedAt


@admin.register(Process)
class ProcessAdmin(LookedAt):
    list_display = ("id", "renewed_at", "version")


@admin.register(Connection)
class ConnectionAdmin(LookedAt):
    list_display = ("name", "room_key", "verified", "role", "address", "process")
    search_fields = ("name", "room_key", "address")


@admin.register(ScheduledTask)
class ScheduledTaskAdmin(LookedAt):
    list_display = ("name", "ran_at")
