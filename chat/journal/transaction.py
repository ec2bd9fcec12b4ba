"""The drafts of one transaction and what their rules ask of the database, read for all of them at once."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.utils import timezone

from .. import protocol
from ..access.identity import Identity
from ..access.permissions import Standing
from ..models import Invite, Membership, Participant, Room
from ..models.participant import unclaimed_name
from ..protocol.roles import Role
from ..text.confusables import skeleton
from . import sql
from .changes import Batch
from .locked_room import OpenRoom
from .membership_cache import SeatCache
from .sql import NewMessage, Person, Seat
from .types import Draft, Expire, Forget, NewEpoch, Refused, Settings

MAKE_A_ROW: Final = (protocol.Post, protocol.Rename, protocol.React, protocol.Block, protocol.Report)
"""The explicit acts by which a participant begins to be kept."""

BY_ACCOUNTS: Final = (protocol.Delete, protocol.Moderate, protocol.Configure, Settings)
"""Staff may do this where they have never said a word; a guest without a row may not do it anyway."""

OF_NO_ROOM: Final = (protocol.Rename, protocol.Block)
HOUSE: Final = Standing(staff=True)

Clean = protocol.Write | Settings | NewEpoch | Expire | Forget | Refused
"""A draft's command as it will be stored, or why it will not."""


_seats_before: Final = SeatCache()


