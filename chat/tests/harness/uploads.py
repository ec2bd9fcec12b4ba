"""Somebody who sends files: asks first, then sends the bytes, whole or in a way that is not allowed."""

import contextlib
import http.client
import io
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from .hostile import connection, read_all
from .people import Person
from .servers import ServerProcess, Site


@dataclass
class Told:
    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]


@dataclass
class Promised:
    """What `POST /files/` answered."""

    id: str
    url: str
    ticket: str
    expires_in: int


class Uploader:
    """A person, else a new guest, from an address of this machine."""

    def __init__(
        self, server: ServerProcess, room: str, source: str = "127.0.0.1", person: Person | None = None
    ) -> None:
        self.server, self.room, self.source = server, room, source
        person = person or Person(server)
        person.enter(room)
        self.cookies = person.cookies

    def ask(self, name: str, size: int, **fields: Any) -> Told:
        body = json.dumps({"room": self.room, "name": name, "size": size, **fields}).encode()
        return self.request("POST", "/files/", body, {"Content-Type": "application/json"})

    def promise(self, name: str, size: int) -> Promised:
        told = self.ask(name, size)
        assert told.status == 201, told
        return Promised(**told.body)

    def put(self, promised: Promised, content: bytes, **headers: str) -> Told:
        return self.request("PUT", promised.url, content, {"Upload-Ticket": promised.ticket, **headers})

    def upload(self, name: str, content: bytes) -> dict[str, Any]:
        """Ask and send; gives the state of the stored file."""
        told = self.put(self.promise(name, len(content)), content)
        assert told.status == 200, told
        return told.body

    def take_back(self, key: str) -> int:
        return self.request("DELETE", f"/files/{key}/").status

    def request(self, method: str, path: str, body: bytes | None = None, headers: Any = None) -> Told:
        wire = http.client.HTTPConnection(
            "127.0.0.1", self.server.port, timeout=120, source_address=(self.source, 0)
        )
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        with contextlib.closing(wire):
            wire.request(method, path, body, {"Cookie": cookie, **(headers or {})})
            answer = wire.getresponse()
            text = answer.read()
            is_json = answer.headers.get_content_type() == "application/json"
            return Told(answer.status, dict(answer.headers), json.loads(text) if is_json else {})

    def begin(self, promised: Promised, *lines: bytes, length: int | None) -> socket.socket:
        """A connection on which the headers of a PUT are sent; `length` None: without one."""
        head = [
            f"PUT {promised.url} HTTP/1.1".encode(),
            b"Host: localhost",
            b"Upload-Ticket: " + promised.ticket.encode(),
            *([] if length is None else [b"Content-Length: %d" % length]),
            *lines,
        ]
        wire = connection(self.server, self.source)
        wire.sendall(b"\r\n".join([*head, b"", b""]))
        return wire


def answer_on(wire: socket.socket) -> tuple[int, dict[str, Any]]:
    """The status and the JSON of the only answer on a connection that ends with it."""
    head, _, body = read_all(wire).partition(b"\r\n\r\n")
    assert head, "the connection ended without an answer"
    return int(head.split()[1]), json.loads(body)


def bodies_held(server: ServerProcess) -> int:
    """How many uploads the process has begun and not ended: the temporary files that it has open."""
    count = 0
    for descriptor in Path(f"/proc/{server.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            target = str(descriptor.readlink())
            count += target.startswith(str(server.site.directory / "files")) and target.endswith("(deleted)")
    return count


def wait_for_bodies(server: ServerProcess, count: int) -> None:
    deadline = time.monotonic() + 60
    while (held := bodies_held(server)) != count:
        assert time.monotonic() < deadline, held
        time.sleep(0.02)


def stored_files(site: Site) -> list[Path]:
    return [path for path in (site.directory / "files").rglob("*") if path.is_file()]


def image(form: str = "PNG", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(buffer, form, **options)
    return buffer.getvalue()
