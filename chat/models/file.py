"""A file that somebody uploads: promised, then stored, then part of a message, until it is removed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..protocol.ids import new_file_key
from ..protocol.limits import ALT_MAX, FILE_NAME_MAX, ROOM_KEY_MAX
from .message import Message


class FileState(models.IntegerChoices):
    PROMISED = 0, _("promised")  # its size counts, its bytes have not come
    STORED = 1, _("stored")
    REMOVED = 2, _("removed")  # nobody is shown it; the sweep deletes its bytes, then the row


class FileKind(models.TextChoices):
    IMAGE = "image", _("image")
    AUDIO = "audio", _("audio")
    VIDEO = "video", _("video")
    OTHER = "file", _("file")


class File(models.Model):
    """It belongs to who uploaded it until a message takes it. Neither the room nor the uploader need have a
    row, so both are named by their keys."""

    key = models.CharField(_("public id"), max_length=32, unique=True, default=new_file_key, editable=False)
    room_key = models.CharField(_("room"), max_length=ROOM_KEY_MAX, editable=False)
    owner_key = models.CharField(_("uploaded by"), max_length=32, editable=False)
    network = models.CharField(
        max_length=45, blank=True, editable=False, help_text=_("Of the uploader, for the quota of a day.")
    )
    # No constraint: a release that does not know this table can still delete messages. The sweep removes what
    # is left without its message.
    message = models.ForeignKey(
        Message, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, editable=False
    )
    position = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text=_("Among the message's files.")
    )
    name = models.CharField(_("name"), max_length=FILE_NAME_MAX, editable=False)
    size = models.PositiveIntegerField(
        _("size"), editable=False, help_text=_("Bytes as stored; while promised, as declared.")
    )
    type = models.CharField(
        _("type"), max_length=40, blank=True, editable=False, help_text=_("MIME, decided from the content.")
    )
    kind = models.CharField(_("kind"), max_length=5, choices=FileKind, default=FileKind.OTHER, editable=False)
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    preview = models.CharField(
        max_length=500, blank=True, editable=False, help_text=_("A data URI of 16 pixels.")
    )
    alt = models.CharField(_("description"), max_length=ALT_MAX, blank=True, editable=False)
    state = models.PositiveSmallIntegerField(
        _("state"), choices=FileState, default=FileState.PROMISED, editable=False
    )
    stored_as = models.CharField(
        max_length=64, blank=True, editable=False, help_text=_("Its name in the storage.")
    )
    thumbnail_as = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    removed_at = models.DateTimeField(_("removed"), null=True, editable=False)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = [
            # The sums of the quotas are read from the indexes alone.
            models.Index(fields=["owner_key", "size"], name="file_of_owner"),
            models.Index(fields=["room_key", "size"], name="file_of_room"),
            models.Index(fields=["network", "created_at", "size"], name="file_of_network"),
            models.Index(
                fields=["created_at"], condition=models.Q(message=None), name="file_without_message"
            ),
            models.Index(
                fields=["removed_at"], condition=models.Q(removed_at__isnull=False), name="file_removed"
            ),
        ]

    def __str__(self) -> str:
        return self.name
