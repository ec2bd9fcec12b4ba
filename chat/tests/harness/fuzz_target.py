"""A site that is sent arbitrary bytes over raw connections, and what must hold all the same."""

import contextlib
import json
import re
import socket
from pathlib import Path
from uuid import uuid4

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from .nonsense import FORM, ORIGIN
from .servers import TROUBLE, ServerProcess
from .visitors import Visitor

PATIENCE = 30.0  # seconds for an answer, or for the end of the connection
SERVER_ERROR = re.compile(r'"[A-Z]+ [^"]*" 5\d\d|Internal Server Error')


class Target:
    """The site under attack, and a witness whose own socket must not notice."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self.room = f"room-{uuid4().hex[:12]}"
        self._witness = self.open_socket(self.room, plain=True)
        self._mallory: dict[bool, ClientConnection] = {}
        owner = Visitor(server)
        owner.sign_up()
        self.owners_room = f"{self.room}-owned"
        self.owners_cookies = f"sessionid={owner.cookies['sessionid']}"
        with self.open_socket(self.owners_room, plain=True, cookies=self.owners_cookies) as found:
            found.send(json.dumps({"message": "mine"}))
            assert json.loads(found.recv(timeout=PATIENCE))["author"] == owner.name
        self._read = 0
        self._said = 0

    def open_socket(self, room: str, *, plain: bool = False, cookies: str = "") -> ClientConnection:
        return connect(
            self.server.ws_url(room),
            origin=Origin(ORIGIN),
            subprotocols=None if plain else [Subprotocol("chat.v1")],
            proxy=None,
            compression=None,
            close_timeout=1,
            ping_interval=None,
            max_size=None,
            legacy=True,
            additional_headers={"Cookie": cookies},
        )

    def send(self, request: bytes, size: int = 1 << 20, patience: float = PATIENCE) -> bytes:
        """The head of the answer, or what came of it until the server closed the connection. Raises
        TimeoutError when it did neither."""
        answer = b""
        with (
            socket.create_connection(("127.0.0.1", self.server.port), timeout=patience) as wire,
            contextlib.suppress(ConnectionError),
        ):
            wire.sendall(request)
            while b"\r\n\r\n" not in answer and len(answer) < size and (more := wire.recv(65536)):
                answer += more
        return answer

    def post(self, path: str, body: str, headers: list[tuple[bytes, bytes]]) -> bytes:
        """A form, unless the headers say otherwise."""
        kind = [] if b"Content-Type" in dict(headers) else [(b"Content-Type", FORM.encode())]
        whole = body.encode("latin-1")
        head = [*headers, *kind, (b"Content-Length", str(len(whole)).encode())]
        return self.send(request_of("POST", path, head) + whole)

    def assert_unharmed(self) -> None:
        """The witness still posts over its first connection, and the log is clean."""
        self._said += 1
        self._witness.send(json.dumps({"message": f"still here {self._said}"}))
        while json.loads(self._witness.recv(timeout=PATIENCE)).get("message") != f"still here {self._said}":
            pass
        with Path(self.server.log_path).open("rb") as log:
            log.seek(self._read)
            news = log.read().decode(errors="replace")
            self._read = log.tell()
        if found := TROUBLE.search(news) or SERVER_ERROR.search(news):
            raise AssertionError(news[max(0, found.start() - 1000) :][:5000])

    def mallory(self, *, plain: bool) -> ClientConnection:
        """The socket over which bad frames go, the same for all of them while it is open."""
        if plain not in self._mallory or self._mallory[plain].close_code is not None:
            self._mallory[plain] = self.open_socket(f"room-{uuid4().hex[:12]}", plain=plain)
        return self._mallory[plain]

    def close(self) -> None:
        for one in (self._witness, *self._mallory.values()):
            one.close()


def request_of(method: str, path: str, headers: list[tuple[bytes, bytes]], *, close: bool = True) -> bytes:
    lines = [f"{method} {path} HTTP/1.1".encode("latin-1", errors="replace")]
    if b"Host" not in dict(headers):
        lines.append(b"Host: localhost")
    lines += [name + b": " + value for name, value in headers]
    lines += [b"Connection: close"] if close else []
    return b"\r\n".join([*lines, b"", b""])


def status_of(answer: bytes) -> int:
    """0 when the server closed the connection without an answer."""
    found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    return int(found[1]) if found else 0
