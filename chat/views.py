"""The pages: the index of rooms, and a room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from .access import Standing, may_enter
from .drafts import Identity
from .identity import identify
from .limits import PAGE_SIZE
from .models import Role, Room
from .models.room import clean_room_name
from .pages import entering
from .pages.room_access import Visit, arrivals, remember, visit
from .people.presence_store import live_counts
from .reads import room_state

YOUR_ROOMS_MAX = 50


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The rooms that everybody may see, and those that only you may."""
    who = identify(request)
    listed = list(Room.objects.recently_talked_in())
    own = list(Room.objects.never_listed().of_member(who.key).order_by("-last_posted_at")[:YOUR_ROOMS_MAX])
    standings = [arrival.standing for arrival in arrivals(request, [room.key for room in listed + own])]
    context = {
        "rooms": _entries(listed, standings[: len(listed)]),
        "your_rooms": _entries(own, standings[len(listed) :]),
        "you": _described(who),
        "account": _account(who),
    }
    return render(request, "chat/index.html", context)


@dataclass(frozen=True, slots=True)
class Entry:
    """A room in the index, as one person sees it."""

    name: str
    url: str
    topic: str
    sequence: int
    last_posted_at: datetime | None
    count: int
    """People who are there now."""
    unread: int
    private: bool
    password: bool
    hidden: bool
    closed: bool


def _entries(rooms: Sequence[Room], standings: Sequence[Standing]) -> list[Entry]:
    """Those of the rooms that the person may enter."""
    counts = live_counts([room.key for room in rooms])
    return [
        Entry(
            room.name,
            room.get_absolute_url(),
            room.topic,
            room.sequence,
            room.last_posted_at,
            counts.get(room.key, 0),
            _unread(room, standing),
            room.is_private,
            bool(room.password),
            room.is_hidden,
            room.closed_at is not None,
        )
        for room, standing in zip(rooms, standings, strict=True)
        if may_enter(room_state(room), standing)
    ]


def _unread(room: Room, standing: Standing) -> int:
    """What was said since the read mark; nothing for who has never been there."""
    if standing.role == Role.VISITOR and not standing.seen:
        return 0
    return max(0, room.sequence - max(standing.seen, room.purged_through))


@require_http_methods(["GET", "HEAD", "POST"])
def room(request: HttpRequest, room_name: str) -> HttpResponse:
    """The page of a room, whether anything was said in it or not. Looking writes nothing but the guest's
    cookie; a POST answers the question for the room's password."""
    try:
        door = visit(request, clean_room_name(room_name))
    except ValidationError as error:
        return not_found(request, error)
    if not door.may_enter:
        return entering.at_the_door(request, door)
    canonical = door.room.name if door.room else door.name
    if canonical != room_name or request.method == "POST":
        return redirect("room", canonical)
    return remember(request, render(request, "chat/room.html", _in_the_room(door, canonical)), door.who)


def _in_the_room(door: Visit, name: str) -> dict[str, object]:
    return {
        "room_name": name,
        "you": _described(door.who),
        "page_size": PAGE_SIZE,
        "account": _account(door.who),
        "manage_url": reverse("manage", args=[name]),
        "moderates": door.standing.moderates,
        "owns": door.standing.owns,
    }


def _described(who: Identity) -> dict[str, object]:
    """The participant as a page's script knows it, under the name last chosen."""
    return {"id": who.key, "name": who.name, "verified": who.user_id is not None}


def _account(who: Identity) -> dict[str, str] | None:
    return {"name": who.name, "url": reverse("account")} if who.user_id else None


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 with the reason why this is no place."""
    if isinstance(exception, ValidationError):
        reason = exception.messages[0]
    else:
        reason = _("There is nothing at this address.")
    return render(request, "404.html", {"reason": reason}, status=404)
