"""From the promise of a file to the stored file, over HTTP. (Who may read it: `test_downloads`.)"""

import contextlib
import json
import time
from collections.abc import Iterator

import pytest

from ..conftest import MakeSite
from ..harness.hostile import memory, read_all, temporary_bytes
from ..harness.servers import ServerProcess, Site
from ..harness.uploads import Uploader, answer_on, bodies_held, image, stored_files, wait_for_bodies

SECONDS = 40.0


@pytest.fixture(scope="module", params=["daphne", "uvicorn"])
def server(request: pytest.FixtureRequest, new_sqlite_site: MakeSite) -> Iterator[ServerProcess]:
    """The test runs twice: on daphne and on uvicorn."""
    site = new_sqlite_site()
    yield site.daphne() if request.param == "daphne" else site.uvicorn()
    site.close()


@pytest.fixture
def alice(server: ServerProcess, room: str) -> Uploader:
    return Uploader(server, room)


# --- What works ---


def test_an_image_is_stored_with_what_a_page_needs_to_show_it(alice: Uploader, server: ServerProcess) -> None:
    state = alice.upload("tea.png", image(size=(60, 40)))
    assert state["id"]
    assert state["preview"].startswith("data:image/webp;base64,")
    expected = {"name": "tea.png", "type": "image/png", "kind": "image", "width": 60, "height": 40}
    assert state.items() >= expected.items()
    server.assert_no_traceback()


def test_any_other_file_is_stored_as_it_came(alice: Uploader, server: ServerProcess) -> None:
    content = bytes(range(256)) * 12_000
    state = alice.upload("list.csv", content)
    assert state == {
        "id": state["id"],
        "name": "list.csv",
        "type": "application/octet-stream",
        "size": len(content),
        "kind": "file",
    }
    assert content in [path.read_bytes() for path in stored_files(server.site)]


def test_both_databases_know_it(any_site: Site, room: str) -> None:
    server = any_site.daphne(QUOTA_PARTICIPANT="1")
    alice = Uploader(server, room)
    key = alice.upload("a.txt", b"x" * 700_000)["id"]
    assert alice.ask("b.txt", 700_000).body["code"] == "quota"
    assert alice.take_back(key) == 204
    assert alice.upload("b.png", image())["kind"] == "image"
    server.assert_no_traceback()


def test_what_is_stored_is_answered_again(alice: Uploader) -> None:
    promised = alice.promise("a.txt", 5)
    first = alice.put(promised, b"hello")
    assert (first.status, alice.put(promised, b"other").body) == (200, first.body)


def test_a_file_of_ten_megabytes_is_not_held_in_memory(alice: Uploader, server: ServerProcess) -> None:
    alice.upload("a.txt", b"hello")
    before = memory(server)
    promised = alice.promise("large.bin", 10 * 2**20)
    content = b"x" * (10 * 2**20)
    with contextlib.closing(alice.begin(promised, length=len(content))) as wire:
        wire.sendall(content[:-1])
        deadline = time.monotonic() + SECONDS
        while temporary_bytes(server) < len(content) - 100_000:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert memory(server) - before < 8_000_000
        wire.sendall(content[-1:])
        assert b" 200 " in wire.recv(1000)


@pytest.mark.parametrize("at", [0, 1, 70_000, 199_999])
def test_a_file_whose_connection_was_cut_can_be_sent_again(
    alice: Uploader, server: ServerProcess, at: int
) -> None:
    content = b"x" * 200_000
    promised = alice.promise("a.bin", len(content))
    before = stored_files(server.site)
    with contextlib.closing(alice.begin(promised, length=len(content))) as wire:
        wire.sendall(content[:at])
        wait_for_bodies(server, 1)
    wait_for_bodies(server, 0)
    assert stored_files(server.site) == before
    assert alice.put(promised, content).status == 200
    server.assert_no_traceback()


def test_a_second_attempt_ends_the_first_one(alice: Uploader, server: ServerProcess) -> None:
    """Where a phone changes its network, nobody tells the server that the first connection is gone."""
    promised = alice.promise("a.bin", 100_000)
    with contextlib.closing(alice.begin(promised, length=100_000)) as first:
        first.sendall(b"x" * 50_000)
        wait_for_bodies(server, 1)
        assert alice.put(promised, b"y" * 100_000).status == 200
        assert b" 200 " not in read_all(first)
    server.assert_no_traceback()


def test_one_takes_back_what_no_message_has(alice: Uploader, server: ServerProcess) -> None:
    before = stored_files(server.site)
    key = alice.upload("a.png", image())["id"]
    bob = Uploader(server, alice.room)
    assert bob.take_back(key) == 404
    assert (alice.take_back(key), alice.take_back(key)) == (204, 404)
    assert stored_files(server.site) == before


# --- What is refused, before the first byte ---


