"""Who is what in a room: moderators, members, the owner, and who follows an owner who is away."""

from django.utils.translation import gettext as _

from ..drafts import Outcome, Refused
from ..models import Membership, Participant, Role
from .deeds import Deed
from .refusals import refused
from .succession import may_be_succeeded
from .targets import Target


def promote(deed: Deed, target: Target) -> Outcome:
    if target.standing.role is Role.MODERATOR:
        return deed.nothing_to_do(_("%(name)s is a moderator already."), target)
    if target.standing.banned:
        return _is_banned(target)
    _be(deed, target, Role.MODERATOR)
    return deed.done(_("%(name)s is a moderator now."), target)


def demote(deed: Deed, target: Target) -> Outcome:
    if target.standing.role is not Role.MODERATOR:
        return deed.nothing_to_do(_("%(name)s is no moderator."), target)
    _be(deed, target, Role.MEMBER)
    return deed.done(_("%(name)s is no longer a moderator."), target)


def admit(deed: Deed, target: Target) -> Outcome:
    """Into a private room, without an invite link."""
    if target.standing.role is not Role.VISITOR:
        return deed.nothing_to_do(_("%(name)s is a member already."), target)
    _be(deed, target, Role.MEMBER)
    return deed.done(_("%(name)s is a member now."), target)


def dismiss(deed: Deed, target: Target) -> Outcome:
    """Out of a private room; in a public one it only takes the role."""
    if target.standing.role is Role.VISITOR:
        return deed.nothing_to_do(_("%(name)s is no member."), target)
    _be(deed, target, Role.VISITOR)
    return deed.done(_("%(name)s is no longer a member."), target)


def hand_over(deed: Deed, target: Target) -> Outcome:
    """The owner before becomes a moderator."""
    if target.standing.role is Role.OWNER:
        return deed.nothing_to_do(_("%(name)s owns this room already."), target)
    if target.standing.banned:
        return _is_banned(target)
    _step_back(deed)
    _be(deed, target, Role.OWNER)
    return deed.done(_("%(name)s owns this room now."), target)


def succeed(deed: Deed) -> Outcome:
    """A moderator takes the place of an owner who has been away for too long, or who is gone."""
    if not deed.actor or deed.writing.seat(deed.room, deed.actor).role != Role.MODERATOR:
        return refused("forbidden")
    if not may_be_succeeded(deed.room.row.id):
        return Refused("forbidden", _("The owner has not been away for long enough."))
    before = _step_back(deed)
    deed.writing.take_seat(deed.room, deed.actor, role=Role.OWNER)
    deed.room.access_changed()
    return deed.done(_("You own this room now."), detail=before)


def _is_banned(target: Target) -> Refused:
    return Refused("invalid", _("%(name)s is banned from this room.") % {"name": target.name})


def _be(deed: Deed, target: Target, role: Role) -> None:
    deed.writing.take_seat(deed.room, deed.needed_person(target), role=role)
    deed.room.access_changed()


def _step_back(deed: Deed) -> str:
    """Make the owner a moderator; gives the name, empty where there was none."""
    owned = Membership.objects.filter(room=deed.room.row.id, role=Role.OWNER)
    owner = Participant.objects.filter(memberships__in=owned).first()
    if owner is None:
        return ""
    owned.update(role=Role.MODERATOR)
    deed.writing.find_person(deed.room, owner.key)
    return owner.name
