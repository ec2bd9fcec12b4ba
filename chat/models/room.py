"""A room is a URL: its name, its two counters, and their epoch."""

import datetime
from operator import attrgetter
from typing import Final

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..protocol.ids import new_epoch
from ..protocol.limits import ROOM_KEY_MAX, ROOM_NAME_MAX


class FilterAction(models.TextChoices):
    MASK = "mask", _("mask the words")
    REJECT = "reject", _("refuse the message")


NEW_FOR: Final = datetime.timedelta(hours=1)
LOOKED_AMONG: Final = 1000  # rooms


class RoomQuerySet(models.QuerySet["Room"]):
    def listed(self) -> "RoomQuerySet":
        """Those that everybody finds, the one talked in last first: none that is private, hidden or closed or
        has a password."""
        listed = self.filter(is_private=False, is_hidden=False, closed_at=None, password="")
        return listed.filter(last_posted_at__isnull=False).order_by("-last_posted_at")

    def recently_talked_in(self, limit: int = 20) -> "list[Room]":
        """The rooms of the index. Rooms that are new take no more than half of the places from the others:
        whoever opens many hides nobody's."""
        listed = self.listed()
        newest, since = list(listed[:limit]), timezone.now() - NEW_FOR
        new = [room for room in newest if room.created_at > since]
        if len(new) <= limit // 2:
            return newest
        others = list(listed.filter(created_at__lte=since)[: limit // 2])
        return sorted([*new[: limit - len(others)], *others], key=attrgetter("last_posted_at"), reverse=True)

    def find_names(self, key: str, limit: int = 8) -> list[str]:
        """Of the rooms that everybody finds: the name of the one with this key, then of those with a key that
        contains it, among the 1,000 talked in last."""
        if not key:
            return []
        newest = self.listed().values("pk")[:LOOKED_AMONG]
        like = Room.objects.filter(pk__in=newest, key__contains=key).exclude(key=key)
        called_so = self.listed().filter(key=key).values_list("name", flat=True)
        return [*called_so, *like.order_by("-last_posted_at").values_list("name", flat=True)[:limit]][:limit]


class Room(models.Model):
    """Created by its first message. Only the journal moves the counters, under the row's lock."""

    name = models.CharField(_("name"), max_length=ROOM_NAME_MAX, help_text=_("As it was first written."))
    key = models.CharField(_("folded name"), max_length=ROOM_KEY_MAX, unique=True, editable=False)
    topic = models.CharField(_("topic"), max_length=250, blank=True)
    epoch = models.CharField(max_length=16, default=new_epoch, editable=False)
    sequence = models.BigIntegerField(_("messages"), default=0, editable=False)
    revision = models.BigIntegerField(default=0, editable=False)
    room_revision = models.BigIntegerField(
        default=0, editable=False, help_text=_("Revision of the room's own last change.")
    )
    access_revision = models.BigIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text=_("Revision of the last change of who may what: open sockets are looked at again."),
    )
    purged_through = models.BigIntegerField(
        _("removed up to"),
        default=0,
        db_default=0,
        editable=False,
        help_text=_("The place of the last message that retention removed."),
    )
    pinned = models.BigIntegerField(
        _("pinned message"), null=True, blank=True, help_text=_("The place of the message.")
    )
    is_private = models.BooleanField(
        _("private"), default=False, db_default=False, help_text=_("Entered by an invite link.")
    )
    password = models.CharField(
        max_length=128, blank=True, db_default="", editable=False, help_text=_("Hashed.")
    )
    is_read_only = models.BooleanField(
        _("read-only"), default=False, db_default=False, help_text=_("Only the owner and moderators talk.")
    )
    uploads = models.BooleanField(
        _("files"), default=True, db_default=True, help_text=_("Messages may have files.")
    )
    slow_mode = models.PositiveIntegerField(
        _("slow mode"),
        default=0,
        db_default=0,
        help_text=_("Seconds between two messages of one person; 0: off."),
    )
    retention_days = models.PositiveIntegerField(
        _("retention"), null=True, blank=True, help_text=_("Days until a message is removed; empty: never.")
    )
    is_hidden = models.BooleanField(
        _("hidden"),
        default=False,
        db_default=False,
        help_text=_("Not in the list of rooms; open to whoever knows its address."),
    )
    is_indexed = models.BooleanField(
        _("found by search engines"),
        default=False,
        db_default=False,
        help_text=_("They may list the room and what is said in it, as long as everybody may enter."),
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    filter_words = models.TextField(
        _("word filter"), blank=True, db_default="", help_text=_("One word or phrase a line.")
    )
    filter_action = models.CharField(
        _("what the filter does"),
        max_length=6,
        choices=FilterAction.choices,
        default=FilterAction.MASK,
        db_default=FilterAction.MASK,
    )
    succession_days = models.PositiveIntegerField(
        _("succession"),
        null=True,
        blank=True,
        help_text=_(
            "Days of the owner's absence after which a moderator may succeed; empty: the site's own."
        ),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_posted_at = models.DateTimeField(_("last message"), null=True, editable=False)
    here_at = models.DateTimeField(null=True, editable=False, help_text=_("When the last @here was posted."))

    objects = RoomQuerySet.as_manager()

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        indexes = [models.Index(fields=["-last_posted_at"], name="room_recent")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("room", args=[self.name])
