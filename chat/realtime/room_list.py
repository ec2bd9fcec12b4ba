"""The list of rooms, as the database has it: what everybody finds there, and the rooms of one person."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Window
from django.db.models.functions import RowNumber
from msgspec.structs import replace

from ..access.identity import Identity
from ..access.lookup import AccessQuery, AccessResult, People, policies_and_bans
from ..access.permissions import may_enter
from ..journal.selectors import room_state
from ..models import Block, Connection, Membership, Mention, Message, Process, Report, Room
from ..models.presence import LeaseRow
from ..protocol import RoomEntry, YourRooms
from ..protocol.roles import Role

MODERATING: Final = {Role.MODERATOR, Role.OWNER}
OWN_MAX: Final = 50  # rooms of one person
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


class News(NamedTuple):
    """How many messages of a room somebody has not read, and how many of them mention them; up to 100."""

    messages: int
    mentions: int


class RoomListCache:
    """What was counted last, and from which state of the database: where nothing has changed, nothing is
    counted again. Not for two threads at once."""

    def __init__(self) -> None:
        self.news: dict[int, tuple[list[Any], News]] = {}
        """By membership: its state and its room's, and what is unread."""
        self._people: dict[str, int] = {}
        self._people_of: tuple[set[str], list[LeaseRow]] | None = None

    def people(self, room_keys: set[str]) -> dict[str, int]:
        asked = room_keys, Process.objects.leases()
        if asked != self._people_of:
            self._people, self._people_of = Connection.objects.live().count_people(room_keys), asked
        return self._people


def read_rooms(
    viewers: Sequence[Viewer], cache: RoomListCache | None = None
) -> tuple[list[RoomEntry], list[View]]:
    """The rooms that everybody finds, and the view of each of these people: nine queries at most, however
    many rooms and people there are, and four where nobody has done anything yet."""
    listed = [room for room in Room.objects.recently_talked_in() if room.last_posted_at]
    known = People([AccessQuery("", *viewer) for viewer in viewers])
    people = [known.find(viewer.who) for viewer in viewers]
    ids = {person.who.key: row.id for person in people if (row := known.row_of(person.who))}
    own = _own_memberships(viewers, people, ids)
    rooms = {room.pk: room.key for room in listed}
    rooms |= {membership.room.pk: membership.room.key for some in own for membership in some}
    unread = _unread(list(ids.values()), rooms, cache.news if cache else {})
    count_people = cache.people if cache else Connection.objects.live().count_people
    counts = count_people(set(rooms.values()))

    reports = _open_reports({of.room.pk for some in own for of in some if of.role in MODERATING})

    def own_entry(of: Membership, news: Mapping[int, News]) -> RoomEntry:
        waiting = reports.get(of.room.pk, 0) if of.role in MODERATING else 0
        return _entry(of.room, counts.get(of.room.key, 0), news.get(of.room.pk), waiting)

    views = []
    for person, theirs in zip(people, own, strict=True):
        news = unread.get(ids.get(person.who.key, 0), {})
        in_listed = {room.name: news[room.pk] for room in listed if room.pk in news}
        messages = {name: of.messages for name, of in in_listed.items()}
        mentions = {name: of.mentions for name, of in in_listed.items() if of.mentions}
        entries = [own_entry(of, news) for of in theirs]
        views.append(View(person.who, YourRooms(entries, messages, mentions)))
    return [_entry(room, counts.get(room.key, 0)) for room in listed], views


def _entry(room: Room, count: int, news: News | None = None, reports: int = 0) -> RoomEntry:
    assert room.last_posted_at
    return RoomEntry(
        room.name,
        room.topic,
        room.sequence,
        room.last_posted_at,
        count,
        news.messages if news else None,
        private=room.is_private,
        password=bool(room.password),
        mentions=news.mentions if news else 0,
        epoch=room.epoch,
        reports=reports,
    )


def _open_reports(rooms: Collection[int]) -> dict[int, int]:
    """How many messages of each room are reported."""
    if not rooms:
        return {}
    rows = Report.objects.open().filter(message__room__in=rooms).values("message__room")
    return dict(rows.annotate(count=Count("message", distinct=True)).values_list("message__room", "count"))


def _own_memberships(
    viewers: Sequence[Viewer], people: Sequence[AccessResult], ids: Mapping[str, int]
) -> list[list[Membership]]:
    """Of each person the rooms where they belong and may enter: the newest first."""
    by_person = _memberships(list(ids.values()))
    memberships = [by_person.get(ids.get(person.who.key, 0), []) for person in people]
    room_keys = {membership.room.key for some in memberships for membership in some}
    bans = policies_and_bans(room_keys, set(ids))[1] if room_keys else []

    def may_find(membership: Membership, person: AccessResult, address: str) -> bool:
        role, key = Role(membership.role), membership.room.key
        banned = any(ban.concerns(person.who.key, role, address, key) for ban in bans)
        return may_enter(room_state(membership.room), replace(person.permissions, role=role, banned=banned))

    return [
        [membership for membership in some if may_find(membership, person, viewer.address)]
        for viewer, person, some in zip(viewers, people, memberships, strict=True)
    ]


def _memberships(people: Collection[int]) -> dict[int, list[Membership]]:
    """By participant: where they are members or more. Where somebody else made them that, only once they have
    been there: nobody fills another's list."""
    memberships = defaultdict[int, list[Membership]](list)
    if people:
        newest = F("room__last_posted_at").desc()
        place = Window(RowNumber(), partition_by="participant_id", order_by=newest)
        rows = Membership.objects.filter(
            participant__in=people,
            room__last_posted_at__isnull=False,
        ).exclude(Q(role=Role.VISITOR) | Q(was_admitted=True, seen=0))
        for membership in (
            rows.annotate(place=place).filter(place__lte=OWN_MAX).select_related("room").order_by("place")
        ):
            memberships[membership.participant_id].append(membership)
    return memberships


class _Count(Subquery):
    """The number of rows of a query that is sliced."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def _unread(
    people: Collection[int], rooms: Collection[int], counted: dict[int, tuple[list[Any], News]]
) -> dict[int, dict[int, News]]:
    """By participant and room: what others have said since the read mark and what is still there, up to 100.
    Rooms where somebody has never been are left out."""
    unread = defaultdict[int, dict[int, News]](dict)
    if not (people and rooms):
        return unread
    if len(counted) > COUNTED_MAX:
        counted.clear()
    blocks = _Count(Block.objects.filter(participant=OuterRef("participant")).values("pk"))
    memberships = Membership.objects.filter(participant__in=people, room__in=rooms)
    been_there = memberships.exclude(role=Role.VISITOR, seen=0).annotate(blocks=blocks)
    columns = ("participant_id", "room_id", "seen", "blocks", "room__epoch", "room__revision")
    states = {pk: state for pk, *state in been_there.values_list("pk", *columns)}
    changed = [pk for pk, state in states.items() if pk not in counted or counted[pk][0] != state]
    counted.update({pk: (states[pk], News(*news)) for pk, *news in _count_news(changed)})
    for pk, (participant, room, *_state) in states.items():
        if pk in counted:
            unread[participant][room] = counted[pk][1]
    return unread


def _count_news(memberships: Collection[int]) -> Iterable[tuple[int, int, int]]:
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
    mentions = Mention.objects.unread().filter(participant=OuterRef("participant"), room=OuterRef("room"))
    rows = Membership.objects.filter(pk__in=memberships).annotate(
        news=_Count(news.values("pk")[:UNREAD_MAX]), mentions=_Count(mentions.values("pk")[:UNREAD_MAX])
    )
    return rows.values_list("pk", "news", "mentions")
