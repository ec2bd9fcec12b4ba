"""Who asks for a page of which room: what a page knows before it shows anything of the room."""

from dataclasses import dataclass
from typing import Self

from django.http import HttpRequest, HttpResponse

from ..access.client_address import address_of_request
from ..access.identity import Identity, identity_of, remember_guest
from ..access.lookup import AccessQuery, look_up
from ..access.permissions import RoomPermissions, may_enter
from ..access.rate_limits import Kind, rates
from ..journal.selectors import room_state
from ..models import Room
from ..protocol import RoomState
from ..text.cleaning import fold_room_name


@dataclass(frozen=True, slots=True)
class RoomRequest:
    """A request for a page of a room, and who makes it.

    `name` is as it was asked for: the room's own spelling is shown only to who may enter. `room` is None
    where nobody has posted yet.
    """

    request: HttpRequest
    name: str
    room: Room | None
    who: Identity
    permissions: RoomPermissions
    address: str

    @classmethod
    def of(cls, request: HttpRequest, name: str) -> Self:
        """`name` is clean. Writes nothing."""
        key, address = fold_room_name(name), address_of_request(request)
        [found] = look_up([AccessQuery(key, identity_of(request.user, request.COOKIES), address)])
        room = next(iter(Room.objects.raw("SELECT * FROM chat_room WHERE key = %s", [key])), None)
        return cls(request, name, room, found.who, found.permissions, address)

    @property
    def canonical_name(self) -> str:
        return self.room.name if self.room else self.name

    @property
    def may_enter(self) -> bool:
        return may_enter(self.state, self.permissions)

    @property
    def state(self) -> RoomState:
        return room_state(self.room) if self.room else RoomState(self.name, "")

    def wait_for(self, kind: Kind) -> float:
        """Count an act of this kind. Seconds to wait when there were too many, else 0."""
        return rates.take(kind, self.address, self.who.key)

    def remembered(self, response: HttpResponse) -> HttpResponse:
        """The response with the cookie by which a guest comes back, good for a year from this visit."""
        if self.who.user_id is None:
            remember_guest(response, self.who.key)
        return response
