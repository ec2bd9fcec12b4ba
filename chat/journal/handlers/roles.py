"""Who is what in a room: moderators, members, the owner, and who follows an owner who is away."""

from typing import Final

from django.db.models.functions import Now

from ...access.permissions import may_enter
from ...models import Membership, Participant
from ...protocol.roles import Role
from ...protocol.text import Text
from ...protocol.text import mark as _
from ..sql import Person
from ..types import Done, Outcome, Refused, refused
from .actions import Deed
from .succession import may_be_succeeded
from .targets import Target

ADMITTED_MAX: Final = 100  # members of a room whom others made that, and who have never been there


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
    _step_down(deed, target, Role.MEMBER)
    return deed.done(_("%(name)s is no longer a moderator."), target)


def admit(deed: Deed, target: Target) -> Outcome:
    """Into a private room, without an invite link."""
    if target.standing.role is not Role.VISITOR:
        return deed.nothing_to_do(_("%(name)s is a member already."), target)
    waiting = Membership.objects.filter(room=deed.room.row.id, was_admitted=True, seen=0)
    if deed.draft.who and waiting.exclude(role=Role.VISITOR).count() >= ADMITTED_MAX:
        return refused("too_many.admitted", max=ADMITTED_MAX)
    _be(deed, target, Role.MEMBER)
    return deed.done(_("%(name)s is a member now."), target)


def dismiss(deed: Deed, target: Target) -> Outcome:
    """Out of a private room; in a public one it only takes the role."""
    if target.standing.role is Role.VISITOR:
        return deed.nothing_to_do(_("%(name)s is no member."), target)
    _step_down(deed, target, Role.VISITOR)
    return deed.done(_("%(name)s is no longer a member."), target)


def hand_over(deed: Deed, target: Target) -> Outcome:
    """An offer to one person at a time, good for 7 days: nobody is made an owner unasked, but by staff. The
    owner before becomes a moderator."""
    if target.standing.role is Role.OWNER:
        return deed.nothing_to_do(_("%(name)s owns this room already."), target)
    if target.standing.banned:
        return _is_banned(target)
    if deed.draft.who is None or (deed.actor and deed.actor.is_staff):
        _step_back(deed)
        _be(deed, target, Role.OWNER)
        return deed.done(_("%(name)s owns this room now."), target)
    if not may_enter(deed.room.state, target.standing):
        return refused("forbidden.cannot_enter", name=target.name)
    offers = Membership.objects.offered().filter(room=deed.room.row.id)
    if offers.filter(participant__key=target.key).exists():
        return deed.nothing_to_do(_("This room is offered to %(name)s already."), target)
    end_offers(deed)
    deed.writing.take_seat(deed.room, deed.needed_person(target), offered_at=Now())
    deed.room.access_changed()
    return deed.done(
        _("This room is offered to %(name)s, who can accept within 7 days."), target, act="offer"
    )


def accept(deed: Deed) -> Outcome:
    offers = Membership.objects.offered().filter(room=deed.room.row.id)
    if not deed.actor or not offers.filter(participant=deed.actor.id).exists():
        return refused("not_found.offer")
    return _become_owner(deed, deed.actor)


def decline(deed: Deed) -> Outcome:
    """Whom the room is offered says no; the owner takes the offer back."""
    offers = Membership.objects.offered().filter(room=deed.room.row.id)
    if not deed.writing.standing(deed.room, deed.draft).owns:
        offers = offers.filter(participant=deed.actor.id if deed.actor else None)
    if not offers.update(offered_at=None):
        return deed.nothing_to_do(_("There is no offer of this room."))
    deed.room.access_changed()
    return deed.done(_("The offer of this room has ended."))


def leave(deed: Deed) -> Outcome:
    """One's own act. An owner hands the room over first, or closes it: nobody loses a room by a slip."""
    person, row = deed.actor, deed.room.row
    role = deed.writing.seat(deed.room, person).role if person else Role.VISITOR
    if not person or role == Role.VISITOR:
        return deed.nothing_to_do(_("You are not a member of this room."))
    if role == Role.OWNER and not row.closed_at:
        return refused("forbidden.owner_leaves")
    deed.writing.step_down(deed.room, person, Role.VISITOR, seen=0, was_admitted=False)
    if role == Role.MEMBER and not (row.is_private or row.password):
        # It takes no right away. Every socket of a big room would be looked at for it, as often as anybody
        # likes: the next word makes them a member again.
        return Done(Text(_("You have left this room.")))
    deed.room.access_changed()
    return deed.done(_("You have left this room."))


def succeed(deed: Deed) -> Outcome:
    """A moderator takes the place of an owner who has been away for too long, or who is gone."""
    if not deed.actor or deed.writing.seat(deed.room, deed.actor).role != Role.MODERATOR:
        return refused("forbidden")
    if not may_be_succeeded(deed.room.row.id):
        return refused("forbidden.owner_not_away")
    return _become_owner(deed, deed.actor)


def _become_owner(deed: Deed, person: Person) -> Done:
    """In place of the owner before, who is named in the audit log."""
    before = _step_back(deed)
    deed.writing.take_seat(deed.room, person, role=Role.OWNER)
    deed.room.access_changed()
    return deed.done(_("You own this room now."), detail=before)


def _is_banned(target: Target) -> Refused:
    return refused("invalid.banned", name=target.name)


def _be(deed: Deed, target: Target, role: Role) -> None:
    values = {}
    if target.standing.role is Role.VISITOR:
        values["was_admitted"] = deed.draft.who is not None
    deed.writing.take_seat(deed.room, deed.needed_person(target), role=role, **values)
    deed.room.access_changed()


def _step_down(deed: Deed, target: Target, role: Role) -> None:
    deed.writing.step_down(deed.room, deed.needed_person(target), role)
    deed.room.access_changed()


def _step_back(deed: Deed) -> str:
    """Make the owner a moderator, and end every offer; gives the name, empty where there was none."""
    end_offers(deed)
    owned = Membership.objects.filter(room=deed.room.row.id, role=Role.OWNER)
    owner = Participant.objects.filter(memberships__in=owned).first()
    if owner is None:
        return ""
    owned.update(role=Role.MODERATOR)
    deed.writing.find_person(deed.room, owner.key)
    return owner.name


def end_offers(deed: Deed) -> None:
    Membership.objects.filter(room=deed.room.row.id, offered_at__isnull=False).update(offered_at=None)
