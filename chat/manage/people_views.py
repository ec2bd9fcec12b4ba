"""The page of a room's people: who belongs to it, who is here, who is muted or banned, and what to do."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Now
from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise

from ..access.permissions import RoomPermissions, may_moderate
from ..models import Ban, Connection, Membership
from ..models.membership import ROLE_NAMES
from ..protocol import Act
from ..protocol.limits import NAME_MAX
from ..protocol.roles import Role
from .forms import DURATIONS, ActForm
from .moderator_request import ModeratorRequest, moderator_page

PAGE = 50
HERE_MAX = 100
BANS_MAX = 200

# What may be done to somebody of this role, beside what may be done to everybody.
OF_ROLE = {
    Role.VISITOR: {Act.ADMIT},
    Role.MEMBER: {Act.PROMOTE, Act.DISMISS, Act.HAND_OVER},
    Role.MODERATOR: {Act.DEMOTE, Act.HAND_OVER},
    Role.OWNER: set[Act](),
}
ALWAYS = {Act.KICK, Act.BAN, Act.PURGE}


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody in the list, with the acts that are open to whoever reads it."""

    id: str
    name: str
    verified: bool
    role: Role
    muted_until: datetime | None
    is_here: bool
    acts: frozenset[str]

    @property
    def role_name(self) -> Promise | str:
        return ROLE_NAMES[self.role]


@moderator_page
def manage_people(moderator: ModeratorRequest) -> HttpResponse:
    if moderator.request.method == "POST":
        act_on_somebody(moderator)
        return moderator.back_to("manage_people")
    query = moderator.request.GET.get("q", "").replace("\0", "").strip()[:NAME_MAX]
    here = _here(moderator)
    rows = _page(moderator, query)
    return moderator.page(
        "people.html",
        here="manage_people",
        query=query,
        rows=rows,
        people=[_listed(moderator, row, here) for row in rows],
        visitors=_visitors(moderator, here),
        bans=_bans(moderator, query),
        durations=DURATIONS,
    )


def act_on_somebody(moderator: ModeratorRequest) -> None:
    """Do what a form says that stands beside a person. The next page shows what became of it."""
    form = ActForm(moderator.request.POST)
    if form.is_valid():
        moderator.write(form.command)
    else:
        moderator.complain(str(next(iter(form.errors.values()))[0]))


def listed_people(moderator: ModeratorRequest, ids: Collection[int | None]) -> dict[int | None, Listed]:
    """Those participants who have ever been in the room, with the acts that are open."""
    rows = Membership.objects.filter(room=moderator.room, participant__in=[pk for pk in ids if pk])
    return {row.participant_id: _listed(moderator, row, ()) for row in rows.select_related("participant")}


def _page(moderator: ModeratorRequest, query: str) -> Page[Membership]:
    """Members by rank and name, and muted visitors. Staff who searches finds every visitor."""
    rows = Membership.objects.filter(room=moderator.room).select_related("participant")
    if not (query and moderator.permissions.staff):
        rows = rows.filter(~Q(role=Role.VISITOR) | Q(muted_until__gt=Now()))
    if query:
        rows = rows.filter(participant__name__icontains=query)
    return moderator.paginated(_by_rank(rows), PAGE)


def _by_rank(rows: QuerySet[Membership]) -> QuerySet[Membership]:
    ranks = [Role.OWNER, Role.MODERATOR, Role.MEMBER]
    rank = Case(*(When(role=role, then=Value(n)) for n, role in enumerate(ranks)), default=Value(len(ranks)))
    return rows.order_by(rank, "participant__name", "pk")


def _here(moderator: ModeratorRequest) -> dict[str, Connection]:
    """Everybody who is in the room now, by id."""
    rows = Connection.objects.live().filter(room_key=moderator.room.key).order_by("name")
    return {row.participant_key: row for row in rows}


def _visitors(moderator: ModeratorRequest, here: dict[str, Connection]) -> list[Listed]:
    members = Membership.objects.filter(room=moderator.room, participant__key__in=here)
    known = set(members.exclude(role=Role.VISITOR).values_list("participant__key", flat=True))
    strangers = [row for key, row in here.items() if key not in known and key != moderator.who.key]
    acts = _acts(moderator, Role.VISITOR)
    return [
        Listed(row.participant_key, row.name, row.verified, Role.VISITOR, None, True, acts)
        for row in strangers[:HERE_MAX]
    ]


def _listed(moderator: ModeratorRequest, row: Membership, here: Iterable[str]) -> Listed:
    person, role = row.participant, Role(row.role)
    is_muted = row.muted_until is not None and row.muted_until > timezone.now()
    acts = _acts(moderator, role, is_muted=is_muted) if person.key != moderator.who.key else frozenset[str]()
    return Listed(
        person.key,
        person.name,
        person.user_id is not None,
        role,
        row.muted_until if is_muted else None,
        person.key in here,
        acts,
    )


def _acts(moderator: ModeratorRequest, role: Role, *, is_muted: bool = False) -> frozenset[str]:
    offered = OF_ROLE[role] | ALWAYS | {Act.UNMUTE if is_muted else Act.MUTE}
    target = RoomPermissions(role)
    return frozenset(act.value for act in offered if may_moderate(act, moderator.permissions, target))


def _bans(moderator: ModeratorRequest, query: str) -> list[Ban]:
    """The newest, of those whose name was searched for if one was."""
    bans = Ban.objects.in_force().filter(room=moderator.room, name__icontains=query)
    return list(bans.order_by("-pk")[:BANS_MAX])
