"""Text frames to typed commands, typed events to text frames. Pure: no Django, no I/O.

docs/PROTOCOL.md is the description for people; the types here define it exactly. Every command that arrives
is checked against its type in one pass, so nothing behind this module meets a missing field or a wrong type.
"""

from enum import IntEnum
from typing import Any, Final, TypeVar, get_args
from uuid import UUID

import msgspec

from .commands import AnyCommand, Command, Say
from .errors import code_of, text_of
from .events import Changes, Event, Message, Refusal, Said
from .limits import FRAME_MAX

SUBPROTOCOL: Final = "chat.v1"
T = TypeVar("T")


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
    """A frame that is no command. `client_id` is set when one could be read."""

    def __init__(self, key: str, client_id: UUID | None = None, **parameters: Any) -> None:
        """`key` names a text in `protocol.errors`."""
        super().__init__(key)
        self.code = code_of(key)
        self.text = text_of(key, parameters)
        self.client_id = client_id


_command_decoder: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)
_say_decoder = msgspec.json.Decoder(Say)
_encoder = msgspec.json.Encoder()
_COMMAND_TYPES = frozenset(c.__struct_config__.tag for c in get_args(AnyCommand))


def parse(text: str | None) -> AnyCommand:
    """A `chat.v1` frame as a command, or ProtocolError. None is a binary frame."""
    text = _sized(text)
    try:
        return _command_decoder.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise _what_is_wrong(text) from None


def parse_plain(text: str | None) -> Say:
    """A frame of the plain dialect, or ProtocolError. None is a binary frame."""
    text = _sized(text)
    try:
        return _say_decoder.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise ProtocolError("bad_frame" if _head_of(text) is None else "invalid") from None


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
    head = _head_of(text)
    if head is None:
        return ProtocolError("bad_frame")
    known = _read(head.type, str) in _COMMAND_TYPES
    return ProtocolError("invalid" if known else "unknown_type", _read(head.client_id, UUID))


class _Head(msgspec.Struct):
    """The two fields that are read of any JSON object: the values of the others are not built."""

    type: msgspec.Raw = msgspec.Raw(b"null")
    client_id: msgspec.Raw = msgspec.Raw(b"null")


_head_decoder = msgspec.json.Decoder(_Head)


def _head_of(text: str) -> _Head | None:
    """None when the frame is no JSON object. One with half characters is: they are made whole ones here."""
    whole = text.replace(r"\ud", r"\u0").replace(r"\uD", r"\u0")
    try:
        return _head_decoder.decode(whole.encode(errors="replace"))
    except (msgspec.MsgspecError, RecursionError):
        return None


def _read(raw: msgspec.Raw, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, RecursionError):
        return None


def encode(frame: Command | Event | Message | Say | Said | Refusal) -> bytes:
    return _encoder.encode(frame)


def encode_message(message: Message) -> msgspec.Raw:
    """A message ready to be put into `Changes` and `HistoryPage`."""
    return msgspec.Raw(_encoder.encode(message))


decode_message: Final = msgspec.json.Decoder(Message).decode
"""A message that `encode_message` made. Raises msgspec.MsgspecError for anything else."""

decode_changes: Final = msgspec.json.Decoder(Changes).decode
"""A frame that `encode` made of `Changes`. Raises msgspec.MsgspecError for anything else."""
