"""Posting by a plain form, from the page of a room where no script runs."""

from typing import Final
from uuid import UUID, uuid4, uuid5

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from .. import protocol
from ..access.permissions import meets, refusal_to_post
from ..access.rate_limits import Kind, guest_name_taken, kind_of, rates
from ..journal.service import DATABASE_AWAY, write_all_steps
from ..journal.types import Done, Outcome, Refused, Stored, WriteRequest, refused
from ..protocol import ProtocolError
from ..protocol.errors import text_of
from ..protocol.slash_commands import Help, meaning_of
from ..text.cleaning import fold_room_name
from ..text.translation import help_text, translated
from .room_request import RoomRequest

STATUSES: Final = {"too_fast": 429, "slow_mode": 429, "unavailable": 503}
UNPROCESSABLE: Final = 422


def new_form_id() -> str:
    """What one form bears: sent twice with the same text, it is stored once."""
    return uuid4().hex


def post_by_form(entering: RoomRequest) -> HttpResponse:
    """What a `post` of a socket does, with its limits and refusals: leads to the new message. What was
    refused stands with the reason in the form of the page that answers."""
    request = entering.request
    text, form_id = request.POST["message"].replace("\r\n", "\n"), request.POST.get("form", "")
    outcome = _outcome(entering, protocol.Post(_client_id(form_id, text), text))
    if isinstance(outcome, Stored):
        answer: HttpResponse = redirect("room", entering.canonical_name, outcome.sequence)
    elif isinstance(outcome, Refused):
        answer = _answer(entering, translated(outcome.text), text, form_id or new_form_id())
        answer.status_code = STATUSES.get(outcome.code, UNPROCESSABLE)
        if outcome.retry_after:
            answer["Retry-After"] = str(round(outcome.retry_after + 0.5))
    elif isinstance(outcome, str):
        answer = _answer(entering, outcome)
    elif isinstance(outcome, Done) and outcome.notice:
        answer = _answer(entering, translated(outcome.notice))
    else:
        answer = redirect("room", entering.canonical_name)
    return entering.remembered(answer)


def _outcome(entering: RoomRequest, post: protocol.Post) -> Outcome | str:
    """A text is the answer to `/help`."""
    try:
        command = meaning_of(post)
    except ProtocolError as error:
        return Refused(error.code, error.text)
    if wait := _wait(entering, command):
        return refused("too_fast", retry_after=wait)
    if isinstance(command, Help):
        return help_text(lambda needs: meets(needs, entering.permissions))
    name = entering.canonical_name
    try:
        [outcome] = write_all_steps([WriteRequest(name, fold_room_name(name), entering.who, command)])
    except DATABASE_AWAY:
        return refused("unavailable.failed")
    return outcome


def _wait(entering: RoomRequest, command: protocol.Write | Help) -> float:
    """Seconds, where there was too much in a short time."""
    wait = entering.wait_for(kind_of(command))
    if not wait and isinstance(command, protocol.Post) and not (entering.room and entering.room.sequence):
        wait = rates.take(Kind.NEW_ROOM, entering.address)
    return wait or guest_name_taken(command, entering.address, is_guest=not entering.who.user_id)


def _client_id(form_id: str, text: str) -> UUID:
    """Another text from the same form, found again with the Back button, is another message."""
    try:
        return uuid5(UUID(form_id), text)
    except ValueError:
        return uuid4()


def empty_form(entering: RoomRequest) -> HttpResponse:
    """To write the first message, or the next one without reading."""
    refusal = refusal_to_post(entering.state, entering.permissions, timezone.now())
    said = translated(text_of(refusal)) if refusal else ""
    return entering.remembered(_answer(entering, said, form_id=new_form_id()))


def _answer(entering: RoomRequest, said: str, text: str = "", form_id: str = "") -> HttpResponse:
    context = {"room_name": entering.canonical_name, "said": said, "text": text, "form_id": form_id}
    return render(entering.request, "chat/posted.html", context)
