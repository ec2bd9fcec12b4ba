"""Text frames to typed commands, typed events to text frames. Pure: no Django, no I/O.

docs/PROTOCOL.md is the description for people; the types here are its letter. Every command that arrives
is checked against its type in one pass, so nothing behind this module meets a missing field or a wrong type.
"""

import datetime
import json
from enum import IntEnum
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec

from .limits import FRAME_MAX

SUBPROTOCOL: Final = "chat.v1"

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Place = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]


class CloseCode(IntEnum):
    """Why a socket was closed (daphne can send only 1000 and 3000 to 4999)."""

    RESTART = 4012
    """The server restarts: come back, with jitter."""
    SIGN_IN = 4401
    NOT_ALLOWED = 4403
    NO_SUCH_PLACE = 4404
    TOO_SLOW = 4408
    """The peer did not read what it was sent: come back and resume."""
    FLOODING = 4429


class ProtocolError(Exception):
    """A frame that is no command. `code` is stable; `client_id` is set when one could be read."""

    def __init__(self, code: str, client_id: UUID | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.client_id = client_id


# --- Commands: browser to server ---


class Command(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class Write(Command, frozen=True):
    """A command that is committed, then answered by `ack` or `error` with its `client_id`."""

    client_id: UUID


class Post(Write, frozen=True, tag="post"):
    message: str
    reply_to: Place | None = None


class Edit(Write, frozen=True, tag="edit"):
    sequence: Place
    message: str
    revision: Count
    """The message's revision when its author last saw it."""


class Delete(Write, frozen=True, tag="delete"):
    sequence: Place


class Rename(Write, frozen=True, tag="rename"):
    name: str


class Resume(Command, frozen=True, tag="resume"):
    epoch: str | None = None
    after: Count = 0


class History(Command, frozen=True, tag="history"):
    before: Place | None = None
    limit: Limit = 50


AnyCommand = Post | Edit | Delete | Rename | Resume | History


class Say(msgspec.Struct, frozen=True):
    """The plain dialect's one command."""

    message: str


# --- Events: server to browser ---


class Author(msgspec.Struct, frozen=True):
    id: str | None
    name: str
    verified: bool = False


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message, whole: its newest state."""

    sequence: int
    revision: int
    author: Author
    message: str
    html: str
    sent_at: datetime.datetime
    client_id: UUID
    edited_at: datetime.datetime | None = None
    deleted: bool = False
    reply_to: int | None = None


class RoomState(msgspec.Struct, frozen=True):
    name: str
    topic: str


class Limits(msgspec.Struct, frozen=True):
    message: int  # code points
    name: int  # characters
    frame: int  # bytes
    in_flight: int  # writes that may wait for their answer


class Event(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class Welcome(Event, frozen=True, tag="welcome"):
    room: str
    epoch: str | None
    revision: int
    sequence: int
    you: Author
    limits: Limits


class Changes(Event, frozen=True, tag="changes", omit_defaults=True):
    """`messages` are encoded already: a message is encoded once, however many frames carry it."""

    epoch: str | None
    after: int
    revision: int
    messages: list[msgspec.Raw]
    room: RoomState | None = None
    reset: bool = False
    more: bool = False


class HistoryPage(Event, frozen=True, tag="history"):
    messages: list[msgspec.Raw]
    more: bool


class Ack(Event, frozen=True, tag="ack", omit_defaults=True):
    client_id: UUID
    sequence: int | None = None
    revision: int | None = None
    you: Author | None = None


class Error(Event, frozen=True, tag="error", omit_defaults=True):
    code: str
    message: str
    client_id: UUID | None = None
    retry_after: float | None = None


AnyEvent = Welcome | Changes | HistoryPage | Ack | Error


class Said(msgspec.Struct, frozen=True):
    """The plain dialect's news."""

    message: str
    author: str
    sequence: int


class Refusal(msgspec.Struct, frozen=True):
    """The plain dialect's error."""

    error: str
    message: str


# --- Reading and writing ---


_command_decoder: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)
_say_decoder = msgspec.json.Decoder(Say)
_message_decoder = msgspec.json.Decoder(Message)
_changes_decoder = msgspec.json.Decoder(Changes)
_encoder = msgspec.json.Encoder()
_COMMAND_TYPES = frozenset(c.__struct_config__.tag for c in (Post, Edit, Delete, Rename, Resume, History))


def parse(text: str | None) -> AnyCommand:
    """A `chat.v1` frame as a command, or ProtocolError. None stands for a binary frame."""
    text = _sized(text)
    try:
        return _command_decoder.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise _what_is_wrong(text) from None


def parse_plain(text: str | None) -> Say:
    """A frame of the plain dialect, or ProtocolError. None stands for a binary frame."""
    text = _sized(text)
    try:
        return _say_decoder.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise ProtocolError("bad_frame" if _read_leniently(text) is None else "invalid") from None


def _sized(text: str | None) -> str:
    if text is None:
        raise ProtocolError("bad_frame")
    # The second test counts bytes only where the first cannot decide.
    if len(text) > FRAME_MAX or (
        len(text) > FRAME_MAX // 4 and len(text.encode(errors="replace")) > FRAME_MAX
    ):
        raise ProtocolError("too_large")
    return text


def _what_is_wrong(text: str) -> ProtocolError:
    """The error for a frame that is no command, with the `client_id` that its sender waits for."""
    fields = _read_leniently(text)
    if fields is None:
        return ProtocolError("bad_frame")
    try:
        client_id = UUID(fields.get("client_id"))
    except (ValueError, TypeError, AttributeError):
        client_id = None
    kind = fields.get("type")
    known = isinstance(kind, str) and kind in _COMMAND_TYPES
    return ProtocolError("invalid" if known else "unknown_type", client_id)


def _read_leniently(text: str) -> dict[str, Any] | None:
    """The JSON object in a frame, half characters and all; None when there is none."""
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def encode(frame: Command | Event | Message | Say | Said | Refusal) -> bytes:
    """The frame's JSON as UTF-8."""
    return _encoder.encode(frame)


def encode_message(message: Message) -> msgspec.Raw:
    """A message ready to be put into `Changes` and `HistoryPage`."""
    return msgspec.Raw(_encoder.encode(message))


def decode_message(raw: msgspec.Raw) -> Message:
    """A message that `encode_message` made. Raises msgspec.MsgspecError for anything else."""
    return _message_decoder.decode(raw)


def decode_changes(payload: bytes) -> Changes:
    """A frame that `encode` made of `Changes`. Raises msgspec.MsgspecError for anything else."""
    return _changes_decoder.decode(payload)
