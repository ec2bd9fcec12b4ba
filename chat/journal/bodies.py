"""The text of a post or an edit as it will be stored: made before the write is queued, never under a lock."""

import msgspec
from django.core.exceptions import ValidationError
from msgspec.structs import replace

from .. import protocol
from ..protocol.limits import ALT_MAX
from ..text import markup
from ..text.cleaning import clean_line, clean_text
from ..text.mentions import Place, places
from .types import WriteRequest, refusal_of


class Body(msgspec.Struct, frozen=True):
    text: str
    html: str
    visible: str
    """What is read on the page, without markup."""
    format: int = markup.MARKUP
    places: tuple[Place, ...] = ()
    """Where it may name somebody."""
    alts: tuple[str, ...] = ()
    """What describes the files of a post."""


def with_body(request: WriteRequest) -> WriteRequest:
    """The request with its text clean and rendered, or with why it is refused. Takes up to 5 ms."""
    command = request.command
    if request.body is not None or not isinstance(command, protocol.Post | protocol.Edit):
        return request
    try:
        return replace(request, body=_body_of(command))
    except ValidationError as error:
        return replace(request, body=refusal_of(error))


def _body_of(command: protocol.Post | protocol.Edit) -> Body:
    """Beside files a text may be empty. Whether a message that is edited has some is known once its room is
    locked."""
    files, alts = (command.files, command.alts) if isinstance(command, protocol.Post) else (True, [])
    text = clean_text(command.message, may_be_empty=bool(files))
    rendered = markup.render(text)
    return Body(
        text,
        rendered.html,
        rendered.visible,
        places=places(rendered.prose),
        alts=tuple(clean_line(alt, ALT_MAX) for alt in alts),
    )


def plain_body(text: str, before: Body) -> Body:
    """A text whose signs mean nothing, in the place of another."""
    return replace(before, text=text, html=markup.plain_html(text), visible=text, format=markup.PLAIN)
