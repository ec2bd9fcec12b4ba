"""The requests of one transaction and what their rules ask of the database, read for all of them at once."""

from collections.abc import Container, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.utils import timezone

from .. import protocol
from ..access.identity import Identity
from ..access.lookup import Person
from ..access.permissions import RoomPermissions
from ..models import Invite, Membership, Room
from ..models.participant import unclaimed_name
from ..protocol.roles import Role
from ..text.confusables import skeleton
from . import mentions, sql
from .changes import Batch
from .locked_room import LockedRoom
from .membership_cache import MembershipCache
from .mentions import NewMention, PeopleNamed
from .sql import MembershipRow, NewMessage, NewParticipant
from .types import Expire, Forget, NewEpoch, Refused, Settings, WriteRequest

CREATE_PARTICIPANT: Final = (protocol.Post, protocol.Rename, protocol.React, protocol.Block, protocol.Report)
"""The writes that create the participant's row, if there is none."""

CREATE_PARTICIPANT_OF_ACCOUNT: Final = (protocol.Delete, protocol.Moderate, protocol.Configure, Settings)
"""The same for accounts only: staff may do this in rooms where they have never posted."""

ROOMLESS: Final = (protocol.Rename, protocol.Block)
SYSTEM: Final = RoomPermissions(staff=True)

CleanCommand = protocol.Write | Settings | NewEpoch | Expire | Forget | Refused
"""A request's command as it will be stored, or why it will not."""


_membership_cache: Final = MembershipCache()


