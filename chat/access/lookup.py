"""Who people are and what they may in a room, looked up for many at once."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from django.contrib.auth import get_user_model
from msgspec.structs import replace

from ..database.statements import aware, marks, now, select
from ..models import Mention
from ..models.membership import OFFER_LASTS
from ..protocol import Author
from ..protocol.ids import new_key
from ..protocol.roles import Role
from .bans import BanRule, concerns_people_sql
from .identity import Identity, guest
from .permissions import EntryPolicy, RoomPermissions, may_enter

MENTIONS_SHOWN: Final = 100  # of a person in a room
MENTIONS_READ: Final = 10_000  # of all who are looked up together: nobody makes that costly for the others


class AccessQuery(NamedTuple):
    room_key: str
    who: Identity
    """As the cookie or the session says."""
    address: str


class AccessResult(msgspec.Struct, frozen=True):
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
    """One result for each query, in their order. Five database queries at most, two where nobody has a row.

    Rooms and bans are read before memberships, so memberships are never older than the rules."""
    people = People(queries)
    people_found = [people.find(one.who) for one in queries]
    room_keys = {query.room_key for query in queries}
    policies, bans = policies_and_bans(room_keys, {person.who.key for person in people_found})
    memberships = _memberships(room_keys, people.ids)
    blocks = _blocks(people.ids)
    mentions = _mentions(room_keys, {person for (_, person), of in memberships.items() if of.mentioned})
    found = []
    for one, person in zip(queries, people_found, strict=True):
        row = people.row_of(person.who)
        membership = memberships.get((one.room_key, row.id), _Membership()) if row else _Membership()
        role = Role(membership.role)
        permissions = replace(
            person.permissions,
            role=role,
            seen=membership.seen,
            muted_until=membership.muted_until,
            banned=any(ban.concerns(person.who.key, role, one.address, one.room_key) for ban in bans),
            blocked=tuple(blocks.get(row.id, ())) if row else (),
            offered=bool(membership.offered),
            mentions=tuple(mentions.get((one.room_key, row.id), ())) if row else (),
        )
        found.append(replace(person, permissions=permissions, policy=policies.get(one.room_key)))
    return found


class Person(NamedTuple):
    """A participant's row, and whether the account is of the staff."""

    id: int
    key: str
    name: str
    user_id: int | None
    is_staff: bool | None
    """None: a guest, or the account is disabled."""

    @property
    def author(self) -> Author:
        return Author(self.key, self.name, self.user_id is not None)


PERSON_COLUMNS: Final = "p.id, p.key, p.name, p.user_id, u.is_staff"
PEOPLE: Final = "chat_participant p LEFT JOIN auth_user u ON u.id = p.user_id AND u.is_active"


def find_people(condition: str, values: Collection[Any]) -> list[Person]:
    """The rows that meet an SQL condition on a participant `p`, with a value for each placeholder."""
    rows = select(f"SELECT {PERSON_COLUMNS} FROM {PEOPLE} WHERE {condition}", values)
    return [Person(*row) for row in rows]


class People:
    """The participants that have a row, by key and by account."""

    def __init__(self, queries: Iterable[AccessQuery]) -> None:
        keys = {one.who.key for one in queries}
        users = {one.who.user_id for one in queries if one.who.user_id}
        rows = find_people(f"p.key IN ({marks(keys)}) OR p.user_id IN ({marks(users)})", [*keys, *users])
        self._by_key = {row.key: row for row in rows}
        self._by_user = {row.user_id: row for row in rows if row.user_id}
        self.ids = [row.id for row in rows]
        self._staff = _staff_among(users - self._by_user.keys())

    def row_of(self, who: Identity) -> Person | None:
        return self._by_user.get(who.user_id) if who.user_id else self._by_key.get(who.key)

    def find(self, who: Identity) -> AccessResult:
        row = self.row_of(who)
        if row is None:
            return AccessResult(who, RoomPermissions(staff=who.user_id in self._staff))
        if row.user_id != who.user_id:
            key = new_key()
            return AccessResult(guest(key), RoomPermissions(), signed_up=True)
        return AccessResult(Identity(*row[1:4]), RoomPermissions(staff=bool(row.is_staff)))


