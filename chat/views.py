"""The pages: the index of rooms, and a room."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from . import protocol
from .drafts import Identity
from .identity import guest_key, identity_of, remember_guest
from .limits import PAGE_SIZE
from .models import Participant, Room
from .models.room import clean_room_name, fold_room_name


@require_safe
@cache_control(private=True, no_store=True)
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "chat/index.html", {"rooms": Room.objects.recently_talked_in()})


@require_safe
@cache_control(private=True, no_store=True)
def room(request: HttpRequest, room_name: str) -> HttpResponse:
    """The page of a room, whether anything was said in it or not. Writes nothing but the guest's cookie."""
    try:
        name = clean_room_name(room_name)
    except ValidationError as error:
        return not_found(request, error)
    first = Room.objects.filter(key=fold_room_name(name)).first()
    canonical = first.name if first else name
    if canonical != room_name:
        return redirect("room", canonical)
    who = identity_of(request.user, request.COOKIES)
    context = {"room_name": canonical, "you": _named(who), "page_size": PAGE_SIZE}
    response = render(request, "chat/room.html", context)
    if who.user_id is None and guest_key(request.COOKIES) is None:
        remember_guest(response, who.key)
    return response


def _named(who: Identity) -> dict[str, object]:
    """The participant as the page's script knows it, under the name last chosen."""
    name = Participant.objects.filter(key=who.key).values_list("name", flat=True).first()
    author = protocol.Author(who.key, name or who.name, who.user_id is not None)
    return {"id": author.id, "name": author.name, "verified": author.verified}


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 with the reason why this is no place."""
    if isinstance(exception, ValidationError):
        reason = exception.messages[0]
    else:
        reason = _("There is nothing at this address.")
    return render(request, "404.html", {"reason": reason}, status=404)
