"""Moderation: bans, reports, blocks, and the audit log."""

from datetime import timedelta
from typing import Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .message import Message
from .participant import Participant
from .room import Room

KICK: Final = "kick"  # the reason of its ban
KICK_LASTS: Final = timedelta(minutes=1)
COPY_KEPT: Final = timedelta(days=30)  # of a reported text


class BanQuerySet(models.QuerySet["Ban"]):
    def in_force(self) -> "BanQuerySet":
        """By the database's clock."""
        return self.filter(Q(until=None) | Q(until__gt=Now()))


class Ban(models.Model):
    """Of a participant, of a network, or of both; in one room, or everywhere (`room` null, staff only).

    The participant is named by the public id, since who only looks on has no row.
    A kick is a ban of a minute.
    """

    room = models.ForeignKey(
        Room, models.CASCADE, related_name="bans", null=True, blank=True, verbose_name=_("room")
    )
    participant_key = models.CharField(_("public id"), max_length=32, blank=True, db_index=True)
    name = models.CharField(_("name"), max_length=40, blank=True, help_text=_("When the ban was made."))
    network = models.CharField(
        _("network"), max_length=50, blank=True, help_text=_("An address or a network, e.g. 203.0.113.7/32.")
    )
    until = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: for good."))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        Participant, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    objects = BanQuerySet.as_manager()

    class Meta:
        verbose_name = _("ban")
        verbose_name_plural = _("bans")

    def __str__(self) -> str:
        return self.name or self.participant_key or self.network

    @property
    def is_kick(self) -> bool:
        """A ban of a minute, made by a kick and not by somebody who typed that for a reason."""
        lasts = self.until - self.created_at if self.until else None
        return self.reason == KICK and lasts is not None and lasts < 2 * KICK_LASTS


class AuditEntry(models.Model):
    """One act of a moderator, the owner or staff. Never changed, never deleted but with its room."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="audit_log", verbose_name=_("room"))
    at = models.DateTimeField(_("when"), auto_now_add=True)
    actor = models.ForeignKey(
        Participant, models.SET_NULL, null=True, related_name="+", verbose_name=_("by (participant)")
    )
    actor_name = models.CharField(_("by"), max_length=40)
    act = models.CharField(_("act"), max_length=20)
    target_key = models.CharField(_("whom (public id)"), max_length=32, blank=True)
    target_name = models.CharField(_("whom"), max_length=40, blank=True)
    detail = models.CharField(_("detail"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("act")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]
        indexes = [models.Index(fields=["room", "-id"], name="audit_of_room")]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.act} {self.target_name}".strip()


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> "ReportQuerySet":
        """Not settled, and there is something to look at: the message, or the report's copy of its text."""
        return self.filter(~Q(text="") | Q(message__deleted_at=None), resolved_at=None)

    def settle(self, by: int | None) -> None:
        """`by`: the participant (id) who did; None: the system."""
        self.filter(resolved_at=None).update(resolved_at=Now(), resolved_by=by)

    def drop_old_copies(self) -> None:
        self.filter(text_at__lt=Now() - COPY_KEPT).update(text="", text_at=None)


class Report(models.Model):
    """A message that somebody asks the moderators to look at. Once a person and message."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="reports", verbose_name=_("message"))
    reporter = models.ForeignKey(Participant, models.CASCADE, related_name="+", verbose_name=_("by"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    text = models.TextField(
        _("text"), blank=True, default="", db_default="", help_text=_("When it was reported; for 30 days.")
    )
    text_at = models.DateTimeField(_("text of"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("settled"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        Participant, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("settled by")
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [models.UniqueConstraint(fields=["message", "reporter"], name="report_once")]

    def __str__(self) -> str:
        return f"{self.reporter}: {self.reason[:60]}"


class Block(models.Model):
    """What one participant does not want to read of another. Nobody else learns of it."""

    participant = models.ForeignKey(Participant, models.CASCADE, related_name="blocks", db_index=False)
    blocked_key = models.CharField(_("public id"), max_length=32)

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [models.UniqueConstraint(fields=["participant", "blocked_key"], name="block_once")]

    def __str__(self) -> str:
        return f"{self.participant} ✕ {self.blocked_key}"
