"""What one may not do to the others by uploading: take all places, be slow, fill the disk."""

import contextlib
import resource
import time
from collections.abc import Iterator

import pytest

from ..conftest import MakeSite
from ..harness.hostile import read_all, read_until
from ..harness.people import Person
from ..harness.servers import ServerProcess, Site
from ..harness.uploads import Uploader, answer_on, stored_files, wait_for_bodies


@pytest.fixture(params=["daphne", "uvicorn"])
def kind(request: pytest.FixtureRequest) -> str:
    """The test runs twice: on daphne and on uvicorn."""
    return str(request.param)


def started(site: Site, kind: str) -> ServerProcess:
    return site.daphne() if kind == "daphne" else site.uvicorn()


@contextlib.contextmanager
def in_progress(uploaders: list[Uploader]) -> Iterator[None]:
    """Each has sent half of a file."""
    with contextlib.ExitStack() as stack:
        for uploader in uploaders:
            wire = uploader.begin(uploader.promise("half.bin", 200_000), length=200_000)
            stack.enter_context(contextlib.closing(wire)).sendall(b"x" * 100_000)
        wait_for_bodies(uploaders[0].server, len(uploaders))
        yield
    wait_for_bodies(uploaders[0].server, 0)


def test_the_ninth_upload_at_a_time_is_asked_to_wait(site: Site, kind: str, room: str) -> None:
    server = started(site, kind)
    alice = Uploader(server, room)
    promised = alice.promise("a.txt", 1000)
    with in_progress([alice] * 8), contextlib.closing(alice.begin(promised, length=1000)) as wire:
        status, body = answer_on(wire)
        assert (status, body["code"]) == (503, "busy")
        assert body["retry_after"] > 0
    assert alice.put(promised, b"x" * 1000).status == 200
    server.assert_no_traceback()


def test_an_address_sends_two_files_at_a_time_and_leaves_room_for_others(
    make_site: MakeSite, kind: str, room: str
) -> None:
    server = started(make_site(RATE_LIMITS="on"), kind)
    alice, bob = Uploader(server, room), Uploader(server, room, source="127.0.0.2")
    promised = alice.promise("a.txt", 1000)
    with in_progress([alice] * 2):
        with contextlib.closing(alice.begin(promised, length=1000)) as wire:
            status, body = answer_on(wire)
        assert (status, body["code"]) == (429, "too_fast")
        assert bob.upload("b.txt", b"x")["size"] == 1
    assert alice.put(promised, b"x" * 1000).status == 200


def test_a_file_that_comes_too_slowly_is_cut(make_site: MakeSite, kind: str, room: str) -> None:
    server = started(make_site(CONSTANTS="chat.server.uploads.GRACE=0.5"), kind)
    alice = Uploader(server, room)
    with contextlib.closing(alice.begin(alice.promise("a.bin", 100_000), length=100_000)) as wire:
        wire.sendall(b"x" * 1000)
        status, body = answer_on(wire)
    assert (status, body["code"]) == (408, "slow")
    wait_for_bodies(server, 0)
    server.assert_no_traceback()


@pytest.mark.waits
def test_a_file_that_comes_fast_enough_may_take_longer_than_a_request(site: Site, room: str) -> None:
    """The time for a whole request, here 2 s, is not that of an upload, but holds again after it."""
    alice = Uploader(site.daphne(), room)
    promised = alice.promise("a.bin", 100_000)
    alice.server = site.daphne(CONSTANTS="chat.server.daphne_connections.REQUEST_TIMEOUT=2")
    with contextlib.closing(alice.begin(promised, length=100_000)) as wire:
        for _ in range(50):
            wire.sendall(b"x" * 2000)
            time.sleep(0.1)
        assert b" 200 " in read_until(wire, b"\r\n\r\n")
        read_all(wire)  # raises TimeoutError if the connection is not ended


