"""How somebody becomes a member by a room's password or an invite link."""

from ..access.identity import Identity
from ..models import Membership, Participant, Room
from ..models.participant import unclaimed_name
from ..protocol.roles import Role


def make_member(room: Room, who: Identity) -> bool:
    """Make somebody a member, with a participant's row if they have none. False if they were one already.

    Of two requests at once only one gets True.
    """
    membership, is_new = Membership.objects.get_or_create(
        room=room, participant=row_of(who), defaults={"role": Role.MEMBER}
    )
    if is_new:
        return True
    raised = Membership.objects.filter(pk=membership.pk, role=Role.VISITOR).update(
        role=Role.MEMBER, was_admitted=False
    )
    return bool(raised)


def row_of(who: Identity) -> Participant:
    """The participant's row, created if there is none."""
    known = {"user_id": who.user_id} if who.user_id else {"key": who.key}
    if row := Participant.objects.filter(**known).first():
        return row
    defaults = {"key": who.key, "name": unclaimed_name(who.name)}
    return Participant.objects.get_or_create(**known, defaults=defaults)[0]
