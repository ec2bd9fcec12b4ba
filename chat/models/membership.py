"""What a participant is in a room, and how far they have read it."""

import datetime
from typing import Final

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from ..protocol.roles import Role
from .participant import Participant
from .room import Room

ROLE_NAMES: Final = {
    Role.VISITOR: _("visitor"),
    Role.MEMBER: _("member"),
    Role.MODERATOR: _("moderator"),
    Role.OWNER: _("owner"),
}
OFFER_LASTS: Final = datetime.timedelta(days=7)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def offered(self) -> "MembershipQuerySet":
        """Those whom the owner offers the room, by the database's clock."""
        return self.filter(offered_at__gt=Now() - OFFER_LASTS)


class Membership(models.Model):
    """Made by the first message in a room (`member`), by an invitation, or by a read mark (`visitor`).

    The first speaker of a room is its `owner`; there is never more than one.
    """

    room = models.ForeignKey(Room, models.CASCADE, related_name="memberships", verbose_name=_("room"))
    participant = models.ForeignKey(
        Participant, models.CASCADE, related_name="memberships", verbose_name=_("participant"), db_index=False
    )
    role = models.CharField(_("role"), max_length=10, choices=list(ROLE_NAMES.items()), default=Role.VISITOR)
    seen = models.BigIntegerField(
        _("read up to"), default=0, editable=False, help_text=_("The read mark: a message's place.")
    )
    muted_until = models.DateTimeField(_("muted until"), null=True, blank=True)
    last_posted_at = models.DateTimeField(
        null=True, editable=False, help_text=_("Kept while the room is in slow mode.")
    )

    was_admitted = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text=_("Somebody else made them a member: they have not asked for it."),
    )
    offered_at = models.DateTimeField(
        null=True, editable=False, help_text=_("When the owner offered them the room.")
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["participant", "room"], name="membership_once"),
            models.UniqueConstraint(
                fields=["room"], condition=models.Q(role=Role.OWNER), name="one_owner_a_room"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} · {self.room} · {self.get_role_display()}"
