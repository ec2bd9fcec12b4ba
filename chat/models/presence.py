"""Who is present: leases by the database's clock, not counters. The entries of a killed process expire."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final, NamedTuple

from django.db import models
from django.db.models import Case, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

LEASE: Final = timedelta(seconds=45)


class LeaseRow(NamedTuple):
    origin: str
    version: int
    is_expired: bool


class ProcessQuerySet(models.QuerySet["Process"]):
    def expired(self) -> "ProcessQuerySet":
        return self.filter(renewed_at__lt=Now() - LEASE)

    def leases(self) -> list[LeaseRow]:
        expired = When(renewed_at__lt=Now() - LEASE, then=Value(True))
        is_expired = Case(expired, default=False, output_field=models.BooleanField())
        rows = self.annotate(is_expired=is_expired).values_list("id", "version", "is_expired")
        return [LeaseRow(*row) for row in rows]


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

    def count_people(self, room_keys: Collection[str]) -> dict[str, int]:
        """How many people are in these rooms, each counted once; rooms without people are left out."""
        rows = self.filter(room_key__in=room_keys).values("room_key")
        counted = rows.annotate(count=models.Count("participant_key", distinct=True))
        return dict(counted.values_list("room_key", "count"))


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
