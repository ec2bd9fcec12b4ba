"""The page of a room's invite links: made, shown, revoked."""

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ..models import Invite
from ..pages.errors import not_found
from ..pages.qr_code import svg_of
from .forms import InviteForm
from .moderator_request import ModeratorRequest, moderator_page

LINKS_A_PAGE = 20


@moderator_page
def manage_invites(moderator: ModeratorRequest) -> HttpResponse:
    """The links that are open, and a form for one more."""
    form = InviteForm()
    if moderator.request.method == "POST":
        if number := moderator.request.POST.get("revoke"):
            _revoke(moderator, number)
            return moderator.back_to("manage_invites")
        form = InviteForm(moderator.request.POST)
        if form.is_valid():
            _make(moderator, form)
            return moderator.back_to("manage_invites")
    open_links = _open_links(moderator).select_related("created_by").order_by("-pk")
    rows = moderator.paginated(open_links, LINKS_A_PAGE)
    links = [{"row": row, "link": _address(moderator, row)} for row in rows]
    return moderator.page("invites.html", here="manage_invites", form=form, links=links, rows=rows)


@moderator_page
def invite_picture(moderator: ModeratorRequest) -> HttpResponse:
    """The QR code of an open link."""
    row = _numbered(_open_links(moderator), moderator.request.GET.get("link", ""))
    if row is None:
        return not_found(moderator.request)
    return svg_of(_address(moderator, row))


def _open_links(moderator: ModeratorRequest) -> QuerySet[Invite]:
    return Invite.objects.open().filter(room=moderator.room)


def _address(moderator: ModeratorRequest, row: Invite) -> str:
    return moderator.request.build_absolute_uri(reverse("invite")) + "#" + row.token


def _make(moderator: ModeratorRequest, form: InviteForm) -> None:
    row = Invite.objects.create(
        room=moderator.room,
        created_by=moderator.participant,
        expires_at=Now() + form.lifetime if form.lifetime else None,
        max_uses=form.cleaned_data["max_uses"],
    )
    moderator.record("invite", f"#{row.pk}")


def _revoke(moderator: ModeratorRequest, number: str) -> None:
    rows = Invite.objects.filter(room=moderator.room, revoked_at=None)
    row = _numbered(rows, number)
    if row and rows.filter(pk=row.pk).update(revoked_at=Now()):
        moderator.record("revoke", f"#{row.pk}")
        moderator.say(_("The link has been revoked. It no longer lets anyone in."))


def _numbered(rows: QuerySet[Invite], number: str) -> Invite | None:
    return rows.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None
