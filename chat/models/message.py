"""A message: its sequence, its last revision, its text and the text's HTML."""

import datetime

import msgspec
from django.db import models
from django.utils.translation import gettext_lazy as _

from .. import protocol
from ..protocol.limits import NAME_MAX, PAGE_SIZE
from ..text import markup
from .participant import Participant
from .room import Room


class MessageQuerySet(models.QuerySet["Message"]):
    def newest_page(self, room_id: int, limit: int = PAGE_SIZE) -> "MessageQuerySet":
        return self.filter(room_id=room_id).order_by("-sequence").select_related("author")[:limit]

    def page_before(self, room_id: int, sequence: int, limit: int = PAGE_SIZE) -> "MessageQuerySet":
        return self.filter(sequence__lt=sequence).newest_page(room_id, limit)

    def page_after(self, room_id: int, sequence: int, limit: int) -> "MessageQuerySet":
        """Oldest first, unlike the other pages."""
        rows = self.filter(room_id=room_id, sequence__gt=sequence)
        return rows.order_by("sequence").select_related("author")[:limit]

    def page_around(self, room_id: int, sequence: int, limit: int = PAGE_SIZE) -> "MessageQuerySet":
        """A message of the room with its neighbours. Places are dense: up to half of them are newer."""
        return self.page_before(room_id, sequence + (limit + 1) // 2, limit)

    def changed_after(self, room_id: int, revision: int, limit: int) -> "MessageQuerySet":
        rows = self.filter(room_id=room_id, revision__gt=revision)
        return rows.order_by("revision").select_related("author")[:limit]


class Message(models.Model):
    """A deleted message keeps its row and place, without its text."""

    room = models.ForeignKey(
        Room, models.CASCADE, related_name="messages", verbose_name=_("room"), db_index=False
    )
    sequence = models.BigIntegerField(_("place"), editable=False)
    revision = models.BigIntegerField(editable=False)
    author = models.ForeignKey(
        Participant, models.SET_NULL, null=True, related_name="messages", verbose_name=_("author")
    )
    author_name = models.CharField(_("said as"), max_length=NAME_MAX)
    author_verified = models.BooleanField(
        _("said by an account"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("When it was said."),
    )
    text = models.TextField(_("text"))
    html = models.TextField(editable=False)
    format = models.PositiveSmallIntegerField(
        default=markup.PLAIN,
        db_default=markup.PLAIN,
        editable=False,
        help_text=_("0: plain, 1: with markup."),
    )
    renderer = models.PositiveSmallIntegerField(
        default=0, db_default=0, editable=False, help_text=_("The version that made the HTML.")
    )
    client_id = models.UUIDField(editable=False)
    reply_to = models.BigIntegerField(_("answer to"), null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"))
    edited_at = models.DateTimeField(_("edited"), null=True, editable=False)
    edit_client_id = models.UUIDField(null=True, editable=False)
    edit_revision = models.BigIntegerField(null=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)
    reactions = models.JSONField(
        _("reactions"),
        null=True,
        editable=False,
        help_text=_(
            "What the message shows of them: [{emoji, count, names, ids}], names and ids 20 at most."
        ),
    )

    mentions = models.JSONField(
        _("mentions"), null=True, editable=False, help_text=_("Whom the text names: [{id, name}].")
    )
    files = models.JSONField(
        _("files"), null=True, editable=False, help_text=_("What the message shows of its files.")
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["room", "sequence"], name="message_place"),
            models.UniqueConstraint(fields=["room", "client_id"], name="message_once"),
        ]
        indexes = [models.Index(fields=["room", "revision"], name="message_changes")]

    def __str__(self) -> str:
        return f"{self.author_name}: {self.text[:60]}"

    @property
    def text_revision(self) -> int:
        """The revision of the last edit, or one after it; 0 where there was none. (Before `edit_revision` was
        kept, an edit left only a time.)"""
        if self.edit_revision is not None:
            return self.edit_revision
        return self.revision if self.edited_at else 0

    @property
    def current_html(self) -> str:
        """The HTML as today's renderer makes it. What is plain stays as it was made."""
        if self.format == markup.PLAIN or self.renderer == markup.VERSION or not self.text:
            return self.html
        return markup.rendered_anew(self.text).html

    @property
    def shown_files(self) -> list[protocol.File]:
        return msgspec.convert(self.files or [], list[protocol.File])

    @property
    def in_plain_text(self) -> str:
        return protocol.in_plain_text(self.text, self.shown_files)

    def delete_text(self, now: datetime.datetime) -> None:
        """Empty the message, keep its sequence. One that is deleted already keeps its time."""
        self.text, self.html, self.deleted_at = "", "", self.deleted_at or now
        self.reactions = self.mentions = self.files = None
