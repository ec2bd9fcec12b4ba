"""The text of a post or an edit as it will be stored: made before the write is queued, never under a lock."""

from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError

from .. import protocol
from ..text import markup
from ..text.cleaning import clean_text
from ..text.mentions import Place, places
from .types import Refused, WriteRequest, refusal_of


@dataclass(frozen=True, slots=True)
class Body:
    text: str
    html: str
    visible: str
    """What is read on the page, without markup."""
    format: int = markup.MARKUP
    places: tuple[Place, ...] = ()
    """Where it may name somebody."""


def with_body(request: WriteRequest) -> WriteRequest:
    """The request with its text clean and rendered, or with why it is refused. Takes up to 5 ms."""
    command = request.command
    if request.body is not None or not isinstance(command, protocol.Post | protocol.Edit):
        return request
    return replace(request, body=body_of(command.message))


def body_of(raw: str) -> Body | Refused:
    try:
        text = clean_text(raw)
    except ValidationError as error:
        return refusal_of(error)
    rendered = markup.render(text)
    return Body(text, rendered.html, rendered.visible, places=places(rendered.prose))


def plain_body(text: str, before: Body) -> Body:
    """A text whose signs mean nothing, in the place of another."""
    return Body(text, markup.plain_html(text), text, markup.PLAIN, before.places)
