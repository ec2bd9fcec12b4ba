"""An emoji that somebody put under a message."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from .message import Message
from .participant import Participant

NAMES_SHOWN: Final = 20  # of those who put one emoji under a message, and their ids


class Reaction(models.Model):
    """Who reacted with what. What a message shows of them is kept on the message itself."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="+", db_index=False)
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="reactions")
    emoji = models.CharField(max_length=32)

    class Meta:
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")
        constraints = [
            models.UniqueConstraint(fields=["message", "emoji", "participant"], name="reaction_once")
        ]

    def __str__(self) -> str:
        return f"{self.emoji} {self.participant}"
