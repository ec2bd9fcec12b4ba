"""Those who read a file slowly, or not at all: they cost little, delay nobody, and are cut off in the end."""

import asyncio
import contextlib
import http.client
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chat.server import patient_send
from chat.server.patient_send import PatientSend, Stalled

from ..harness.hostile import memory, read_until
from ..harness.servers import ServerProcess, Site
from ..harness.slow import thin_line
from ..harness.uploads import Uploader
from ..realtime.test_transports import Start

READERS = 100
SIZE = 10 * 1024 * 1024


def on_both_servers(stall: int) -> pytest.MarkDecorator:
    """`stall`: seconds after which a reader who takes nothing is cut off."""
    constant = f"chat.server.patient_send.STALL_TIMEOUT={stall}"
    starts: list[Start] = [
        lambda site: site.daphne(CONSTANTS=constant),
        lambda site: site.uvicorn(CONSTANTS=constant),
    ]
    return pytest.mark.parametrize("start", starts, ids=["daphne", "uvicorn"])


def ask(alice: Uploader, key: str) -> socket.socket:
    """A connection on which a file is asked for, and whose answer is not read."""
    wire = thin_line()
    wire.settimeout(60)
    wire.connect(("127.0.0.1", alice.server.port))
    cookie = "; ".join(f"{name}={value}" for name, value in alice.cookies.items())
    wire.sendall(f"GET /files/{key}/ HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode())
    return wire


def begun(wires: list[socket.socket]) -> None:
    """Each has the head of its answer and the first bytes of the file."""
    for wire in wires:
        assert b" 200 " in read_until(wire, b"\r\n\r\n", at_a_time=1).split(b"\r\n")[0]
        assert wire.recv(1)


def threads(server: ServerProcess) -> int:
    return len(list(Path(f"/proc/{server.pid}/task").iterdir()))


@contextlib.contextmanager
def closing_all(wires: list[socket.socket]) -> Iterator[None]:
    try:
        yield
    finally:
        for wire in wires:
            wire.close()


@on_both_servers(stall=600)
def test_a_hundred_who_do_not_read_cost_little_memory_and_no_thread(
    site: Site, room: str, start: Start
) -> None:
    server = start(site)
    alice, content = Uploader(server, room), os.urandom(SIZE)
    key = alice.upload("notes.bin", content)["id"]
    first = ask(alice, key)
    with closing_all([first]):
        begun([first])
        before, threads_before = memory(server), threads(server)
        wires = [ask(alice, key) for _ in range(READERS)]
        with closing_all(wires):
            begun(wires)
            assert server.get(f"/chat/{room}/").status == 200
            assert memory(server) - before < 50_000_000
            assert threads(server) < threads_before + READERS // 4  # pages and files have a fixed number
            assert read_file(wires[0], content[1:])
    server.assert_no_traceback()


def read_file(wire: socket.socket, rest: bytes) -> bool:
    heard = bytearray()
    while len(heard) < len(rest):
        part = wire.recv(1024 * 1024)
        assert part, f"the connection ended after {len(heard)} bytes"
        heard += part
    return heard == rest


def is_cut(wire: socket.socket) -> bool:
    """Whether the connection ends before the file does, once it is read again."""
    heard = 0
    with contextlib.suppress(ConnectionError):
        while part := wire.recv(65536):
            heard += len(part)
            if heard > SIZE:
                return False
    return heard < SIZE - 1


@on_both_servers(stall=1)
def test_who_takes_nothing_is_cut_off(site: Site, room: str, start: Start) -> None:
    server = start(site)
    alice = Uploader(server, room)
    silent = ask(alice, alice.upload("notes.bin", os.urandom(SIZE))["id"])
    with closing_all([silent]):
        until = time.monotonic() + 60
        while "was not sent to its end: Stalled()" not in server.log() and time.monotonic() < until:
            time.sleep(0.05)
        assert is_cut(silent)
    server.assert_no_traceback()


class Pipe:
    """A transport that takes a byte each time somebody has waited for it in vain."""

    def __init__(self, *, backlog: int, takes: int) -> None:
        self.left, self.takes = backlog, takes

    async def ready(self) -> None:
        if self.left:
            self.left -= min(self.left, self.takes)
            await asyncio.Event().wait()

    def backlog(self) -> int:
        return self.left

    def abort(self) -> None:
        raise AssertionError

    close = abort


async def sent_through(pipe: Pipe) -> list[Any]:
    sent = list[Any]()

    async def send(message: Any) -> None:
        sent.append(message)

    patient = PatientSend(send)
    patient._pipe = pipe
    await patient({"type": "http.response.body", "body": b"part", "more_body": True})
    return sent


async def test_who_takes_a_little_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient_send, "STALL_TIMEOUT", 0.001)
    assert len(await sent_through(Pipe(backlog=20, takes=1))) == 1
    with pytest.raises(Stalled):
        await sent_through(Pipe(backlog=20, takes=0))


@on_both_servers(stall=600)
def test_a_connection_is_kept_from_one_file_to_the_next(site: Site, room: str, start: Start) -> None:
    server = start(site)
    alice, content = Uploader(server, room), os.urandom(300_000)
    key = alice.upload("notes.bin", content)["id"]
    wire = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    cookie = "; ".join(f"{name}={value}" for name, value in alice.cookies.items())
    with contextlib.closing(wire):
        for method, expected in [("GET", content), ("HEAD", b""), ("GET", content)]:
            wire.request(method, f"/files/{key}/", headers={"Cookie": cookie})
            connection = wire.sock
            assert wire.getresponse().read() == expected
            assert wire.sock is connection
    server.assert_no_traceback()


@on_both_servers(stall=600)
def test_a_reader_who_leaves_in_the_middle_leaves_nothing_open(site: Site, room: str, start: Start) -> None:
    server = start(site)
    alice = Uploader(server, room)
    key = alice.upload("notes.bin", os.urandom(SIZE))["id"]
    wires = [ask(alice, key) for _ in range(5)]
    with closing_all(wires):
        begun(wires)
        assert len(open_files(server)) == 5
    until = time.monotonic() + 60
    while open_files(server) and time.monotonic() < until:
        time.sleep(0.05)
    assert not open_files(server)
    server.assert_no_traceback()


def open_files(server: ServerProcess) -> list[Path]:
    """The stored files that the process has open."""
    found = []
    for descriptor in Path(f"/proc/{server.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            if "/files/" in str(target := descriptor.readlink()):
                found.append(target)
    return found