def test_without_its_ticket_nothing_is_taken(alice: Uploader, server: ServerProcess) -> None:
    promised, other = alice.promise("a.txt", 1000), alice.promise("b.txt", 1000)
    for ticket in ("", "x", other.ticket, promised.ticket[:-1], "é"):
        promised.ticket = ticket
        with contextlib.closing(alice.begin(promised, length=1000)) as wire:
            assert answer_on(wire)[0] == 403
    assert bodies_held(server) == 0


@pytest.mark.parametrize("length", [0, 999, 1001, 10**12])
def test_another_length_than_was_promised_is_refused(alice: Uploader, length: int) -> None:
    with contextlib.closing(alice.begin(alice.promise("a.txt", 1000), length=length)) as wire:
        status, body = answer_on(wire)
    assert (status, body["code"]) == (400, "invalid")


@pytest.mark.parametrize("lines", [[], [b"Transfer-Encoding: chunked"]], ids=["none", "chunked"])
def test_a_length_must_be_said_in_advance(alice: Uploader, lines: list[bytes]) -> None:
    with contextlib.closing(alice.begin(alice.promise("a.txt", 1000), *lines, length=None)) as wire:
        assert answer_on(wire)[0] == 411


def test_who_asks_whether_to_send_is_told_before_they_do(alice: Uploader) -> None:
    promised = alice.promise("a.txt", 1000)
    promised.ticket = "forged"
    with contextlib.closing(alice.begin(promised, b"Expect: 100-continue", length=1000)) as wire:
        answer = read_all(wire)
    assert answer.count(b"HTTP/1.1") == 1
    assert b" 403 " in answer


def test_a_refusal_reaches_who_goes_on_sending(new_sqlite_site: MakeSite, room: str) -> None:
    """A connection that is closed with unread bytes is reset, and its answer may be lost."""
    with contextlib.closing(site := new_sqlite_site()):
        alice = Uploader(site.daphne(), room)
        promised = alice.promise("a.bin", 2**20)
        promised.ticket = "forged"
        assert alice.put(promised, b"x" * 2**20).status == 403


@pytest.mark.parametrize(
    ("name", "size", "room", "status", "code"),
    [
        ("a.txt", 10 * 2**20 + 1, "tea", 413, "too_large"),
        ("a.txt", 0, "tea", 400, "invalid"),
        ("a.txt", -1, "tea", 400, "invalid"),
        ("a.txt", "5", "tea", 400, "invalid"),
        ("a.txt", 5.5, "tea", 400, "invalid"),
        (None, 5, "tea", 400, "invalid"),
        ("a.txt", 5, "no/room", 400, "invalid"),
        ("a.txt", 10**30, "tea", 413, "too_large"),
    ],
)
def test_a_promise_that_does_not_fit_is_refused(
    alice: Uploader, name: str, size: int, room: str, status: int, code: str
) -> None:
    told = alice.ask(name, size, room=room)
    assert (told.status, told.body["code"]) == (status, code)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"room":"\\ud800","name":"a","size":5}', b"\xff", b"[" * 9000]
)
def test_nonsense_is_refused(alice: Uploader, server: ServerProcess, body: bytes) -> None:
    told = alice.request("POST", "/files/", body, {"Content-Type": "application/json"})
    assert (told.status, told.body["code"]) == (400, "invalid")
    server.assert_no_traceback()


def test_a_form_of_another_site_promises_nothing(alice: Uploader) -> None:
    """Its browser sends the cookies, but can send JSON only after it has asked."""
    body = json.dumps({"room": alice.room, "name": "a.txt", "size": 5}).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert alice.request("POST", "/files/", body, {"Content-Type": kind}).status == 400


# --- What a file is ---


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", b"PK\x03\x04zip bomb"),
        ("a.svg", b"<svg onload=alert(1)>"),
        ("a.html", b"<html>"),
        ("a.jpg\0.html", b"%PDF-1.7"),
        ("../../etc/passwd", b"MZ"),
    ],
)
def test_what_is_no_image_is_a_download_whatever_its_name(alice: Uploader, name: str, content: bytes) -> None:
    state = alice.upload(name, content)
    assert (state["kind"], state["type"]) == ("file", "application/octet-stream")
    assert "/" not in state["name"]


def test_a_damaged_image_is_refused_and_leaves_nothing(alice: Uploader, server: ServerProcess) -> None:
    before = stored_files(server.site)
    for content in (image("JPEG", (500, 500))[:-3000], b"\xff\xd8\xff" + b"x" * 500, image()[:60]):
        promised = alice.promise("a.png", len(content))
        told = alice.put(promised, content)
        assert (told.status, told.body["code"]) == (422, "not_an_image")
        assert alice.put(promised, content).status == 404
    assert stored_files(server.site) == before
    server.assert_no_traceback()
