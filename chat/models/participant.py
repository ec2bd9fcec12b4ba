"""Anyone who can speak: a guest known by a signed cookie, or an account."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..protocol.ids import new_key
from ..protocol.limits import NAME_MAX
from ..text.confusables import skeleton
from ..text.invisible import JOINERS


def is_claimed(name: str, by: int | None = None) -> bool:
    """Whether an account, other than the participant `by` (id), has this name or one that looks like it."""
    holders = Participant.objects.filter(skeleton=skeleton(name), user__isnull=False)
    return holders.exclude(pk=by).exists() if by else holders.exists()


def unclaimed_name(name: str) -> str:
    """The name, with a number where an account has it: for names that nobody chose."""
    number = 1
    free = name
    while is_claimed(free):
        number += 1
        free = f"{name[: NAME_MAX - 4].rstrip(JOINERS + ' ')} {number}"
    return free


class Leaving(models.TextChoices):
    MESSAGES_STAY = "stay"
    MESSAGES_GO = "go"


class Participant(models.Model):
    """The row appears at the first explicit act (a post, a rename), never on a GET or a connect."""

    key = models.CharField(_("public id"), max_length=32, unique=True, default=new_key, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="participant",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=NAME_MAX)
    skeleton = models.CharField(
        max_length=160,
        default="",
        db_default="",
        editable=False,
        db_index=True,
        help_text=_("What the name looks like: two names with one skeleton can be taken for each other."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_seen_at = models.DateTimeField(_("last here"), null=True, editable=False)
    last_address = models.CharField(
        _("last address"), max_length=45, blank=True, db_default="", editable=False
    )

    verified_email = models.EmailField(
        blank=True,
        db_default="",
        editable=False,
        help_text=_("An address that the account has had and confirmed."),
    )
    leaving = models.CharField(
        max_length=4,
        choices=Leaving,
        blank=True,
        db_default="",
        editable=False,
        help_text=_("The account is being deleted: its messages stay or go."),
    )

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = [
            models.UniqueConstraint(
                fields=["skeleton"], condition=models.Q(user__isnull=False), name="accounts_look_different"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.skeleton = skeleton(self.name)
        super().save(*args, **kwargs)
