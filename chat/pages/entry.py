"""Entering a room by its password, the page for those who may not enter, and leaving a room."""

from math import inf
from uuid import uuid4

from django import forms
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ..access.bans import BanRule
from ..access.rate_limits import Kind, guesses
from ..journal.joining import make_member
from ..journal.service import write_all_steps
from ..journal.types import Refused, WriteRequest
from ..models import Ban, Room
from ..protocol import Act, Moderate
from ..protocol.roles import Role
from ..text.cleaning import clean_room_name, fold_room_name
from ..text.translation import translated
from .errors import forbidden, not_found, too_fast
from .room_request import RoomRequest


class RoomPasswordForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """End one's membership of a room, after a page that asks whether it is meant."""
    try:
        name = clean_room_name(request.POST.get("room") or request.GET.get("room", ""))
    except ValidationError:
        return not_found(request)
    leaving = RoomRequest.of(request, name)
    name = leaving.canonical_name
    if request.method != "POST":
        is_member, state = leaving.permissions.is_member, leaving.state
        context = {
            "room_name": name,
            "owns": leaving.permissions.role is Role.OWNER and not state.closed,
            "moderates": leaving.permissions.role is Role.MODERATOR,
            "is_shut": is_member and (state.private or state.password),
        }
        return render(request, "chat/leave.html", context)
    if wait := leaving.wait_for(Kind.ACT):
        return too_fast(request, wait)
    write_request = WriteRequest(name, fold_room_name(name), leaving.who, Moderate(uuid4(), Act.LEAVE))
    [outcome] = write_all_steps([write_request])
    if isinstance(outcome, Refused):
        return forbidden(request, translated(outcome.text))
    return redirect("index")


def entry_refused(entering: RoomRequest) -> HttpResponse:
    """The page for who may not enter: it asks for the room's password where that is of use.

    Of a private room it says that it is private, and nothing of what is in it. Only those
    who were its members learn that they are banned.
    """
    room, permissions = entering.room, entering.permissions
    if permissions.banned and (permissions.role is not Role.VISITOR or not (room and room.is_private)):
        return _banned(entering)
    if room is None or room.is_private or not room.password:
        return _page(entering)
    if entering.request.method == "POST":
        return _password_given(entering, room)
    return _page(entering, RoomPasswordForm(label_suffix=""))


def _password_given(entering: RoomRequest, room: Room) -> HttpResponse:
    request = entering.request
    if wait := entering.wait_for(Kind.PASSWORD):
        return too_fast(request, wait)
    form = RoomPasswordForm(request.POST, label_suffix="")
    if form.is_valid():
        guessed = f"room:{room.key}"
        if wait := guesses.wait(guessed):
            return too_fast(request, wait)
        if check_password(form.cleaned_data["password"], room.password):
            make_member(room, entering.who)
            return entering.remembered(redirect(request.path))
        guesses.record(guessed)
        form.add_error("password", _("That is not the password."))
    return _page(entering, form)


def _page(entering: RoomRequest, form: forms.Form | None = None) -> HttpResponse:
    context = {"room_name": entering.name, "form": form}
    return render(entering.request, "chat/enter.html", context, status=403)


def _banned(entering: RoomRequest) -> HttpResponse:
    bans = _bans_on(entering)
    context = {
        "ban": bans[0] if bans else None,
        "everywhere": any(ban.room_id is None for ban in bans),
    }
    return render(entering.request, "chat/banned.html", context, status=403)


def _bans_on(entering: RoomRequest) -> list[Ban]:
    """The bans that keep somebody out, by the database's clock, the longest first."""
    who, role, key = entering.who, entering.permissions.role, fold_room_name(entering.name)
    rows = Ban.objects.in_force().filter(Q(participant_key=who.key) | ~Q(network=""))
    bans = [
        ban
        for ban in rows.filter(Q(room=entering.room) | Q(room=None)).select_related("room")
        if BanRule.of(ban).concerns(who.key, role, entering.address, key)
    ]
    return sorted(bans, key=lambda ban: -(ban.until.timestamp() if ban.until else inf))