class Transaction:
    """Holds the locked rooms, the people and their memberships; the handlers read and change them here."""

    def __init__(self, requests: Sequence[WriteRequest]) -> None:
        self.requests = requests
        self.rooms: dict[str, LockedRoom] = {}
        self._new_rooms: set[str] = set()
        self.people: dict[str, Person] = {}
        self._memberships: dict[tuple[int, int], MembershipRow] = {}
        self._stored: dict[tuple[int, UUID], tuple[int, int]] = {}
        self._people_named: dict[str, PeopleNamed] = {}
        self._pending_messages: list[NewMessage] = []
        self._pending_mentions: list[NewMention] = []
        self._pending_roles: dict[tuple[int, int], Role] = {}

    def read(self, cleaned: Sequence[CleanCommand]) -> None:
        """Read all that the rules of these requests need. The rooms are locked from now on."""
        self._lock_rooms(cleaned)
        self._find_people_and_resends()
        self._create_people(cleaned)
        self._find_memberships()
        self._people_named = mentions.read_people(self.requests, self._room_ids())

    def _room_ids(self) -> dict[str, int]:
        return {key: room.row.id for key, room in self.rooms.items()}

    # --- Three reads for all requests ---

    def _lock_rooms(self, cleaned: Sequence[CleanCommand]) -> None:
        """Lock the rooms in the order of their keys. The first message creates a room."""
        wanted: set[str] = set()
        names_to_create: dict[str, str] = {}
        for request, clean in zip(self.requests, cleaned, strict=True):
            if not isinstance(request.command, ROOMLESS):
                wanted.add(request.room_key)
                if isinstance(request.command, protocol.Post) and not isinstance(clean, Refused):
                    names_to_create.setdefault(request.room_key, request.room_name)
        if not wanted:
            return
        rows = sql.lock_rooms(list(wanted))
        if missing := sorted(names_to_create.keys() - {row.key for row in rows}):
            Room.objects.bulk_create(
                [Room(name=names_to_create[k], key=k) for k in missing], ignore_conflicts=True
            )
            self._new_rooms = set(missing)
            rows = sql.lock_rooms(list(wanted))
        now = timezone.now()
        self.rooms = {row.key: LockedRoom.of(row, now) for row in rows}

    def _find_people_and_resends(self) -> None:
        """Read the participants who act, and which of the posts were stored before."""
        keys = {request.who.key for request in self.requests if request.who}
        posts = [
            (room.row.id, request.command.client_id)
            for request in self.requests
            if isinstance(request.command, protocol.Post)
            and (room := self.rooms.get(request.room_key))
            and room.after
        ]
        if keys:
            self.people, self._stored = sql.people_and_posts(list(keys), posts)

    def _create_people(self, cleaned: Sequence[CleanCommand]) -> None:
        """Create rows for those who need one, unless the account is gone."""
        to_create: dict[str, Identity] = {}
        for request, clean in zip(self.requests, cleaned, strict=True):
            who = request.who
            if who is None or who.key in self.people or isinstance(clean, Refused):
                continue
            kinds = CREATE_PARTICIPANT + CREATE_PARTICIPANT_OF_ACCOUNT * bool(who.user_id)
            if isinstance(request.command, kinds) and not self.stored_before(request):
                to_create[who.key] = who
        if to_create:
            self._create_participants([to_create[key] for key in sorted(to_create)])

    def _find_memberships(self) -> None:
        asked: dict[tuple[int, int], tuple[LockedRoom, Person]] = {}
        for request in self.requests:
            room, person = self.rooms.get(request.room_key), self.person(request)
            if room is None or person is None:
                continue
            place = room.row.id, person.id
            if membership := _membership_cache.get(room.row, person.id):
                self._memberships[place] = membership
            else:
                asked[place] = room, person
        if asked:
            self._read_memberships(asked)

    def _read_memberships(self, asked: dict[tuple[int, int], tuple[LockedRoom, Person]]) -> None:
        found = sql.memberships([(*place, person.key) for place, (_room, person) in asked.items()])
        for place, membership in found.items():
            room, _person = asked[place]
            _membership_cache.keep(room.row, membership, room.now)
        self._memberships |= found

    def stored_before(self, request: WriteRequest) -> tuple[int, int] | None:
        """The numbers of a post that was stored before."""
        room = self.rooms.get(request.room_key)
        if room and isinstance(request.command, protocol.Post):
            return self._stored.get((room.row.id, request.command.client_id))
        return None

    # --- For the handlers ---

    def person(self, request: WriteRequest) -> Person | None:
        return self.people.get(request.who.key) if request.who else None

    def membership(self, room: LockedRoom, person: Person) -> MembershipRow:
        key = room.row.id, person.id
        return self._memberships.get(key) or MembershipRow(*key, Role.VISITOR, None, None, is_banned=False)

    def permissions(self, room: LockedRoom, request: WriteRequest) -> RoomPermissions:
        """What whoever made the request may do in the room."""
        if request.who is None:
            return SYSTEM
        return self.permissions_of(room, self.person(request))

    def permissions_of(self, room: LockedRoom, person: Person | None) -> RoomPermissions:
        if person is None:
            return RoomPermissions()
        membership = self.membership(room, person)
        return RoomPermissions(
            role=Role(membership.role),
            staff=bool(person.is_staff),
            muted_until=membership.muted_until,
            banned=membership.is_banned,
        )

    def find_person(self, room: LockedRoom, key: str) -> Person | None:
        """The participant with this key, with the membership as it is stored now."""
        if key not in self.people:
            self.people |= sql.people([key])
        if person := self.people.get(key):
            self.reload_membership(room, person)
        return self.people.get(key)

    def find_people(self, room: LockedRoom, keys: Sequence[str], guests: Mapping[str, str]) -> list[Person]:
        """The participants with these keys, in this order. Rows are created for those of the guests (names by
        key) who have none."""
        if missing := [key for key in keys if key not in self.people]:
            self.people |= sql.people(missing)
        if new := sorted(guests.keys() - self.people.keys()):
            self._create_participants([Identity(key, guests[key]) for key in new])
        found = [self.people[key] for key in keys if key in self.people]
        places = {(room.row.id, person.id): (room, person) for person in found}
        if asked := {place: of for place, of in places.items() if place not in self._memberships}:
            self._read_memberships(asked)
        return found

    def people_named(self, room: LockedRoom) -> PeopleNamed:
        """Whom the texts of this transaction may name in the room."""
        return self._people_named.get(room.row.key) or PeopleNamed()

    def create_participant(self, key: str, name: str) -> Person:
        """Create the row of a guest who has never written anything."""
        self._create_participants([Identity(key, name)])
        return self.people[key]

    def _create_participants(self, people: Sequence[Identity]) -> None:
        sql.insert_participants(_new_participants(people))
        self.people |= sql.people([who.key for who in people])

    def reload_membership(self, room: LockedRoom, person: Person) -> None:
        """Read a membership and its bans again, after one of them may have changed."""
        self._memberships |= sql.memberships([(room.row.id, person.id, person.key)])

    def set_membership(self, room: LockedRoom, person: Person, **values: Any) -> None:
        """Store values in a membership, which is created if there is none."""
        Membership.objects.update_or_create(room_id=room.row.id, participant_id=person.id, defaults=values)
        self.reload_membership(room, person)

    def raise_role(self, room: LockedRoom, person: Person, role: Role) -> None:
        """Store an author's role together with their message."""
        key = room.row.id, person.id
        self._pending_roles[key] = role
        self._memberships[key] = self.membership(room, person)._replace(role=role)

    def reduce_role(self, room: LockedRoom, person: Person, role: Role, **values: Any) -> None:
        """Give somebody a lesser role. Their invite links and an offer of the room end, a mute stays."""
        self.set_membership(room, person, role=role, offered_at=None, **values)
        Invite.objects.revoke_of(person.id, room=room.row.id)
        _membership_cache.forget(room.row, person.id)

    def insert(self, message: NewMessage) -> None:
        """Store a new message together with the others, at the latest before any request but a post."""
        self._pending_messages.append(message)
        self._stored[message.room_id, message.client_id] = message.sequence, message.revision

    def mention(self, rows: Sequence[NewMention]) -> None:
        """Store them as soon as their messages are."""
        self._pending_mentions += rows

    def note_post_time(self, room: LockedRoom, person: Person) -> None:
        """Store when somebody posted last, for slow mode."""
        self.insert_pending()
        key = room.row.id, person.id
        Membership.objects.filter(room_id=key[0], participant_id=key[1]).update(last_posted_at=room.now)
        self._memberships[key] = self._memberships[key]._replace(last_posted_at=room.now)

    def insert_pending(self) -> None:
        if self._pending_messages:
            sql.store(self._pending_messages, [])
            self._pending_messages = []
        self._store_roles()
        self._store_mentions()

    def store(self) -> list[Batch]:
        """Write what is pending and the counters of the rooms that changed; gives what changed in them."""
        changed = [room for room in self.rooms.values() if room.has_changed]
        if changed:
            sql.store(self._pending_messages, [room.row for room in changed])
        if empty := [key for key in self._new_rooms if not self.rooms[key].row.revision]:
            sql.delete_empty_rooms(empty)  # all of their messages were refused
        self._store_roles()
        self._store_mentions()
        return [room.batch() for room in changed]

    def _store_roles(self) -> None:
        if self._pending_roles:
            sql.store_roles(self._pending_roles)
            self._pending_roles = {}

    def _store_mentions(self) -> None:
        if self._pending_mentions:
            mentions.store(self._pending_mentions)
            self._pending_mentions = []


def _new_participants(people: Sequence[Identity]) -> list[NewParticipant]:
    accounts = {who.user_id for who in people if who.user_id}
    active: set[int | None] = {None}
    if accounts:
        active |= set(
            get_user_model().objects.filter(pk__in=accounts, is_active=True).values_list("pk", flat=True)
        )
    looks = {who.name: skeleton(who.name) for who in people}
    claimed = sql.claimed_skeletons(list(looks.values()))
    return [_new_participant(who, looks[who.name], claimed) for who in people if who.user_id in active]


def _new_participant(who: Identity, look: str, claimed: Container[str]) -> NewParticipant:
    if look not in claimed:
        return NewParticipant(who.key, who.name, look, who.user_id)
    name = unclaimed_name(who.name)
    return NewParticipant(who.key, name, skeleton(name), who.user_id)
