"""What a message said before it was edited."""

from typing import Final

from django.db import models
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from ..text import markup
from .message import Message

EARLIER_TEXTS_MAX: Final = 20  # of a message; the oldest go


class EarlierTextQuerySet(models.QuerySet["EarlierText"]):
    def keep(self, message: Message) -> None:
        """Keep what the message says now. To be called before its text changes, with its room locked."""
        texts = self.filter(message=message)
        number = (texts.aggregate(last=Max("number"))["last"] or 0) + 1
        written_at = message.edited_at or message.sent_at
        self.create(
            message=message, number=number, text=message.text, format=message.format, written_at=written_at
        )
        if number > EARLIER_TEXTS_MAX:
            texts.filter(number__lte=number - EARLIER_TEXTS_MAX).delete()


class EarlierText(models.Model):
    """It goes in the transaction in which the message's own text goes, or its author's name."""

    # Without a constraint in the database, which would keep a release that does not know this table from
    # deleting messages.
    message = models.ForeignKey(
        Message, models.CASCADE, related_name="earlier_texts", db_index=False, db_constraint=False
    )
    number = models.PositiveIntegerField(help_text=_("1: the text that was posted, if it is still kept."))
    text = models.TextField()
    format = models.PositiveSmallIntegerField(default=markup.PLAIN, db_default=markup.PLAIN)
    written_at = models.DateTimeField()

    objects = EarlierTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("earlier text")
        verbose_name_plural = _("earlier texts")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="earlier_text_once")]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def html(self) -> str:
        if self.format == markup.PLAIN:
            return markup.plain_html(self.text)
        return markup.rendered_anew(self.text).html
