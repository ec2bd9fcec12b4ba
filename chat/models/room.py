"""A room is a URL: its name, its two counters, and the life they belong to."""

import secrets
import unicodedata
from hashlib import blake2b

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chat.limits import ROOM_KEY_MAX, ROOM_NAME_MAX

from .visible import is_blank, without_ignorable

NAME_PUNCTUATION = frozenset(" -_.'&+!()")


def new_epoch() -> str:
    return secrets.token_hex(8)


def clean_room_name(raw: str) -> str:
    """The name as it is written (NFC), or ValidationError with the reason for people.

    Letters, marks and digits of any script, inner spaces and `-_.'&+!()`; not dots alone; 1 to 80
    code points.
    """
    name = unicodedata.normalize("NFC", raw)
    if not name:
        raise ValidationError(_("A room needs a name."))
    if len(name) > ROOM_NAME_MAX:
        raise ValidationError(
            _("A room's name has at most %(max)d characters."),
            params={"max": ROOM_NAME_MAX},
        )
    if name != name.strip(" "):
        raise ValidationError(_("A room's name does not begin or end with a space."))
    if not name.strip("."):
        raise ValidationError(_("A room's name is not made of dots alone."))
    if not all(c in NAME_PUNCTUATION or unicodedata.category(c)[0] in "LMN" for c in name):
        raise ValidationError(_("A room's name is made of letters, digits, spaces and - _ . ' & + ! ( )"))
    if is_blank(fold_room_name(name)):
        raise ValidationError(_("A room needs a name that can be seen."))
    if len(fold_room_name(name)) > ROOM_KEY_MAX:
        raise ValidationError(_("This room's name is too long when written out."))
    return name


def fold_room_name(name: str) -> str:
    """The key by which names are compared: Unicode's NFKC casefold, so `Café` and `CAFÉ` are one room, and so
    are two names that look the same because they differ in what cannot be seen."""
    folded = unicodedata.normalize("NFKC", without_ignorable(name)).casefold()
    return without_ignorable(unicodedata.normalize("NFKC", folded))


def group_of(key: str) -> str:
    """The room's group on the channel layer. A digest: group names allow few characters, rooms many."""
    return f"room.{blake2b(key.encode(), digest_size=16).hexdigest()}"


class RoomQuerySet(models.QuerySet["Room"]):
    def recently_talked_in(self, limit: int = 20) -> "RoomQuerySet":
        return self.filter(last_posted_at__isnull=False).order_by("-last_posted_at")[:limit]


class Room(models.Model):
    """Created by its first message. Only the journal moves the counters, under the row's lock."""

    name = models.CharField(_("name"), max_length=ROOM_NAME_MAX, help_text=_("As it was first written."))
    key = models.CharField(_("folded name"), max_length=ROOM_KEY_MAX, unique=True, editable=False)
    topic = models.CharField(_("topic"), max_length=250, blank=True)
    epoch = models.CharField(max_length=16, default=new_epoch, editable=False)
    sequence = models.BigIntegerField(_("messages"), default=0, editable=False)
    revision = models.BigIntegerField(default=0, editable=False)
    room_revision = models.BigIntegerField(
        default=0,
        editable=False,
        help_text=_("Revision of the room's own last change."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_posted_at = models.DateTimeField(_("last message"), null=True, editable=False)

    objects = RoomQuerySet.as_manager()

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        indexes = [models.Index(fields=["-last_posted_at"], name="room_recent")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("room", args=[self.name])
