"""The pages: the index of rooms, and a room."""

import time
from functools import lru_cache
from typing import Final

import msgspec
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from . import protocol
from .access.client_address import address_of_request
from .access.identity import Identity, identity_of
from .journal import selectors
from .models import Room
from .pages.entry import entry_refused
from .pages.errors import no_message, not_found
from .pages.message_page import message_page
from .pages.posting import empty_form, new_form_id, post_by_form
from .pages.room_request import RoomRequest
from .protocol import RoomState
from .protocol.limits import PAGE_SIZE
from .realtime.frames import reset_frame
from .realtime.room_list import Viewer, read_rooms
from .text.cleaning import clean_room_name

PAGES_KEPT: Final = 32  # rooms whose newest page a process keeps
KEPT_FOR: Final = 10.0  # seconds: after a backup is restored, a room may have a version for a second time


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Your rooms, and the others that everybody finds. `?room=`, which the form sends where there is no
    script, leads into the room, or back to the form with what is wrong with its name."""
    typed, flaw = request.GET.get("room"), ""
    if typed is not None:
        try:
            return redirect("room", clean_room_name(typed.strip()))
        except ValidationError as error:
            flaw = error.messages[0]
    viewer = Viewer(identity_of(request.user, request.COOKIES), address_of_request(request))
    listed, (you,) = read_rooms([viewer])
    unread, mentions = you.own.unread, you.own.mentions
    own = {room.name for room in you.own.rooms}
    context = {
        "typed": typed or "",
        "flaw": flaw,
        "rooms": [
            msgspec.structs.replace(r, unread=unread.get(r.name), mentions=mentions.get(r.name, 0))
            for r in listed
            if r.name not in own
        ],
        "your_rooms": you.own.rooms,
        "you": msgspec.structs.asdict(you.who.author),
        "account": _account(you.who),
    }
    return render(request, "chat/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def room(request: HttpRequest, room_name: str, sequence: str = "") -> HttpResponse:
    """The page of a room, also of one where nobody has posted yet; with a sequence, at that message. Reading
    it writes nothing but cookies; a POST answers the question for the room's password, or says something."""
    try:
        entering = RoomRequest.of(request, clean_room_name(room_name))
    except ValidationError as error:
        return not_found(request, error)
    if not entering.may_enter:
        return entry_refused(entering)
    if request.method == "POST" and "message" in request.POST:
        return post_by_form(entering)
    place = str(int(sequence)) if sequence else ""
    if (entering.canonical_name, place) != (room_name, sequence) or request.method == "POST":
        return redirect("room", entering.canonical_name, *([place] if place else []))
    if "write" in request.GET:
        return empty_form(entering)
    if not place:
        page = render(request, "chat/room.html", _room_context(entering) | _newest(entering))
    elif entering.room and (at := message_page(entering.room, int(place))):
        frames = _frames(entering, _in_a_script(at.frame))
        context = {"at": at, "first_frames": frames, "form_id": new_form_id()}
        page = render(request, "chat/room.html", _room_context(entering) | context)
    else:
        return no_message(request, entering.canonical_name)
    # Unlike `no-store` it lets a browser keep the page for the Back button. A log-out empties the cache.
    page.headers["Cache-Control"] = "private, no-cache"
    return entering.remembered(page)


def _room_context(entered: RoomRequest) -> dict[str, object]:
    is_open = not (entered.state.private or entered.state.password)
    return {
        "is_open": is_open,
        "is_indexed": is_open and entered.room is not None and entered.room.is_indexed,
        "room_name": entered.canonical_name,
        "you": msgspec.structs.asdict(entered.who.author),
        "page_size": PAGE_SIZE,
        "uploads": settings.UPLOADS,
        "account": _account(entered.who),
        "link": entered.request.build_absolute_uri(reverse("room", args=[entered.canonical_name])),
        "state": entered.state,
        "permissions": entered.permissions,
    }


def _newest(entered: RoomRequest) -> dict[str, object]:
    """What a socket would be sent first, and the place of the last message that can be read. No frames where
    nothing was ever said."""
    if entered.room is None:
        return {"first_frames": "[]"}
    room, moment = entered.room, int(time.monotonic() / KEPT_FOR)
    version = (room.epoch, room.revision, room.last_posted_at, moment)
    changes, last = _newest_page(room, entered.state, version)
    return {"first_frames": _frames(entered, changes.decode()), "last": last}


def _frames(entered: RoomRequest, changes: str) -> SafeString:
    """What a script draws before there is a socket: a JSON array of the visitor's `standing` and a `changes`
    frame."""
    permissions = protocol.encode(entered.permissions.event_at(timezone.now()))
    return SafeString(f"[{_in_a_script(permissions)},{changes}]")


@lru_cache(PAGES_KEPT)
def _newest_page(room: Room, state: RoomState, version: tuple[object, ...]) -> tuple[bytes, int | None]:
    """The reset of one version of a room, the same for everybody who may enter, and the place of its last
    message that is not deleted."""
    page = selectors.page_as_of(room)
    frame = reset_frame(room.epoch, room.revision, page, state)
    last = next((change.sequence for change in reversed(page.changes) if not change.message.deleted), None)
    return _in_a_script(frame).encode(), last


def _in_a_script(frame: bytes) -> str:
    """JSON in a script element: no text may end it (as Django's `json_script` has it)."""
    text = frame.decode()
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04X}")
    return text


def _account(who: Identity) -> dict[str, str] | None:
    return {"name": who.name, "url": reverse("account")} if who.user_id else None
