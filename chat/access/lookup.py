"""Who people are and what they may in a room, looked up for many at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import BooleanField, CharField, ExpressionWrapper, IntegerField, Q, Value
from django.db.models.functions import Now

from ..models import Block, Membership, Participant, Room
from ..models.membership import OFFER_LASTS
from ..protocol.ids import new_key
from ..protocol.roles import Role
from .bans import BanRule, bans_in_force
from .identity import Identity, guest
from .permissions import EntryPolicy, RoomPermissions, may_enter


class AccessQuery(NamedTuple):
    """What is one allowed in a room, from this address?"""

    room_key: str
    who: Identity
    """As the cookie or the session says."""
    address: str


@dataclass(frozen=True, slots=True)
class AccessResult:
    who: Identity
    """As the participant's row says, if there is one."""
    permissions: RoomPermissions
    signed_up: bool = False
    """The guest of this cookie has become an account: the cookie identifies nobody any more."""
    policy: EntryPolicy | None = None
    """Of the room that was asked for. None: nobody has said anything there yet."""

    @property
    def may_enter(self) -> bool:
        return may_enter(self.policy, self.permissions)


def look_up(queries: Sequence[AccessQuery]) -> list[AccessResult]:
    """One result for each query, in their order. Four database queries at most, two where nobody has a row.

    Rooms and bans are read before memberships, so memberships are never older than the rules."""
    people = People(queries)
    people_found = [people.find(one.who) for one in queries]
    policies, bans = _policies_and_bans(queries, {person.who.key for person in people_found})
    memberships = _memberships(queries, people.ids)
    blocks = _blocks(people.ids)
    found = []
    for one, person in zip(queries, people_found, strict=True):
        row = people.row_of(person.who)
        membership = memberships.get((one.room_key, row.pk), _Membership()) if row else _Membership()
        role = Role(membership.role)
        permissions = replace(
            person.permissions,
            role=role,
            seen=membership.seen,
            muted_until=membership.muted_until,
            banned=any(ban.concerns(person.who.key, role, one.address, one.room_key) for ban in bans),
            blocked=tuple(blocks.get(row.pk, ())) if row else (),
            offered=bool(membership.offered),
        )
        found.append(replace(person, permissions=permissions, policy=policies.get(one.room_key)))
    return found


class People:
    """The participants that have a row, by key and by account."""

    def __init__(self, queries: Iterable[AccessQuery]) -> None:
        keys = {one.who.key for one in queries}
        users = {one.who.user_id for one in queries if one.who.user_id}
        rows = Participant.objects.filter(Q(key__in=keys) | Q(user__in=users)).select_related("user")
        self._by_key = {row.key: row for row in rows}
        self._by_user = {row.user_id: row for row in rows if row.user_id}
        self.ids = [row.pk for row in rows]
        self._staff = _staff_among(users - self._by_user.keys())

    def row_of(self, who: Identity) -> Participant | None:
        return self._by_user.get(who.user_id) if who.user_id else self._by_key.get(who.key)

    def find(self, who: Identity) -> AccessResult:
        row = self.row_of(who)
        if row is None:
            return AccessResult(who, RoomPermissions(staff=who.user_id in self._staff))
        if row.user_id != who.user_id:
            key = new_key()
            return AccessResult(guest(key), RoomPermissions(), signed_up=True)
        staff = bool(row.user and row.user.is_staff and row.user.is_active)
        return AccessResult(Identity(row.key, row.name, row.user_id), RoomPermissions(staff=staff))


def _staff_among(users: set[int]) -> set[int]:
    """Accounts without a row: those that were made for the admin have spoken nowhere yet."""
    if not users:
        return set()
    staff = get_user_model().objects.filter(pk__in=users, is_staff=True, is_active=True)
    return set(staff.values_list("pk", flat=True))


class _Membership(NamedTuple):
    role: str = Role.VISITOR
    seen: int = 0
    muted_until: datetime | None = None
    offered: bool | None = False


def _memberships(queries: Sequence[AccessQuery], ids: list[int]) -> dict[tuple[str, int], _Membership]:
    """Memberships by room and participant (id)."""
    if not ids:
        return {}
    rows = Membership.objects.filter(participant__in=ids, room__key__in={one.room_key for one in queries})
    is_offered = ExpressionWrapper(Q(offered_at__gt=Now() - OFFER_LASTS), BooleanField())
    columns = ("room__key", "participant_id", *_Membership._fields)
    return {
        (key, person): _Membership(*rest)
        for key, person, *rest in rows.annotate(offered=is_offered).values_list(*columns)
    }


def _policies_and_bans(
    queries: Sequence[AccessQuery], keys: set[str]
) -> tuple[dict[str, EntryPolicy], list[BanRule]]:
    """In one statement: both are of the same moment."""
    room_keys = {query.room_key for query in queries}
    no_policy = {
        "access": Value(None, IntegerField()),
        "private": Value(None, BooleanField()),
        "secret": Value(None, CharField()),
    }
    of_rooms, of_the_site = (
        bans.annotate(**no_policy).values_list("room__key", "participant_key", "network", *no_policy)
        for bans in bans_in_force(room_keys, keys)
    )
    rooms = Room.objects.filter(key__in=room_keys).annotate(whom=Value(""), banned_network=Value(""))
    rows = rooms.values_list("key", "whom", "banned_network", "access_revision", "is_private", "password")
    policies: dict[str, EntryPolicy] = {}
    bans: list[BanRule] = []
    for key, whom, network, access, private, password in rows.union(of_rooms, of_the_site, all=True):
        if access is None:
            bans.append(BanRule(key, whom, network))
        else:
            policies[key] = EntryPolicy(access, bool(private), bool(password))
    return policies, bans


def _blocks(ids: list[int]) -> dict[int, list[str]]:
    blocks: dict[int, list[str]] = {}
    if ids:
        for person, key in Block.objects.filter(participant__in=ids).values_list(
            "participant_id", "blocked_key"
        ):
            blocks.setdefault(person, []).append(key)
    return blocks