def _staff_among(users: set[int]) -> set[int]:
    """Accounts without a row: those that were made for the admin have spoken nowhere yet."""
    if not users:
        return set()
    staff = get_user_model().objects.filter(pk__in=users, is_staff=True, is_active=True)
    return set(staff.values_list("pk", flat=True))


class _Membership(NamedTuple):
    role: str = Role.VISITOR
    seen: int = 0
    offered: bool | None = False
    mentioned: bool | None = False
    """In a message after the read mark, which may be deleted by now, or of somebody whom they block."""
    muted_until: datetime | None = None


def _memberships(room_keys: Collection[str], ids: list[int]) -> dict[tuple[str, int], _Membership]:
    """By room and participant."""
    statement = (
        f"SELECT r.key, m.participant_id, m.role, m.seen, m.offered_at > {now(-OFFER_LASTS.days)},"
        " EXISTS (SELECT 1 FROM chat_mention n WHERE n.participant_id = m.participant_id"
        " AND n.room_id = m.room_id AND n.sequence > m.seen), m.muted_until"
        " FROM chat_membership m JOIN chat_room r ON r.id = m.room_id"
        f" WHERE m.participant_id IN ({marks(ids)}) AND r.key IN ({marks(room_keys)})"
    )
    rows = select(statement, [*ids, *room_keys]) if ids else ()
    return {
        (key, person): _Membership(role, seen, offered, mentioned, aware(muted))
        for key, person, role, seen, offered, mentioned, muted in rows
    }


def policies_and_bans(
    room_keys: Collection[str], keys: Collection[str]
) -> tuple[dict[str, EntryPolicy], list[BanRule]]:
    """The policies of rooms, and the bans there and from the site that may concern these people (public ids).
    One statement: both are of the same moment."""
    in_rooms, concerns = f"IN ({marks(room_keys)})", concerns_people_sql(keys)
    found = select(
        "SELECT r.key, NULL, NULL, r.access_revision, r.is_private, r.password FROM chat_room r"
        f" WHERE r.key {in_rooms} UNION ALL SELECT r.key, b.participant_key, b.network, NULL, NULL, NULL"
        f" FROM chat_ban b JOIN chat_room r ON r.id = b.room_id WHERE r.key {in_rooms} AND {concerns}"
        " UNION ALL SELECT NULL, b.participant_key, b.network, NULL, NULL, NULL"
        f" FROM chat_ban b WHERE b.room_id IS NULL AND {concerns}",
        [*room_keys, *room_keys, *keys, *keys],
    )
    policies: dict[str, EntryPolicy] = {}
    bans: list[BanRule] = []
    for key, whom, network, access, private, password in found:
        if access is None:
            bans.append(BanRule(key, whom, network))
        else:
            policies[key] = EntryPolicy(access, bool(private), bool(password))
    return policies, bans


def _blocks(ids: list[int]) -> dict[int, list[str]]:
    blocks: dict[int, list[str]] = {}
    statement = f"SELECT participant_id, blocked_key FROM chat_block WHERE participant_id IN ({marks(ids)})"
    for person, key in select(statement, ids) if ids else ():
        blocks.setdefault(person, []).append(key)
    return blocks


def _mentions(room_keys: Collection[str], ids: set[int]) -> dict[tuple[str, int], list[int]]:
    """By room and participant: the places of the first unread messages that mention them."""
    found: dict[tuple[str, int], list[int]] = {}
    if not ids:
        return found
    rows = Mention.objects.unread().filter(participant__in=ids, room__key__in=room_keys)
    columns = "room__key", "participant_id", "sequence"
    for key, person, sequence in rows.values_list(*columns)[:MENTIONS_READ]:
        found.setdefault((key, person), []).append(sequence)
    return {place: sorted(sequences)[:MENTIONS_SHOWN] for place, sequences in found.items()}
