"""What the pages under /manage/ share: who may open them, and how an act gets from a form to the journal."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import uuid4

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
from ..access.identity import Identity
from ..access.permissions import Standing
from ..access.rate_limits import Kind, rates
from ..journal.service import write_and_publish
from ..journal.types import Done, Draft, Outcome, Refused, Settings
from ..models import Participant, Room
from ..models.room import clean_room_name
from ..pages.entry import too_fast
from ..pages.room_request import visit
from ..protocol import Act
from ..views import not_found


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who keeps order in a room, with a request."""

    request: HttpRequest
    room: Room
    who: Identity
    standing: Standing

    @property
    def participant(self) -> Participant | None:
        """None for an account of the staff that has done nothing yet."""
        return Participant.objects.filter(key=self.who.key).first()

    def write(self, command: protocol.Write | Settings) -> Outcome:
        """Do it; what became of it is told on the next page."""
        outcome = self._write(command)
        self._tell(outcome)
        return outcome

    def _write(self, command: protocol.Write | Settings) -> Outcome:
        as_the_house = self.standing.staff and not self.participant
        who = None if as_the_house else self.who
        draft = Draft(self.room.name, self.room.key, who, command, by=self.who.name)
        return write_and_publish([draft])[0]

    def moderate(self, act: Act, **details: object) -> Outcome:
        return self.write(protocol.Moderate(uuid4(), act, **details))  # type: ignore[arg-type]

    def has_written(self, command: protocol.Write | Settings, form: BaseForm | None = None) -> bool:
        """Do it. What was refused stands on the form, if there is one."""
        outcome = self._write(command)
        if isinstance(outcome, Refused) and form is not None:
            form.add_error(None, outcome.reason)
            return False
        self._tell(outcome)
        return True

    def say(self, words: str) -> None:
        messages.success(self.request, words)

    def complain(self, words: str) -> None:
        messages.error(self.request, words)

    def _tell(self, outcome: Outcome) -> None:
        match outcome:
            case Refused(reason=reason):
                self.complain(reason)
            case Done(notice=notice) if notice:
                self.say(notice)
            case _:
                self.say(_("Done."))

    def page(self, template: str, **context: object) -> HttpResponse:
        shared = {"room": self.room, "owns": self.standing.owns, "staff": self.standing.staff}
        return render(self.request, f"chat/manage/{template}", {**shared, **context})

    def page_of(self, rows: QuerySet[Any], size: int) -> Page[Any]:
        """The part of a long list that the address asks for."""
        return Paginator(rows, size).get_page(self.request.GET.get("page"))

    def back_to(self, view: str) -> HttpResponse:
        return redirect(view, self.room.name)


def page_of_moderators(view: Callable[[Desk], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """A page about a room for its owner, its moderators and staff. Everybody else is told one and the same,
    whatever the room is."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def opened(request: HttpRequest, room_name: str) -> HttpResponse:
        try:
            door = visit(request, clean_room_name(room_name))
        except ValidationError as error:
            return not_found(request, error)
        room = door.room
        if room is None:
            return _no_room_yet(request)
        if not (door.may_enter and door.standing.moderates):
            return _only_for_moderators(request)
        if request.method != "POST" and room.name != room_name:
            return redirect(view.__name__, room.name)
        wait = rates.take(Kind.ACT, door.address, door.who.key) if request.method == "POST" else 0
        if wait:
            return too_fast(request, wait)
        return view(Desk(request, room, door.who, door.standing))

    return opened


def _no_room_yet(request: HttpRequest) -> HttpResponse:
    reason = _("Nobody has said anything in this room yet. Its first message makes it, and its first owner.")
    return render(request, "404.html", {"reason": reason}, status=404)


def _only_for_moderators(request: HttpRequest) -> HttpResponse:
    reason = _("This page is for the room's owner and its moderators.")
    return render(request, "403.html", {"reason": reason}, status=403)
