"""Invite links: made and revoked by who keeps order in a room, followed by everybody else."""

import io

import segno
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ..access.rate_limits import Kind, rates
from ..manage.forms import InviteForm
from ..manage.room_request import Desk, page_of_moderators
from ..models import AuditEntry, Invite
from .entry import at_the_door, too_fast
from .room_request import Visit, remember, take_in, visit

PAGE = 20  # links


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Where an invite link leads. The link carries its token after the `#`, so that no server logs it: the
    page's script sends it here as a form."""
    if request.method != "POST":
        return render(request, "chat/invite.html")
    found = Invite.objects.of_token(request.POST.get("token", ""))
    if found is None:
        return _no_use(request)
    door = visit(request, found.room.name)
    wait = rates.take(Kind.ACT, door.address, door.who.key)
    if wait:
        return too_fast(request, wait)
    if door.may_enter and door.standing.is_member:
        return _entered(request, door)
    if not Invite.objects.open().filter(pk=found.pk).exists():
        return _no_use(request)
    if door.standing.banned:
        return at_the_door(request, door)
    return _entered(request, door) if _used(found, door) else _no_use(request)


def _entered(request: HttpRequest, door: Visit) -> HttpResponse:
    return remember(redirect("room", door.name), door.who)


def _used(found: Invite, door: Visit) -> bool:
    """Let somebody in by a link that is open. Who is a member already uses none of it up."""
    with transaction.atomic():
        if not take_in(found.room, door.who) or Invite.objects.use(found):
            return True
        transaction.set_rollback(True)
        return False


def _no_use(request: HttpRequest) -> HttpResponse:
    """Forged, revoked, expired and used up look the same."""
    return render(request, "chat/invite_no_use.html", status=404)


@page_of_moderators
def manage_invites(desk: Desk) -> HttpResponse:
    """The links that are open, and a form for one more."""
    form = InviteForm()
    if desk.request.method == "POST":
        if number := desk.request.POST.get("revoke"):
            _revoke(desk, number)
            return desk.back_to("manage_invites")
        form = InviteForm(desk.request.POST)
        if form.is_valid():
            _make(desk, form)
            return desk.back_to("manage_invites")
    rows = Invite.objects.open().filter(room=desk.room).select_related("created_by").order_by("-pk")
    page = desk.page_of(rows, PAGE)
    links = [{"row": row, "link": _link(desk, row)} for row in page]
    return desk.page("invites.html", here="manage_invites", form=form, links=links, rows=page)


def _link(desk: Desk, row: Invite) -> str:
    return desk.request.build_absolute_uri(reverse("invite")) + "#" + row.token


@page_of_moderators
def invite_picture(desk: Desk) -> HttpResponse:
    """The QR code of an open link, drawn for who looks at it: each costs the processor 7 ms."""
    row = _numbered(Invite.objects.open().filter(room=desk.room), desk.request.GET.get("link", ""))
    if row is None:
        return render(desk.request, "404.html", status=404)
    picture = io.BytesIO()
    code = segno.make_qr(_link(desk, row), error="m")
    code.save(picture, kind="svg", scale=4, border=3, dark="#000", light="#fff")
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


def _make(desk: Desk, form: InviteForm) -> None:
    by, lifetime = desk.participant, form.lifetime
    row = Invite.objects.create(
        room=desk.room,
        created_by=by,
        expires_at=Now() + lifetime if lifetime else None,
        max_uses=form.cleaned_data["max_uses"],
    )
    _log(desk, "invite", row)


def _revoke(desk: Desk, number: str) -> None:
    rows = Invite.objects.filter(room=desk.room, revoked_at=None)
    row = _numbered(rows, number)
    if row and rows.filter(pk=row.pk).update(revoked_at=Now()):
        _log(desk, "revoke", row)
        desk.say(_("The link is revoked: nobody comes in by it any more."))


def _numbered(rows: QuerySet[Invite], number: str) -> Invite | None:
    return rows.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None


def _log(desk: Desk, act: str, row: Invite) -> None:
    AuditEntry.objects.create(
        room=desk.room, actor=desk.participant, actor_name=desk.who.name, act=act, detail=f"#{row.pk}"
    )