def test_promises_are_limited_like_all_else(make_site: MakeSite, room: str) -> None:
    server = make_site(RATE_LIMITS="on", RATE_UPLOADS="2/1h,3/1h").daphne()
    alice, bob = Uploader(server, room), Uploader(server, room)
    told = [who.ask("a.txt", 5) for who in (alice, alice, alice, bob, bob)]
    assert [answer.status for answer in told] == [201, 201, 429, 201, 429]
    assert told[2].body["code"] == "too_fast"
    assert told[2].body["retry_after"] > 0


# --- Quotas and the disk ---


def test_promises_end_with_the_quota_of_their_address(make_site: MakeSite, room: str) -> None:
    """A thousand tickets for files that never come."""
    server = make_site(QUOTA_PARTICIPANT="0", QUOTA_ADDRESS="30").daphne()
    alice, bob = Uploader(server, room), Uploader(server, room, source="127.0.0.2")
    told = [alice.ask("a.bin", 10_000_000) for _ in range(5)]
    assert [answer.status for answer in told] == [201, 201, 201, 429, 429]
    assert told[-1].body["code"] == "quota"
    assert int(told[-1].headers["Retry-After"]) > 0
    assert bob.ask("a.bin", 10_000_000).status == 201


@pytest.mark.parametrize(
    ("quota", "stopped"),
    [
        ("QUOTA_PARTICIPANT", ["again"]),
        ("QUOTA_ROOM", ["again", "bob"]),
        ("QUOTA_SITE", ["again", "bob", "elsewhere"]),
    ],
)
def test_a_quota_is_of_a_participant_a_room_and_the_site(
    make_site: MakeSite, room: str, quota: str, stopped: list[str]
) -> None:
    server = make_site(**{quota: "10"}).daphne()
    alice, bob = Uploader(server, room), Uploader(server, room)
    assert alice.ask("a.bin", 10_000_000).status == 201
    others = {"again": alice, "bob": bob, "elsewhere": Uploader(server, f"{room}-2")}
    assert [name for name, uploader in others.items() if uploader.ask("b.bin", 1).status == 429] == stopped


def test_files_stay_out_of_the_last_room_of_the_disk(make_site: MakeSite, room: str) -> None:
    alice = Uploader(make_site(CONSTANTS="chat.files.quotas.DISK_RESERVE=1e18").daphne(), room)
    told = alice.ask("a.txt", 5)
    assert (told.status, told.body["code"]) == (507, "disk_full")


def test_a_disk_that_is_full_keeps_nothing_of_a_file(site: Site, room: str) -> None:
    server = site.daphne()
    content = b"x" * 300_000
    alice = Uploader(server, room)
    promised = alice.promise("a.bin", len(content))
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (server.log_path.stat().st_size + 900, -1))
    try:
        told = alice.put(promised, content)
    finally:
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (-1, -1))
    assert told.status == 507, told
    assert stored_files(site) == []
    assert alice.put(promised, content).status == 200
    server.assert_no_traceback()


def test_a_storage_that_is_away_is_an_error_and_comes_back(site: Site, room: str) -> None:
    server = site.daphne()
    alice = Uploader(server, room)
    promised = alice.promise("a.txt", 5)
    folder, aside = site.directory / "files", site.directory / "aside"
    folder.rename(aside)
    folder.write_text("no folder")
    told = alice.put(promised, b"hello")
    asked = alice.ask("b.txt", 5)
    folder.unlink()
    aside.rename(folder)
    assert (told.status, told.body["code"]) == (503, "unavailable")
    assert (asked.status, asked.body["code"]) == (503, "unavailable")
    assert alice.put(promised, b"hello").status == 200
    server.assert_no_traceback()


# --- Who may upload at all ---


def test_a_site_takes_files_of_accounts_alone_or_none(make_site: MakeSite, room: str) -> None:
    site = make_site()
    off, accounts = site.daphne(UPLOADS="off"), site.daphne(UPLOADS="accounts")
    for server in (off, accounts):
        told = Uploader(server, room).ask("a.txt", 5)
        assert (told.status, told.body["code"]) == (403, "forbidden")
    member = Person(accounts)
    member.sign_up()
    assert Uploader(accounts, room, person=member).ask("a.txt", 5).status == 201
