"""How somebody becomes a member by what they brought: a room's password or an invite link."""

from ..access.identity import Identity
from ..models import Membership, Participant, Room
from ..models.participant import unclaimed_name
from ..protocol.roles import Role


def make_member(room: Room, who: Identity) -> bool:
    """Make somebody a member, with a participant's row if they have none. False if they were one already.

    Of two requests at once only one is told that it made a member.
    """
    membership, is_new = Membership.objects.get_or_create(
        room=room, participant=_row_of(who), defaults={"role": Role.MEMBER}
    )
    if is_new:
        return True
    raised = Membership.objects.filter(pk=membership.pk, role=Role.VISITOR).update(
        role=Role.MEMBER, was_admitted=False
    )
    return bool(raised)


def _row_of(who: Identity) -> Participant:
    row = Participant.objects.filter(key=who.key).first()
    if row:
        return row
    name = unclaimed_name(who.name)
    if who.user_id:
        return Participant.objects.get_or_create(
            user_id=who.user_id, defaults={"key": who.key, "name": name}
        )[0]
    return Participant.objects.get_or_create(key=who.key, defaults={"name": name})[0]
