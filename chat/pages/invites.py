"""The page that an invite link opens."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ..access.rate_limits import Kind
from ..journal.joining import make_member
from ..models import Invite
from .entry import entry_refused
from .errors import too_fast
from .room_request import RoomRequest


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Make a member of who follows a link. The link carries its token after the `#`, so that no server logs
    it: the page's script sends it here as a form."""
    if request.method != "POST":
        return render(request, "chat/invite.html")
    link = Invite.objects.of_token(request.POST.get("token", ""))
    if link is None:
        return _no_use(request)
    guest = RoomRequest.of(request, link.room.name)
    if wait := guest.wait_for(Kind.ACT):
        return too_fast(request, wait)
    is_in_already = guest.may_enter and guest.permissions.is_member
    if not is_in_already:
        if not Invite.objects.open().filter(pk=link.pk).exists():
            return _no_use(request)
        if guest.permissions.banned:
            return entry_refused(guest)
        if not _used(link, guest):
            return _no_use(request)
    return guest.remembered(redirect("room", guest.name))


def _used(link: Invite, guest: RoomRequest) -> bool:
    """Make a member by a link that is open. For a member nothing is counted."""
    with transaction.atomic():
        if not make_member(link.room, guest.who) or Invite.objects.use(link):
            return True
        transaction.set_rollback(True)
        return False


def _no_use(request: HttpRequest) -> HttpResponse:
    """Forged, revoked, expired and used up look the same."""
    return render(request, "chat/invite_no_use.html", status=404)
