"""Who stands before the door of a room with a request: what a page asks before it shows anything of it."""

from dataclasses import dataclass
from math import inf

from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from ..access.client_address import address_of_request
from ..access.identity import Identity, identity_of, remember_guest
from ..access.lookup import Asked, is_in, look_up
from ..access.permissions import Standing, may_enter
from ..journal.selectors import room_state
from ..models import Ban, Membership, Participant, Role, Room
from ..models.participant import unclaimed_name
from ..models.room import fold_room_name
from ..protocol import RoomState


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at the door of a room. `name` is as it was asked for, `room` None where nobody has talked."""

    name: str
    room: Room | None
    who: Identity
    standing: Standing
    address: str

    @property
    def may_enter(self) -> bool:
        return may_enter(self.state, self.standing)

    @property
    def state(self) -> RoomState:
        return room_state(self.room) if self.room else RoomState(self.name, "")


def visit(request: HttpRequest, name: str) -> Visit:
    """Who asks for the room of this clean name. Writes nothing."""
    key, address = fold_room_name(name), address_of_request(request)
    [arrival] = look_up([Asked(key, identity_of(request.user, request.COOKIES), address)])
    room = Room.objects.filter(key=key).first()
    return Visit(name, room, arrival.who, arrival.standing, address)


def remember(response: HttpResponse, who: Identity) -> HttpResponse:
    """Give a guest the cookie to come back with, good for a year from this visit."""
    if who.user_id is None:
        remember_guest(response, who.key)
    return response


def bans_on(door: Visit) -> list[Ban]:
    """The bans that keep somebody out, by the database's clock, the longest first."""
    in_force = Ban.objects.in_force().filter(Q(room=door.room) | Q(room=None))
    bans = [
        ban
        for ban in in_force.filter(Q(participant_key=door.who.key) | ~Q(network=""))
        if ban.participant_key == door.who.key or is_in(door.address, ban.network)
    ]
    return sorted(bans, key=lambda ban: -(ban.until.timestamp() if ban.until else inf))


def take_in(room: Room, who: Identity) -> bool:
    """Make somebody a member: an explicit act, so they are kept from now on. False if they were one.

    Two requests at once make one member, and only one of them is told so.
    """
    participant = _kept(who)
    membership, is_new = Membership.objects.get_or_create(
        room=room, participant=participant, defaults={"role": Role.MEMBER}
    )
    if is_new:
        return True
    raised = Membership.objects.filter(pk=membership.pk, role=Role.VISITOR).update(
        role=Role.MEMBER, was_admitted=False
    )
    return bool(raised)


def _kept(who: Identity) -> Participant:
    """The participant's row, made if there is none."""
    row = Participant.objects.filter(key=who.key).first()
    if row:
        return row
    name = unclaimed_name(who.name)
    if who.user_id:
        return Participant.objects.get_or_create(
            user_id=who.user_id, defaults={"key": who.key, "name": name}
        )[0]
    return Participant.objects.get_or_create(key=who.key, defaults={"name": name})[0]
