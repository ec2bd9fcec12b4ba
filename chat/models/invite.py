"""Links that let people into a private room."""

from typing import Any

from django.core import signing
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .moderation import Ban
from .participant import Participant
from .room import Room

_signer = signing.Signer(salt="lobby.invite")


class InviteQuerySet(models.QuerySet["Invite"]):
    def open(self) -> "InviteQuerySet":
        """Usable, and not made by somebody who is banned from the whole site."""
        banned = Ban.objects.in_force().filter(room=None, participant_key=OuterRef("created_by__key"))
        return self._usable().filter(~Exists(banned))

    def _usable(self) -> "InviteQuerySet":
        """Not revoked, not expired (by the database's clock), not used up."""
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=Now()),
            Q(max_uses=None) | Q(uses__lt=F("max_uses")),
            revoked_at=None,
        )

    def revoke_of(self, participant_id: int, **where: Any) -> None:
        """End the links that somebody made: they no longer moderate whom they invite."""
        self.filter(created_by=participant_id, revoked_at=None, **where).update(revoked_at=Now())

    def of_token(self, token: str) -> "Invite | None":
        """The invite that a link's token names, open or not; None for a forged one."""
        try:
            name = _signer.unsign(token)
        except signing.BadSignature:
            return None
        pk = int(name.partition("-")[0])
        invite = self.filter(pk=pk).select_related("room").first()
        return invite if invite and invite.signed_name == name else None

    def use(self, invite: "Invite") -> bool:
        """Count one use, if the invite is open. Of two at once that want the last one, one gets it."""
        if not self.open().filter(pk=invite.pk).exists():
            return False
        # Of its own columns alone: PostgreSQL asks a subquery only once, before it waits for the row.
        return bool(self._usable().filter(pk=invite.pk).update(uses=F("uses") + 1))


class Invite(models.Model):
    """Its token is signed and not stored: whoever reads the database cannot enter with it."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="invites", verbose_name=_("room"))
    created_by = models.ForeignKey(
        Participant, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    max_uses = models.PositiveIntegerField(_("uses at most"), null=True, blank=True)
    uses = models.PositiveIntegerField(_("used"), default=0, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = InviteQuerySet.as_manager()

    class Meta:
        verbose_name = _("invite link")
        verbose_name_plural = _("invite links")

    def __str__(self) -> str:
        return f"{self.room} #{self.pk}"

    @property
    def token(self) -> str:
        """What the link carries after its `#`, which no server logs."""
        return _signer.sign(self.signed_name)

    @property
    def signed_name(self) -> str:
        """It has the time because a flush restarts the numbers: an old link must not open another room."""
        return f"{self.pk}-{self.created_at:%Y%m%d%H%M%S%f}"
