"""At the door of a room: what is said to who may not come in, how one gets in, and how one leaves."""

from uuid import uuid4

from django import forms
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from ..access.rate_limits import Kind, guesses, rates
from ..journal.service import write_and_publish
from ..journal.types import Draft, Refused
from ..models import Role, Room
from ..models.room import clean_room_name, fold_room_name
from ..protocol import Act, Moderate
from .room_request import Visit, bans_on, remember, take_in, visit


class RoomPasswordForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Be no member of a room any more, if one means it."""
    try:
        door = visit(request, clean_room_name(request.POST.get("room") or request.GET.get("room", "")))
    except ValidationError:
        return render(request, "404.html", status=404)
    name = door.room.name if door.room else door.name
    if request.method != "POST":
        return render(request, "chat/leave.html", {"room_name": name})
    if wait := rates.take(Kind.ACT, door.address, door.who.key):
        return too_fast(request, wait)
    draft = Draft(name, fold_room_name(name), door.who, Moderate(uuid4(), Act.LEAVE))
    [outcome] = write_and_publish([draft])
    if isinstance(outcome, Refused):
        return render(request, "403.html", {"reason": outcome.reason}, status=403)
    return redirect("index")


def at_the_door(request: HttpRequest, door: Visit) -> HttpResponse:
    """The page for who may not enter. Of a private room it says that the name is taken, whatever is in it;
    that they are banned hear only those who were its members."""
    room = door.room
    was_member = door.standing.role is not Role.VISITOR
    if door.standing.banned and (was_member or not (room and room.is_private)):
        return _banned(request, door)
    if room is None or room.is_private or not room.password:
        return _page(request, door)
    if request.method == "POST":
        return _answered(request, door, room)
    return _page(request, door, RoomPasswordForm(label_suffix=""))


def _answered(request: HttpRequest, door: Visit, room: Room) -> HttpResponse:
    wait = rates.take(Kind.PASSWORD, door.address, door.who.key)
    if wait:
        return too_fast(request, wait)
    form = RoomPasswordForm(request.POST, label_suffix="")
    if form.is_valid():
        whose = f"room:{room.key}"
        if wait := guesses.wait(whose):
            return too_fast(request, wait)
        if check_password(form.cleaned_data["password"], room.password):
            take_in(room, door.who)
            return remember(redirect("room", room.name), door.who)
        guesses.note(whose)
        form.add_error("password", _("This is not the password."))
    return _page(request, door, form)


def _page(request: HttpRequest, door: Visit, form: forms.Form | None = None) -> HttpResponse:
    return render(request, "chat/enter.html", {"room_name": door.name, "form": form}, status=403)


def _banned(request: HttpRequest, door: Visit) -> HttpResponse:
    bans = bans_on(door)
    context = {
        "room_name": door.name,
        "ban": bans[0] if bans else None,
        "by_address": any(ban.network for ban in bans),
        "everywhere": any(ban.room_id is None for ban in bans),
    }
    return render(request, "chat/banned.html", context, status=403)


def too_fast(request: HttpRequest, wait: float) -> HttpResponse:
    """429: asked for too often."""
    seconds = max(1, round(wait + 0.5))
    again = ngettext("Try again in %(n)d second.", "Try again in %(n)d seconds.", seconds) % {"n": seconds}
    context = {"reason": _("That was too often in a short time.") + " " + again}
    response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response
