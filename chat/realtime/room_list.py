"""The list of rooms, as the database has it: what everybody finds there, and what one person alone."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from django.db.models import Exists, F, IntegerField, OuterRef, Q, Subquery, Window
from django.db.models.functions import RowNumber

from ..access.bans import bans_on
from ..access.identity import Identity
from ..access.lookup import AccessQuery, AccessResult, People
from ..access.permissions import may_enter
from ..journal.selectors import room_state
from ..models import Block, Connection, Membership, Message, Process, Room
from ..models.presence import LeaseRow
from ..protocol import RoomEntry, YourRooms
from ..protocol.roles import Role

OWN_MAX: Final = 50  # rooms that are listed for one person alone
UNREAD_MAX: Final = 100  # so many are counted,
UNREAD_LOOK: Final = 1000  # among so many of a room's newest messages
COUNTED_MAX: Final = 20_000  # memberships whose unread messages are remembered


class Viewer(NamedTuple):
    """Somebody who looks at the list."""

    who: Identity
    """As the cookie or the session says."""
    address: str


class View(NamedTuple):
    """The list as one person sees it."""

    who: Identity
    """As the participant's row says, if there is one."""
    own: YourRooms


class Counted:
    """For who reads the list again and again: what was counted last, and of what state of things. At rest
    nothing is counted again. Not for two threads at once."""

    def __init__(self) -> None:
        self.news: dict[int, tuple[list[Any], int]] = {}
        """By membership: its state and its room's, and how many messages are unread."""
        self._people: dict[str, int] = {}
        self._people_of: tuple[set[str], list[LeaseRow]] | None = None

    def people(self, room_keys: set[str]) -> dict[str, int]:
        asked = room_keys, Process.objects.leases()
        if asked != self._people_of:
            self._people, self._people_of = Connection.objects.live().count_people(room_keys), asked
        return self._people


def read_rooms(
    viewers: Sequence[Viewer], counted: Counted | None = None
) -> tuple[list[RoomEntry], list[View]]:
    """The rooms that everybody finds, and the view of each of these people: eight queries at most, however
    many rooms and people there are, and four where nobody has done anything yet."""
    listed = [room for room in Room.objects.recently_talked_in() if room.last_posted_at]
    known = People([AccessQuery("", *viewer) for viewer in viewers])
    arrivals = [known.find(viewer.who) for viewer in viewers]
    ids = {arrival.who.key: row.pk for arrival in arrivals if (row := known.row_of(arrival.who))}
    own = _own_rooms(viewers, arrivals, ids)
    rooms = {room.pk: room.key for some in [listed, *own] for room in some}
    unread = _unread(list(ids.values()), rooms, counted.news if counted else {})
    count_people = counted.people if counted else Connection.objects.live().count_people
    counts = count_people(set(rooms.values()))

    def entries(rooms: Iterable[Room], news: Mapping[int, int]) -> list[RoomEntry]:
        return [_entry(room, counts.get(room.key, 0), news.get(room.pk)) for room in rooms]

    views = []
    for arrival, theirs in zip(arrivals, own, strict=True):
        news = unread.get(ids.get(arrival.who.key, 0), {})
        in_listed = {room.name: news[room.pk] for room in listed if room.pk in news}
        views.append(View(arrival.who, YourRooms(entries(theirs, news), in_listed)))
    return entries(listed, {}), views


def _entry(room: Room, count: int, unread: int | None) -> RoomEntry:
    assert room.last_posted_at
    return RoomEntry(
        room.name,
        room.topic,
        room.sequence,
        room.last_posted_at,
        count,
        unread,
        private=room.is_private,
        password=bool(room.password),
        epoch=room.epoch,
    )


