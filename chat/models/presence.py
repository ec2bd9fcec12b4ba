"""Who is here: leases by the database's clock, not counters. A killed process's people go by themselves."""

from datetime import timedelta
from typing import Final

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

LEASE: Final = timedelta(seconds=45)


class ProcessQuerySet(models.QuerySet["Process"]):
    def gone(self) -> "ProcessQuerySet":
        """Those whose lease has run out."""
        return self.filter(renewed_at__lt=Now() - LEASE)


class Process(models.Model):
    """A running process. Its lease is that of all its connections: one write renews them all."""

    id = models.CharField(max_length=16, primary_key=True)
    renewed_at = models.DateTimeField(_("renewed"))
    version = models.BigIntegerField(default=0, help_text=_("Grows with each change of who is here."))

    objects = ProcessQuerySet.as_manager()

    class Meta:
        verbose_name = _("process")
        verbose_name_plural = _("processes")

    def __str__(self) -> str:
        return self.id


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def live(self) -> "ConnectionQuerySet":
        """Those of processes whose lease is good."""
        return self.filter(process__renewed_at__gte=Now() - LEASE)


class Connection(models.Model):
    """A participant in a room through a process, however many tabs. Gone with the process's lease."""

    process = models.ForeignKey(Process, models.CASCADE, related_name="connections", db_index=False)
    room_key = models.CharField(_("folded name of the room"), max_length=255)
    participant_key = models.CharField(_("public id"), max_length=32)
    name = models.CharField(_("name"), max_length=40)
    verified = models.BooleanField(_("account"), default=False)
    role = models.CharField(_("role"), max_length=10, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        constraints = [
            models.UniqueConstraint(fields=["process", "room_key", "participant_key"], name="connection_once")
        ]
        indexes = [
            models.Index(fields=["room_key"], name="connection_room"),
            models.Index(fields=["participant_key"], name="connection_participant"),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.room_key}"
