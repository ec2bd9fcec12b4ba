"""Roles in a room: moderators, members, the owner, and who succeeds an owner who is away."""

from typing import Final

from django.db.models.functions import Now

from ...access.lookup import Person
from ...access.permissions import may_enter
from ...models import Membership, Participant
from ...protocol.roles import Role
from ...protocol.text import Text
from ...protocol.text import mark as _
from ..types import Done, Outcome, Refused, refused
from .actions import ModerationAction
from .succession import may_be_succeeded
from .targets import Target

ADMITTED_MAX: Final = 100  # members of a room whom others made that, and who have never been there


def promote(action: ModerationAction, target: Target) -> Outcome:
    if target.permissions.role is Role.MODERATOR:
        return action.nothing_to_do(_("%(name)s is already a moderator."), target)
    if target.permissions.banned:
        return _is_banned(target)
    _set_role(action, target, Role.MODERATOR)
    return action.done(_("%(name)s is now a moderator."), target)


def demote(action: ModerationAction, target: Target) -> Outcome:
    if target.permissions.role is not Role.MODERATOR:
        return action.nothing_to_do(_("%(name)s is not a moderator."), target)
    _reduce_role(action, target, Role.MEMBER)
    return action.done(_("%(name)s is no longer a moderator."), target)


def admit(action: ModerationAction, target: Target) -> Outcome:
    """Let somebody into a private room without an invite link."""
    if target.permissions.role is not Role.VISITOR:
        return action.nothing_to_do(_("%(name)s is already a member."), target)
    waiting = Membership.objects.filter(room=action.room.row.id, was_admitted=True, seen=0)
    if action.request.who and waiting.exclude(role=Role.VISITOR).count() >= ADMITTED_MAX:
        return refused("too_many.admitted", max=ADMITTED_MAX)
    _set_role(action, target, Role.MEMBER)
    return action.done(_("%(name)s is now a member."), target)


def dismiss(action: ModerationAction, target: Target) -> Outcome:
    """Remove somebody from a private room; in a public one it only ends the membership."""
    if target.permissions.role is Role.VISITOR:
        return action.nothing_to_do(_("%(name)s is not a member."), target)
    _reduce_role(action, target, Role.VISITOR)
    return action.done(_("%(name)s is no longer a member."), target)


def hand_over(action: ModerationAction, target: Target) -> Outcome:
    """Offer the room to one person at a time, for 7 days. Staff make somebody the owner at once; the previous
    owner becomes a moderator."""
    if target.permissions.role is Role.OWNER:
        return action.nothing_to_do(_("%(name)s already owns this room."), target)
    if target.permissions.banned:
        return _is_banned(target)
    if action.request.who is None or (action.actor and action.actor.is_staff):
        _demote_owner(action)
        _set_role(action, target, Role.OWNER)
        return action.done(_("%(name)s now owns this room."), target)
    if not may_enter(action.room.state, target.permissions):
        return refused("forbidden.cannot_enter", name=target.name)
    offers = Membership.objects.offered().filter(room=action.room.row.id)
    if offers.filter(participant__key=target.key).exists():
        return action.nothing_to_do(_("This room has already been offered to %(name)s."), target)
    end_offers(action)
    action.transaction.set_membership(action.room, action.participant_row(target), offered_at=Now())
    action.room.access_changed()
    return action.done(
        _("This room has been offered to %(name)s, who has 7 days to accept."), target, act="offer"
    )


def accept(action: ModerationAction) -> Outcome:
    offers = Membership.objects.offered().filter(room=action.room.row.id)
    if not action.actor or not offers.filter(participant=action.actor.id).exists():
        return refused("not_found.offer")
    return _become_owner(action, action.actor)


def decline(action: ModerationAction) -> Outcome:
    """Decline an offer; the owner withdraws it in the same way."""
    offers = Membership.objects.offered().filter(room=action.room.row.id)
    if not action.permissions.owns:
        offers = offers.filter(participant=action.actor.id if action.actor else None)
    if not offers.update(offered_at=None):
        return action.nothing_to_do(_("This room has not been offered to anyone."))
    action.room.access_changed()
    return action.done(_("The offer has ended."))


def leave(action: ModerationAction) -> Outcome:
    """Leave the room. An owner has to hand it over or close it first, so that no room is lost by mistake."""
    person, row = action.actor, action.room.row
    role = action.transaction.membership(action.room, person).role if person else Role.VISITOR
    if not person or role == Role.VISITOR:
        return action.nothing_to_do(_("You are not a member of this room."))
    if role == Role.OWNER and not row.closed_at:
        return refused("forbidden.owner_leaves")
    action.transaction.reduce_role(action.room, person, Role.VISITOR, seen=0, was_admitted=False)
    if role == Role.MEMBER and not (row.is_private or row.password):
        # It takes away no right, and the next post makes them a member again. With a new access revision
        # every process would check all sockets of the room, as often as anybody likes.
        return Done(Text(_("You have left this room.")))
    action.room.access_changed()
    return action.done(_("You have left this room."))


def succeed(action: ModerationAction) -> Outcome:
    """A moderator takes the place of an owner who has been away for too long, or who is gone."""
    if not action.actor or action.transaction.membership(action.room, action.actor).role != Role.MODERATOR:
        return refused("forbidden")
    if not may_be_succeeded(action.room.row.id):
        return refused("forbidden.owner_not_away")
    return _become_owner(action, action.actor)


def _become_owner(action: ModerationAction, person: Person) -> Done:
    """The audit log names the previous owner."""
    before = _demote_owner(action)
    action.transaction.set_membership(action.room, person, role=Role.OWNER)
    action.room.access_changed()
    return action.done(_("You now own this room."), detail=before)


def _is_banned(target: Target) -> Refused:
    return refused("invalid.banned", name=target.name)


def _set_role(action: ModerationAction, target: Target, role: Role) -> None:
    values = {}
    if target.permissions.role is Role.VISITOR:
        values["was_admitted"] = action.request.who is not None
    action.transaction.set_membership(action.room, action.participant_row(target), role=role, **values)
    action.room.access_changed()


def _reduce_role(action: ModerationAction, target: Target, role: Role) -> None:
    action.transaction.reduce_role(action.room, action.participant_row(target), role)
    action.room.access_changed()


def _demote_owner(action: ModerationAction) -> str:
    """Make the owner a moderator and end every offer. Gives the owner's name, empty if there was none."""
    end_offers(action)
    owned = Membership.objects.filter(room=action.room.row.id, role=Role.OWNER)
    owner = Participant.objects.filter(memberships__in=owned).first()
    if owner is None:
        return ""
    owned.update(role=Role.MODERATOR)
    action.transaction.find_person(action.room, owner.key)
    return owner.name


def end_offers(action: ModerationAction) -> None:
    Membership.objects.filter(room=action.room.row.id, offered_at__isnull=False).update(offered_at=None)