def _own_rooms(
    viewers: Sequence[Viewer], arrivals: Sequence[AccessResult], ids: Mapping[str, int]
) -> list[list[Room]]:
    """Of each person the rooms that are not for all, where they belong and may enter: the newest first."""
    seats = _seats_out_of_sight(list(ids.values()))
    if not seats:
        return [[] for _ in viewers]
    asked = [
        AccessQuery(seat.room.key, arrival.who, viewer.address)
        for viewer, arrival in zip(viewers, arrivals, strict=True)
        for seat in seats.get(ids.get(arrival.who.key, 0), ())
    ]
    bans = bans_on({one.room_key for one in asked}, set(ids))

    def may_find(seat: Membership, arrival: AccessResult, address: str) -> bool:
        role, one = Role(seat.role), AccessQuery(seat.room.key, arrival.who, address)
        banned = any(ban.concerns(arrival.who.key, role, one.address, one.room_key) for ban in bans)
        return may_enter(room_state(seat.room), replace(arrival.standing, role=role, banned=banned))

    return [
        [
            seat.room
            for seat in seats.get(ids.get(arrival.who.key, 0), ())
            if may_find(seat, arrival, viewer.address)
        ]
        for viewer, arrival in zip(viewers, arrivals, strict=True)
    ]


def _seats_out_of_sight(people: Collection[int]) -> dict[int, list[Membership]]:
    """By participant: where they are members or more, of the rooms that are not for all. Where somebody else
    made them that, only once they have been there: nobody fills another's list."""
    seats = defaultdict[int, list[Membership]](list)
    if people:
        newest = F("room__last_posted_at").desc()
        place = Window(RowNumber(), partition_by="participant_id", order_by=newest)
        rows = Membership.objects.filter(
            participant__in=people,
            room__in=Room.objects.never_listed(),
            room__last_posted_at__isnull=False,
        ).exclude(Q(role=Role.VISITOR) | Q(was_admitted=True, seen=0))
        for seat in (
            rows.annotate(place=place).filter(place__lte=OWN_MAX).select_related("room").order_by("place")
        ):
            seats[seat.participant_id].append(seat)
    return seats


class _Count(Subquery):
    """How many rows a query has that has an end."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def _unread(
    people: Collection[int], rooms: Collection[int], counted: dict[int, tuple[list[Any], int]]
) -> dict[int, dict[int, int]]:
    """By participant and room: what others have said since the read mark and what is still there, up to 100.
    Rooms where somebody has never been are left out."""
    unread = defaultdict[int, dict[int, int]](dict)
    if not (people and rooms):
        return unread
    if len(counted) > COUNTED_MAX:
        counted.clear()
    blocks = _Count(Block.objects.filter(participant=OuterRef("participant")).values("pk"))
    seats = Membership.objects.filter(participant__in=people, room__in=rooms)
    been_there = seats.exclude(role=Role.VISITOR, seen=0).annotate(blocks=blocks)
    columns = ("participant_id", "room_id", "seen", "blocks", "room__epoch", "room__revision")
    states = {pk: state for pk, *state in been_there.values_list("pk", *columns)}
    changed = [pk for pk, state in states.items() if pk not in counted or counted[pk][0] != state]
    counted.update({pk: (states[pk], count) for pk, count in _count_news(changed)})
    for pk, (participant, room, *_state) in states.items():
        if pk in counted:
            unread[participant][room] = counted[pk][1]
    return unread


def _count_news(seats: Collection[int]) -> Iterable[tuple[int, int]]:
    is_blocked = Block.objects.filter(
        participant=OuterRef(OuterRef("participant")), blocked_key=OuterRef("author__key")
    )
    news = Message.objects.filter(
        Q(author=None) | ~Q(author=OuterRef("participant")),
        ~Exists(is_blocked),
        room=OuterRef("room"),
        sequence__gt=OuterRef("seen"),
        sequence__gte=OuterRef("room__sequence") - UNREAD_LOOK,
        deleted_at=None,
    )
    rows = Membership.objects.filter(pk__in=seats).annotate(news=_Count(news.values("pk")[:UNREAD_MAX]))
    return rows.values_list("pk", "news")
