"""What the pages under /manage/ share: who may open them, and how they write through the journal."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from .. import protocol
from ..access.rate_limits import Kind
from ..journal.handlers.audit import NO_TARGET, HasName
from ..journal.service import write_all_steps
from ..journal.types import Done, Refused, Settings, WriteRequest
from ..models import AuditEntry, Participant, Room
from ..pages.errors import forbidden, not_found, too_fast
from ..pages.room_request import RoomRequest
from ..text.cleaning import clean_room_name
from ..text.translation import translated


@dataclass(frozen=True, slots=True)
class ModeratorRequest(RoomRequest):
    """A request for a page of a room by somebody who moderates it: a moderator, its owner, or staff."""

    room: Room

    @property
    def participant(self) -> Participant | None:
        """None for an account of the staff that has not taken part yet."""
        return Participant.objects.filter(key=self.who.key).first()

    def write(self, command: protocol.Write | Settings, form: BaseForm | None = None) -> bool:
        """Write it. False when it is refused: the reason becomes an error of the form. Without a form the
        next page shows it, as it shows what was done."""
        is_system = self.permissions.staff and not self.participant
        who = None if is_system else self.who
        write_request = WriteRequest(self.room.name, self.room.key, who, command, by=self.who.name)
        match write_all_steps([write_request])[0]:
            case Refused(text=text):
                if form:
                    form.add_error(None, translated(text))
                else:
                    self.complain(translated(text))
                return False
            case Done(notice=notice) if notice:
                self.say(translated(notice))
            case _:
                self.say(_("Done."))
        return True

    def record(self, act: str, detail: str, target: HasName = NO_TARGET) -> None:
        """Add an entry to the audit log for what the page has done by itself."""
        AuditEntry.objects.create(
            room=self.room,
            actor=self.participant,
            actor_name=self.who.name,
            act=act,
            target_key=target.key,
            target_name=target.name,
            detail=detail,
        )

    def say(self, words: str) -> None:
        messages.success(self.request, words)

    def complain(self, words: str) -> None:
        messages.error(self.request, words)

    def page(self, template: str, **context: object) -> HttpResponse:
        shared = {"room": self.room, "owns": self.permissions.owns, "staff": self.permissions.staff}
        return render(self.request, f"chat/manage/{template}", {**shared, **context})

    def paginated(self, rows: QuerySet[Any], size: int) -> Page[Any]:
        """The part of a long list that the address asks for, by `?page=`."""
        return Paginator(rows, size).get_page(self.request.GET.get("page"))

    def back_to(self, view: str) -> HttpResponse:
        return redirect(view, self.room.name)


def moderator_page(
    view: Callable[[ModeratorRequest], HttpResponse],
) -> Callable[[HttpRequest, str], HttpResponse]:
    """Make a page that only moderators of a room see. All others get one answer, whatever the room is."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def opened(request: HttpRequest, room_name: str) -> HttpResponse:
        try:
            asked = RoomRequest.of(request, clean_room_name(room_name))
        except ValidationError as error:
            return not_found(request, error)
        room = asked.room
        if room is None:
            return not_found(request, reason=_no_room_yet())
        if not (asked.may_enter and asked.permissions.moderates):
            return forbidden(request, _("Only the room's owner and moderators can see this page."))
        if request.method != "POST" and room.name != room_name:
            return redirect(view.__name__, room.name)
        if request.method == "POST" and (wait := asked.wait_for(Kind.ACT)):
            return too_fast(request, wait)
        return view(ModeratorRequest(request, asked.name, room, asked.who, asked.permissions, asked.address))

    return opened


def _no_room_yet() -> str:
    return _("Nobody has written in this room yet. Whoever writes first creates it and owns it.")