class Transaction:
    """The drafts of one transaction, and what was read for all of them at once."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.drafts = drafts
        self.rooms: dict[str, OpenRoom] = {}
        self.people: dict[str, Person] = {}
        self._seats: dict[tuple[int, int], Seat] = {}
        self._stored: dict[tuple[int, UUID], tuple[int, int]] = {}
        self._to_insert: list[NewMessage] = []

    def read(self, cleaned: Sequence[Clean]) -> None:
        """Everything that the drafts' rules ask. The rooms are locked from now on."""
        self._open_rooms(cleaned)
        self._find_resends()
        self._find_people(cleaned)
        self._find_seats()

    # --- Four reads for all drafts ---

    def _open_rooms(self, cleaned: Sequence[Clean]) -> None:
        """Lock the rooms in the order of their keys; a room is made by its first message that can stand."""
        wanted: set[str] = set()
        creating: dict[str, str] = {}
        for draft, clean in zip(self.drafts, cleaned, strict=True):
            if not isinstance(draft.command, OF_NO_ROOM):
                wanted.add(draft.room_key)
                if isinstance(draft.command, protocol.Post) and not isinstance(clean, Refused):
                    creating.setdefault(draft.room_key, draft.room_name)
        if not wanted:
            return
        rows = sql.lock_rooms(list(wanted))
        if missing := sorted(creating.keys() - {row.key for row in rows}):
            Room.objects.bulk_create([Room(name=creating[k], key=k) for k in missing], ignore_conflicts=True)
            rows = sql.lock_rooms(list(wanted))
        now = timezone.now()
        self.rooms = {row.key: OpenRoom.of(row, now) for row in rows}

    def _find_resends(self) -> None:
        posts = [
            (room.row.id, draft.command.client_id)
            for draft in self.drafts
            if isinstance(draft.command, protocol.Post)
            and (room := self.rooms.get(draft.room_key))
            and room.after
        ]
        if posts:
            self._stored = sql.stored_before(posts)

    def _find_people(self, cleaned: Sequence[Clean]) -> None:
        """The participants who act. Who does something that is to be kept gets a row now, if there was none
        and if the account is there still."""
        acting: dict[str, Identity] = {}
        making: dict[str, Identity] = {}
        for draft, clean in zip(self.drafts, cleaned, strict=True):
            if draft.who is None or isinstance(clean, Refused) or self.stored_before(draft):
                continue
            acting[draft.who.key] = draft.who
            if isinstance(draft.command, MAKE_A_ROW + BY_ACCOUNTS if draft.who.user_id else MAKE_A_ROW):
                making[draft.who.key] = draft.who
        if acting:
            self.people = sql.people(list(acting))
        if missing := sorted(making.keys() - self.people.keys()):
            rows = _new_participants([making[key] for key in missing])
            Participant.objects.bulk_create(rows, ignore_conflicts=True)
            self.people |= sql.people(missing)

    def _find_seats(self) -> None:
        asked: dict[tuple[int, int], tuple[OpenRoom, Person]] = {}
        for draft in self.drafts:
            room, person = self.rooms.get(draft.room_key), self.person(draft)
            if room is None or person is None:
                continue
            place = room.row.id, person.id
            if seat := _seats_before.get(room.row, person.id):
                self._seats[place] = seat
            else:
                asked[place] = room, person
        if asked:
            self._ask_for_seats(asked)

    def _ask_for_seats(self, asked: dict[tuple[int, int], tuple[OpenRoom, Person]]) -> None:
        found = sql.seats([(*place, person.key) for place, (_room, person) in asked.items()])
        for place, seat in found.items():
            room, _person = asked[place]
            _seats_before.keep(room.row, seat, room.now)
        self._seats |= found

    def stored_before(self, draft: Draft) -> tuple[int, int] | None:
        """The numbers of a post that was stored before."""
        room = self.rooms.get(draft.room_key)
        if room and isinstance(draft.command, protocol.Post):
            return self._stored.get((room.row.id, draft.command.client_id))
        return None

    # --- What the acts ask ---

    def person(self, draft: Draft) -> Person | None:
        return self.people.get(draft.who.key) if draft.who else None

    def seat(self, room: OpenRoom, person: Person) -> Seat:
        key = room.row.id, person.id
        return self._seats.get(key) or Seat(*key, Role.VISITOR, None, None, is_banned=False)

    def standing(self, room: OpenRoom, draft: Draft) -> Standing:
        """What whoever wrote the draft is in the room. The house itself may do anything."""
        if draft.who is None:
            return HOUSE
        return self.standing_of(room, self.person(draft))

    def standing_of(self, room: OpenRoom, person: Person | None) -> Standing:
        if person is None:
            return Standing()
        seat = self.seat(room, person)
        return Standing(
            role=Role(seat.role),
            staff=bool(person.is_staff),
            muted_until=seat.muted_until,
            banned=seat.is_banned,
        )

    def find_person(self, room: OpenRoom, key: str) -> Person | None:
        """Somebody whom an act concerns, as they are now."""
        if key not in self.people:
            self.people |= sql.people([key])
        if person := self.people.get(key):
            self.look_again(room, person)
        return self.people.get(key)

    def make_person(self, key: str, name: str) -> Person:
        """A row for a guest who only looked on: there is something to remember of them."""
        Participant.objects.bulk_create(_new_participants([Identity(key, name)]), ignore_conflicts=True)
        self.people |= sql.people([key])
        return self.people[key]

    def look_again(self, room: OpenRoom, person: Person) -> None:
        """Their membership or their bans have changed, or may have."""
        self._seats |= sql.seats([(room.row.id, person.id, person.key)])

    def take_seat(self, room: OpenRoom, person: Person, **values: Any) -> None:
        """Store values in somebody's membership of the room, which is made if there was none."""
        Membership.objects.update_or_create(room_id=room.row.id, participant_id=person.id, defaults=values)
        self.look_again(room, person)

    def step_down(self, room: OpenRoom, person: Person, role: Role, **values: Any) -> None:
        """Somebody is less in the room from now on: the invite links that they made end, and an offer of the
        room to them. What was decided about them (a mute) stays."""
        self.take_seat(room, person, role=role, offered_at=None, **values)
        Invite.objects.revoke_of(person.id, room=room.row.id)
        _seats_before.forget(room.row, person.id)

    def insert(self, message: NewMessage) -> None:
        """Store a new message with the others, at the latest before anything reads it."""
        self._to_insert.append(message)
        self._stored[message.room_id, message.client_id] = message.sequence, message.revision

    def note_post(self, room: OpenRoom, person: Person) -> None:
        """Remember when somebody spoke: slow mode asks for it."""
        key = room.row.id, person.id
        Membership.objects.filter(room_id=key[0], participant_id=key[1]).update(last_posted_at=room.now)
        self._seats[key] = self._seats[key]._replace(last_posted_at=room.now)

    def insert_now(self) -> None:
        if self._to_insert:
            sql.insert_messages(self._to_insert)
            self._to_insert = []

    def store(self) -> list[Batch]:
        """Write what is new and the counters of the rooms that changed; gives what changed in them."""
        self.insert_now()
        changed = [room for room in self.rooms.values() if room.has_changed]
        if changed:
            sql.store_rooms([room.row for room in changed])
        return [room.batch() for room in changed]


def _new_participants(people: Sequence[Identity]) -> list[Participant]:
    accounts = {who.user_id for who in people if who.user_id}
    alive: set[int | None] = {None}
    if accounts:
        alive |= set(
            get_user_model().objects.filter(pk__in=accounts, is_active=True).values_list("pk", flat=True)
        )
    return [_new_participant(who) for who in people if who.user_id in alive]


def _new_participant(who: Identity) -> Participant:
    name = unclaimed_name(who.name)
    return Participant(key=who.key, name=name, skeleton=skeleton(name), user_id=who.user_id)
