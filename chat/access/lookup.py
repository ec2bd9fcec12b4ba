"""What people are in the rooms where their sockets are, for many at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import BooleanField, CharField, ExpressionWrapper, IntegerField, Q, Value
from django.db.models.functions import Now

from ..models import Ban, Block, Membership, Participant, Room
from ..models.membership import OFFER_LASTS
from ..protocol.ids import new_key
from ..protocol.roles import Role
from .client_address import network as network_named
from .identity import Identity, guest
from .permissions import Door, Standing, may_enter


class Asked(NamedTuple):
    room_key: str
    who: Identity
    """As the cookie or the session says."""
    address: str


@dataclass(frozen=True, slots=True)
class Arrival:
    who: Identity
    """As the participant's row says, if there is one."""
    standing: Standing
    signed_up: bool = False
    """The guest of this cookie has become an account: the cookie is nobody any more."""
    door: Door | None = None
    """Of the room that was asked for. None: nobody has said anything there yet."""

    @property
    def may_enter(self) -> bool:
        return may_enter(self.door, self.standing)


def look_up(asked: Sequence[Asked]) -> list[Arrival]:
    """One arrival for each that was asked for. Four queries at most, two where nobody has a row.

    The doors are read before the seats: what people are is never older than the rules."""
    people = People(asked)
    arrivals = [people.arrival(one.who) for one in asked]
    doors, bans = _doors_and_bans(asked, {arrival.who.key for arrival in arrivals})
    seats = _seats(asked, people.ids)
    blocks = _blocks(people.ids)
    found = []
    for one, arrival in zip(asked, arrivals, strict=True):
        row = people.row_of(arrival.who)
        seat = seats.get((one.room_key, row.pk), _Seat()) if row else _Seat()
        standing = replace(
            arrival.standing,
            role=Role(seat.role),
            seen=seat.seen,
            muted_until=seat.muted_until,
            banned=any(ban.covers(one, arrival.who.key, Role(seat.role)) for ban in bans),
            blocked=tuple(blocks.get(row.pk, ())) if row else (),
            offered=bool(seat.offered),
        )
        found.append(replace(arrival, standing=standing, door=doors.get(one.room_key)))
    return found


class People:
    """The participants that have a row, by key and by account."""

    def __init__(self, asked: Iterable[Asked]) -> None:
        keys = {one.who.key for one in asked}
        users = {one.who.user_id for one in asked if one.who.user_id}
        rows = Participant.objects.filter(Q(key__in=keys) | Q(user__in=users)).select_related("user")
        self._by_key = {row.key: row for row in rows}
        self._by_user = {row.user_id: row for row in rows if row.user_id}
        self.ids = [row.pk for row in rows]
        self._staff = _staff_among(users - self._by_user.keys())

    def row_of(self, who: Identity) -> Participant | None:
        return self._by_user.get(who.user_id) if who.user_id else self._by_key.get(who.key)

    def arrival(self, who: Identity) -> Arrival:
        row = self.row_of(who)
        if row is None:
            return Arrival(who, Standing(staff=who.user_id in self._staff))
        if row.user_id != who.user_id:
            key = new_key()
            return Arrival(guest(key), Standing(), signed_up=True)
        staff = bool(row.user and row.user.is_staff and row.user.is_active)
        return Arrival(Identity(row.key, row.name, row.user_id), Standing(staff=staff))


def _staff_among(users: set[int]) -> set[int]:
    """Accounts without a row: those that were made for the admin have spoken nowhere yet."""
    if not users:
        return set()
    staff = get_user_model().objects.filter(pk__in=users, is_staff=True, is_active=True)
    return set(staff.values_list("pk", flat=True))


class _Seat(NamedTuple):
    role: str = Role.VISITOR
    seen: int = 0
    muted_until: datetime | None = None
    offered: bool | None = False


def _seats(asked: Sequence[Asked], ids: list[int]) -> dict[tuple[str, int], _Seat]:
    """Memberships by room and participant (id)."""
    if not ids:
        return {}
    rows = Membership.objects.filter(participant__in=ids, room__key__in={one.room_key for one in asked})
    is_offered = ExpressionWrapper(Q(offered_at__gt=Now() - OFFER_LASTS), BooleanField())
    columns = ("room__key", "participant_id", *_Seat._fields)
    return {
        (key, person): _Seat(*rest)
        for key, person, *rest in rows.annotate(offered=is_offered).values_list(*columns)
    }


class _Ban(NamedTuple):
    room_key: str | None
    participant_key: str
    network: str

    def covers(self, one: Asked, key: str, role: Role) -> bool:
        """Who keeps order in a room is not banned from it together with a neighbour's network."""
        if self.room_key not in (None, one.room_key):
            return False
        if self.participant_key and self.participant_key == key:
            return True
        keeps_order = self.room_key is not None and role in (Role.MODERATOR, Role.OWNER)
        return not keeps_order and is_in(one.address, self.network)


def bans_on(asked: Sequence[Asked], keys: set[str]) -> list[_Ban]:
    """Those in force that may concern them (`keys`: the people's ids)."""
    of_rooms, of_the_site = _bans(asked, keys)
    return [_Ban(*row[: len(_Ban._fields)]) for row in of_rooms.union(of_the_site, all=True)]


def _doors_and_bans(asked: Sequence[Asked], keys: set[str]) -> tuple[dict[str, Door], list[_Ban]]:
    """In one statement: both are of the same moment."""
    rooms = Room.objects.filter(key__in={one.room_key for one in asked})
    doors = rooms.annotate(whom=Value(""), banned_network=Value("")).values_list(
        "key", "whom", "banned_network", "access_revision", "is_private", "password"
    )
    found: dict[str, Door] = {}
    bans: list[_Ban] = []
    for key, whom, network, access, private, password in doors.union(*_bans(asked, keys), all=True):
        if access is None:
            bans.append(_Ban(key, whom, network))
        else:
            found[key] = Door(access, bool(private), bool(password))
    return found, bans


def _bans(asked: Sequence[Asked], keys: set[str]) -> tuple[Any, Any]:
    """Two halves, so that each walks an index: those of the rooms, those of everywhere. With room for the
    columns of a door."""
    nothing = {
        "access": Value(None, IntegerField()),
        "private": Value(None, BooleanField()),
        "secret": Value(None, CharField()),
    }
    concerning = Ban.objects.in_force().filter(Q(participant_key__in=keys) | ~Q(network=""))
    rows = concerning.annotate(**nothing).values_list("room__key", "participant_key", "network", *nothing)
    return rows.filter(room__key__in={one.room_key for one in asked}), rows.filter(room=None)


def is_in(address: str, network: str) -> bool:
    """Whether the address is of the network; not if either is empty or no such thing."""
    try:
        return bool(network and address) and _address(address) in network_named(network)
    except ValueError:
        return False


# A thousand who arrive at once are compared with every banned network: reading both is most of the work.
_address = lru_cache(1024)(ip_address)


def _blocks(ids: list[int]) -> dict[int, list[str]]:
    blocks: dict[int, list[str]] = {}
    if ids:
        for person, key in Block.objects.filter(participant__in=ids).values_list(
            "participant_id", "blocked_key"
        ):
            blocks.setdefault(person, []).append(key)
    return blocks
