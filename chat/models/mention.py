"""Whom a message names: what counts as a mention of somebody."""

from django.db import models
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext_lazy as _

from .message import Message
from .moderation import Block
from .participant import Participant
from .room import Room


class Kind(models.IntegerChoices):
    NAME = 0
    HERE = 1
    SILENT = 2  # of somebody who had blocked the author: it counts for nobody


class MentionQuerySet(models.QuerySet["Mention"]):
    def unread(self) -> "MentionQuerySet":
        """After the read mark of whom they name, and by nobody whom they block."""
        is_blocked = Block.objects.filter(
            participant=OuterRef("participant"), blocked_key=OuterRef("message__author__key")
        )
        return self.filter(
            ~Exists(is_blocked),
            room__memberships__participant=F("participant"),
            room__memberships__seen__lt=F("sequence"),
            kind__in=(Kind.NAME, Kind.HERE),
            message__deleted_at=None,
        )


class Mention(models.Model):
    """It goes in the transaction in which the message's text goes. What a message shows of its mentions is
    kept on the message itself."""

    # Without constraints in the database, which would keep a release that does not know this table from
    # deleting messages, people and rooms.
    message = models.ForeignKey(Message, models.CASCADE, related_name="+", db_constraint=False)
    participant = models.ForeignKey(
        Participant, models.CASCADE, related_name="mentions", db_index=False, db_constraint=False
    )
    room = models.ForeignKey(Room, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    sequence = models.BigIntegerField(_("place"))
    kind = models.PositiveSmallIntegerField(choices=Kind.choices, default=Kind.NAME)

    objects = MentionQuerySet.as_manager()

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [
            models.UniqueConstraint(fields=["participant", "room", "sequence"], name="mention_once")
        ]

    def __str__(self) -> str:
        return f"{self.participant} · {self.room} #{self.sequence}"
