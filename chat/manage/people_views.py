"""The page of a room's people: who belongs to it, who is here, who is muted or banned, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Now
from django.http import HttpResponse
from django.utils import timezone

from ..access.permissions import Standing, may_moderate
from ..models import Ban, Connection, Membership, Role
from ..protocol import Act
from ..protocol.limits import NAME_MAX
from .forms import DURATIONS, ActForm
from .room_request import Desk, page_of_moderators

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


@page_of_moderators
def manage_people(desk: Desk) -> HttpResponse:
    if desk.request.method == "POST":
        form = ActForm(desk.request.POST)
        if form.is_valid():
            desk.write(form.command)
        else:
            desk.complain(str(next(iter(form.errors.values()))[0]))
        return desk.back_to("manage_people")
    query = desk.request.GET.get("q", "").replace("\0", "").strip()[:NAME_MAX]
    here = _here(desk)
    rows = _page(desk, query)
    return desk.page(
        "people.html",
        here="manage_people",
        query=query,
        rows=rows,
        people=[_listed(desk, row, here) for row in rows],
        visitors=_visitors(desk, here),
        bans=_bans(desk),
        durations=DURATIONS,
    )


def _page(desk: Desk, query: str) -> Page[Membership]:
    """Members by rank and name; of the visitors those who are muted."""
    belonging = ~Q(role=Role.VISITOR) | Q(muted_until__gt=Now())
    rows = Membership.objects.filter(belonging, room=desk.room).select_related("participant")
    if query:
        rows = rows.filter(participant__name__icontains=query)
    return desk.page_of(_by_rank(rows), PAGE)


def _by_rank(rows: QuerySet[Membership]) -> QuerySet[Membership]:
    ranks = [Role.OWNER, Role.MODERATOR, Role.MEMBER]
    rank = Case(*(When(role=role, then=Value(n)) for n, role in enumerate(ranks)), default=Value(len(ranks)))
    return rows.order_by(rank, "participant__name", "pk")


def _here(desk: Desk) -> dict[str, Connection]:
    """Everybody who is in the room now, by id."""
    rows = Connection.objects.live().filter(room_key=desk.room.key).order_by("name")
    return {row.participant_key: row for row in rows}


def _visitors(desk: Desk, here: dict[str, Connection]) -> list[Listed]:
    """Who is here and does not belong to the room."""
    members = Membership.objects.filter(room=desk.room, participant__key__in=here)
    known = set(members.exclude(role=Role.VISITOR).values_list("participant__key", flat=True))
    strangers = [row for key, row in here.items() if key not in known and key != desk.who.key]
    acts = _acts(desk, Role.VISITOR)
    return [
        Listed(row.participant_key, row.name, row.verified, Role.VISITOR, None, True, acts)
        for row in strangers[:HERE_MAX]
    ]


def _listed(desk: Desk, row: Membership, here: Iterable[str]) -> Listed:
    person, role = row.participant, Role(row.role)
    is_muted = row.muted_until is not None and row.muted_until > timezone.now()
    acts = _acts(desk, role, is_muted=is_muted) if person.key != desk.who.key else frozenset[str]()
    return Listed(
        person.key,
        person.name,
        person.user_id is not None,
        role,
        row.muted_until if is_muted else None,
        person.key in here,
        acts,
    )


def _acts(desk: Desk, role: Role, *, is_muted: bool = False) -> frozenset[str]:
    offered = OF_ROLE[role] | ALWAYS | {Act.UNMUTE if is_muted else Act.MUTE}
    target = Standing(role)
    return frozenset(act.value for act in offered if may_moderate(act, desk.standing, target))


def _bans(desk: Desk) -> list[Ban]:
    return list(Ban.objects.in_force().filter(room=desk.room).order_by("-pk")[:BANS_MAX])
