"""How each server is spoken to: its handshake, its first frames, a post, and the mark of a message."""

import json
import re
from typing import Final, Protocol
from urllib.parse import quote
from uuid import uuid4

from .wire import client_frame, handshake

STAMP: Final = "~"
"""Begins every text: `~<microseconds>~<number> words`."""

LINES: Final = (
    "ok",
    "Did anyone see where the meeting moved to?",
    "yes, room 4, in ten minutes",
    "I have read the draft. The second part is good, the first needs an example or two.",
    "thanks!",
    "Who takes the notes today?",
    "I can, but I have to leave a bit earlier",
    "Fine with me. See you there.",
)
"""What people say in a chat: short, plain, a full stop here and there."""


MARKED: Final = (
    "**Please** read https://example.org/notes/2026?week=48 first",
    "- tea\\n- bread\\n- `make run`",
    "he _did_ say so :tada: ~~Monday~~ Tuesday",
)
"""What three in ten write, as JSON has it."""


def text_of(number: int, microseconds: int) -> str:
    return f"{STAMP}{microseconds}{STAMP}{number} {LINES[number % len(LINES)]}"


def text_with_markup_of(number: int, microseconds: int) -> str:
    """Three in ten have markup."""
    if number % 10 > 2:
        return text_of(number, microseconds)
    return f"{STAMP}{microseconds}{STAMP}{number} {MARKED[number % 10]}"


class Dialect(Protocol):
    marker: bytes
    """Stands once in the bytes of each delivered message."""

    def request(self, port: int, room: str, cookie: str = "") -> bytes: ...

    def greet(self, payload: bytes) -> tuple[bytes, bool]:
        """What to answer to one of the first frames, and whether the socket is ready now."""
        ...

    def heartbeat(self, payload: bytes) -> bytes:
        """What to answer to a frame of one byte."""
        ...

    def post(self, text: str) -> bytes:
        """A whole client frame."""
        ...

    ready_when_open: bool


def stamps_in(marker: bytes) -> re.Pattern[bytes]:
    return re.compile(re.escape(marker) + rb"(\d+)~(\d+) ")


class ChatV1:
    """Lobby's own dialect, as its page speaks it: on `welcome` it resumes, and is ready with the answer."""

    marker = b'"message":"~'
    ready_when_open = False

    def request(self, port: int, room: str, cookie: str = "") -> bytes:
        return handshake(port, f"/ws/chat/{quote(room)}/", "chat.v1", cookie)

    def greet(self, payload: bytes) -> tuple[bytes, bool]:
        if payload.startswith(b'{"type":"welcome"'):
            return client_frame(b'{"type":"resume"}'), False
        return b"", payload.startswith(b'{"type":"changes"')

    def heartbeat(self, payload: bytes) -> bytes:
        return b""

    def post(self, text: str) -> bytes:
        return client_frame(f'{{"type":"post","client_id":"{uuid4()}","message":"{text}"}}'.encode())


class Welcomed(ChatV1):
    """Ready with `welcome`, and does not resume by itself."""

    def greet(self, payload: bytes) -> tuple[bytes, bool]:
        return b"", payload.startswith(b'{"type":"welcome"')


class Tutorial:
    """The tutorial's frames; Python's `json.dumps` puts a space after a colon."""

    marker = b'"message": "~'
    ready_when_open = True

    def request(self, port: int, room: str, cookie: str = "") -> bytes:
        return handshake(port, f"/ws/chat/{quote(room)}/", "", cookie)

    def greet(self, payload: bytes) -> tuple[bytes, bool]:
        return b"", True

    def heartbeat(self, payload: bytes) -> bytes:
        return b""

    def post(self, text: str) -> bytes:
        return client_frame(f'{{"message":"{text}"}}'.encode())


class NodeWs(Tutorial):
    marker = b'"message":"~'


class SocketIo(Tutorial):
    """Socket.IO 4 over Engine.IO 4, the websocket transport from the start."""

    marker = b'"message":"~'
    ready_when_open = False

    def request(self, port: int, room: str, cookie: str = "") -> bytes:
        return handshake(port, f"/socket.io/?EIO=4&transport=websocket&room={quote(room)}", "", cookie)

    def greet(self, payload: bytes) -> tuple[bytes, bool]:
        if payload.startswith(b"0"):  # open: connect to the default namespace
            return client_frame(b"40"), False
        return b"", payload.startswith(b"40")

    def heartbeat(self, payload: bytes) -> bytes:
        return client_frame(b"3") if payload == b"2" else b""

    def post(self, text: str) -> bytes:
        return client_frame(f"42{json.dumps(['chat', text])}".encode())
