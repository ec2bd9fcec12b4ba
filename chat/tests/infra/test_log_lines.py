"""The log is made of lines that are ours: nothing that a client sends begins one, or controls a terminal."""

import logging
import re
import socket
import sys
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.infra.logging import OneLineARecord, escaped

from ..harness.clients import PlainClient
from ..harness.servers import Daphne, ServerProcess, Site

FORMAT = "{levelname} {name}: {message}"
FORGED = "2038-01-19 03:14:07 ERROR chat: everything is lost"
TEXT = st.text(st.characters(), max_size=40)
OURS = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR|CRITICAL) [\w.]+: "  # a record
    r"|  .*"  # the further lines of a traceback
    r"|(127\.0\.0\.1:\d+|None) - - \[[^\]]+\] \"[^\"]+\" \S+ \S+$"  # daphne's access log
)


def line_of(message: str, *args: object, name: str = "chat", **record: object) -> str:
    made = logging.makeLogRecord({"name": name, "levelname": "INFO", "msg": message, "args": args, **record})
    return OneLineARecord(FORMAT, style="{").format(made)


def is_harmless(line: str) -> bool:
    kinds = {unicodedata.category(character) for character in line}
    bidirectional = {unicodedata.bidirectional(character) for character in line}
    return not (
        kinds & {"Cc", "Cs", "Zl", "Zp"}
        or bidirectional & {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    )


# --- The formatter ---


@given(TEXT, TEXT)
def test_a_record_is_one_harmless_line_whatever_is_in_it(name: str, path: str) -> None:
    line = line_of("%s went to %s", name, path)
    assert is_harmless(line)
    line.encode()
    assert line_of(path.replace("%", "%%"), name=name).splitlines() == [
        line_of(path.replace("%", "%%"), name=name)
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", r"a\nb"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\x1b[2J\x07", r"\x1b[2J\x07"),
        ("\x85\x9b\x7f", r"\x85\x9b\x7f"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u2066a\u2069", r"\u2066a\u2069"),
        ("\ud800", r"\ud800"),
        ("日本語 שלום é 🦊", "日本語 שלום é 🦊"),
    ],
)
def test_what_is_no_text_is_written_as_python_would(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_a_traceback_keeps_its_lines_and_none_of_them_looks_like_a_record() -> None:
    try:
        raise ValueError(f"bad name: x\n{FORGED}\x1b[2J")
    except ValueError:
        lines = line_of("A write could not be stored", exc_info=sys.exc_info()).split("\n")
    assert lines[0] == "INFO chat: A write could not be stored"
    assert lines[1] == "  Traceback (most recent call last):"
    assert all(line.startswith("  ") for line in lines[1:])
    assert f"  {FORGED}\\x1b[2J" in lines
    stack = line_of("here", stack_info=f"Stack (most recent call last):\n{FORGED}").split("\n")
    assert stack == ["INFO chat: here", "  Stack (most recent call last):", f"  {FORGED}"]


# --- A server's log ---


def raw_request(server: ServerProcess, request: bytes) -> bytes:
    """What comes back for bytes that no HTTP library would send."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as wire:
        wire.sendall(request)
        answer = b""
        try:
            while b"\r\n\r\n" not in answer and (more := wire.recv(65536)):
                answer += more
        except (ConnectionError, TimeoutError):
            pass
    return answer


NASTY = [b"\x1b[2J", b"\x0b", b"\x0c", b"\x1c", b"\x85", b"\xe2\x80\xa8", b"\xe2\x80\xae", b'"', b"\x00"]


def hostile_requests() -> Iterator[bytes]:
    host = b"Host: localhost\r\nConnection: close\r\n"
    forged = FORGED.replace(" ", "%20").encode()
    for nasty in (*NASTY, b"%0a" + forged, b"%0d%0a" + forged, b"%e2%80%a8", b"%1b[2J", b"\n", b"\r"):
        for path in (b"/chat/", b"/nowhere/", b"/static/"):
            yield b"GET " + path + nasty + b" HTTP/1.1\r\n" + host + b"\r\n"
        yield b"GET /chat/?" + nasty + b" HTTP/1.1\r\n" + host + b"\r\n"
        yield b"G" + nasty + b"T /chat/ HTTP/1.1\r\n" + host + b"\r\n"
        yield b"POST /chat/tea/ HTTP/1.1\r\n" + host + b"Referer: http://" + nasty + b"\r\n\r\n"
        yield b"GET /chat/ HTTP/1.1\r\nHost: local" + nasty + b"host\r\nConnection: close\r\n\r\n"
        yield b"GET /chat/ HTTP/1.1\r\n" + host + b"User-Agent: " + nasty + b"\r\n\r\n"
        yield b"GET /chat/ HTTP/1.1\r\n" + host + b"X-Forwarded-For: " + nasty + b"\r\n\r\n"
        yield (
            b"GET /ws/chat/" + nasty + b"/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nOrigin: http://localhost\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )


@pytest.fixture
def daphne(site: Site) -> Daphne:
    return site.daphne()


async def test_no_request_writes_a_line_of_its_own_into_the_log(daphne: Daphne, room: str) -> None:
    for request in hostile_requests():
        raw_request(daphne, request)
    async with PlainClient(daphne.ws_url(room)) as alice:
        await alice.say(f"hello\n{FORGED}")
        await alice.wait_until(lambda alice: alice.texts)
    daphne.assert_no_traceback()
    daphne.terminate()
    log = daphne.log_path.read_bytes().decode()
    lines = log.removesuffix("\n").split("\n")
    assert len(lines) > 100
    assert [line for line in lines if not OURS.match(line)] == []
    assert [line for line in lines if not is_harmless(line)] == []
    assert len(log.splitlines()) == len(lines)
