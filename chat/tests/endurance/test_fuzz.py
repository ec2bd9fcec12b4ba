"""Whatever a client sends to the real servers: no 5xx, no traceback, nobody else's socket closed.

The examples are the same in every run. `FUZZ_EXAMPLES=5000 pytest chat/tests/endurance/test_fuzz.py` looks
further, and every time elsewhere.
"""

import contextlib
import json
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from websockets.sync.client import ClientConnection

from ..conftest import TEMPLATE, MakeSite
from ..harness import strange_pages
from ..harness.fork_server import ForkServer
from ..harness.fuzz_target import PATIENCE, Target, request_of, status_of
from ..harness.nonsense import BODY_TYPE, FIELDS_OF_PAGES, FORM, HEADERS, KEY, METHOD, ORIGIN, PATH, UPGRADE
from ..harness.nonsense_frames import COMMAND, FRAME, RAW_FRAME
from ..harness.servers import Site

FURTHER = "FUZZ_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
fuzz = settings(
    max_examples=EXAMPLES,
    derandomize=not FURTHER,
    database=None,
    suppress_health_check=list(HealthCheck),
)
HANG = 0.3  # seconds: some bad handshakes get no answer and no end
CSRF = "c" * 32


@pytest.fixture(scope="module")
def target_on(
    request: pytest.FixtureRequest, new_sqlite_site: MakeSite, fork_server: ForkServer | None
) -> Iterator[Callable[[str, str], Target]]:
    """Both servers and both databases, in two combinations, started when they are first asked for."""
    targets: dict[str, Target] = {}
    sites: list[Site] = []

    def get(kind: str, database: str) -> Target:
        if kind not in targets:
            if database == "sqlite":
                site = new_sqlite_site(RATE_LIMITS="off")
            else:
                postgres = request.getfixturevalue("postgres")
                database_url = postgres.create_database(template=TEMPLATE)
                site = Site(database_url, {"RATE_LIMITS": "off"}, fork_server=fork_server)
            sites.append(site)
            targets[kind] = Target(site.uvicorn() if kind == "uvicorn" else site.daphne())
        return targets[kind]

    yield get
    for target in targets.values():
        target.close()
    for site in sites:
        site.close()


@pytest.fixture(params=[("daphne", "sqlite"), ("uvicorn", "postgresql")], ids=lambda param: param[0])
def target(request: pytest.FixtureRequest, target_on: Callable[[str, str], Target]) -> Target:
    return target_on(*request.param)


# --- HTTP ---


@fuzz
@given(method=METHOD, path=PATH, headers=HEADERS)
@example("GET", "/chat/tea/", [(b"Cookie", b'sessionid="aaaaaaaa\\000"')])
@example("GET", "/chat/tea/", [(b"Cookie", b'guest="\\000"; csrftoken="\\000"')])
@example("POST", "/admin/login/", [(b"Content-Type", b"multipart/form-data"), (b"Content-Length", b"0")])
@example(
    "POST", "/admin/login/", [(b"Content-Type", b"text/html; charset=nonsense"), (b"Content-Length", b"0")]
)
@example("GET", "/static/%00", [])
@example("GET", "/static/../mysite/settings.py", [])
@example("GET", "/chat/" + "x" * 60_000 + "/", [])
@example("GET", "/chat/%0d%0aX-Injected:%201", [])
def test_no_request_makes_a_server_error(
    target: Target, method: str, path: str, headers: list[tuple[bytes, bytes]]
) -> None:
    answer = target.send(request_of(method, path, headers))
    assert status_of(answer) < 500, answer[:500]  # 0: the connection was closed
    assert b"\r\nX-Injected" not in answer
    assert b"SECRET_KEY" not in answer
    target.assert_unharmed()


@pytest.mark.parametrize("target", [("uvicorn", "postgresql")], ids=["postgresql"], indirect=True)
@pytest.mark.parametrize("value", strange_pages.VALUES, ids=lambda value: value[:12] or "nothing")
def test_no_field_of_any_page_makes_a_server_error(target: Target, value: str) -> None:
    """In the address and in the body, as a guest and as the owner of the room."""
    fields = strange_pages.filled_in(value)
    for path in strange_pages.page_paths(target.owners_room):
        stranger, owner = (
            [(b"Cookie", f"csrftoken={CSRF}; {cookies}".encode())] for cookies in ("", target.owners_cookies)
        )
        body = f"csrfmiddlewaretoken={CSRF}&{fields}"
        answers = [
            target.send(request_of("GET", f"{path}?{fields}", owner)),
            target.post(path, body, stranger),
        ]
        if path != reverse("log_out"):
            answers.append(target.post(path, body, owner))
        for answer in answers:
            assert 0 < status_of(answer) < 500, path
            assert b"\r\nX-Injected" not in answer.partition(b"\r\n\r\n")[0]
    target.assert_unharmed()


@pytest.mark.parametrize("target", [("uvicorn", "postgresql")], ids=["postgresql"], indirect=True)
def test_the_owner_reaches_the_pages_that_are_fuzzed(target: Target) -> None:
    """Otherwise the test before would only have seen refusals."""
    head = [(b"Cookie", f"csrftoken={CSRF}; {target.owners_cookies}".encode())]
    for name in ("manage", "manage_people", "manage_invites", "manage_reports", "manage_log"):
        path = reverse(name, args=[target.owners_room])
        assert path in strange_pages.page_paths(target.owners_room)
        assert status_of(target.send(request_of("GET", path, head))) == 200
    answer = target.post(path, f"csrfmiddlewaretoken={CSRF}", head)
    assert status_of(answer) == 200, answer[:200]


@fuzz
@given(
    body=st.one_of(st.binary(max_size=60).map(lambda b: b.decode("latin-1")), FIELDS_OF_PAGES),
    kind=BODY_TYPE,
    page=st.integers(0, 1000),
)
@example(body="name=x", kind=f"{FORM}; charset=utf-7", page=0)
@example(body="a&" * 1001, kind=FORM, page=0)
def test_no_body_makes_a_server_error(target: Target, body: str, kind: str, page: int) -> None:
    paths = list(strange_pages.page_paths(target.owners_room))
    head = [(b"Cookie", f"csrftoken={CSRF}".encode()), (b"X-CSRFToken", CSRF.encode())]
    answer = target.post(paths[page % len(paths)], body, [*head, (b"Content-Type", kind.encode())])
    assert 0 < status_of(answer) < 500, answer[:500]
    target.assert_unharmed()


# --- Handshakes ---


@fuzz
@given(path=PATH, headers=UPGRADE)
@example(
    "/ws/chat/tea/",
    {b"Upgrade": b"websocket", b"Cookie": b'sessionid="aaaaaaaa\\000"', b"Origin": b"http://localhost"},
)
def test_no_handshake_makes_a_server_error(target: Target, path: str, headers: dict[bytes, bytes]) -> None:
    whole = {
        b"Upgrade": b"websocket",
        b"Connection": b"Upgrade",
        b"Sec-WebSocket-Key": KEY,
        b"Sec-WebSocket-Version": b"13",
    } | headers
    request = request_of("GET", path, list(whole.items()), close=False)
    with contextlib.suppress(TimeoutError):
        assert status_of(target.send(request, patience=HANG)) < 500
    target.assert_unharmed()


# --- Frames ---


def answers_to(socket: ClientConnection, client_id: str) -> Any:
    """The frame that names this write; everything before it is passed over."""
    while (heard := json.loads(socket.recv(timeout=PATIENCE))).get("client_id") != client_id or heard[
        "type"
    ] == "changes":
        pass
    return heard


@fuzz
@given(frames=st.lists(FRAME, min_size=1, max_size=6))
def test_no_text_frame_ends_the_socket_it_came_over(target: Target, frames: list[str]) -> None:
    mallory, client_id = target.mallory(plain=False), str(uuid4())
    for text in frames:
        mallory.send(text.encode(errors="replace").decode())
    mallory.send(json.dumps({"type": "post", "client_id": client_id, "message": "alive"}))
    answers_to(mallory, client_id)  # a refusal, where one of the frames made her leave
    target.assert_unharmed()


@fuzz
@given(
    frames=st.lists(
        st.one_of(FRAME, COMMAND.map(lambda c: json.dumps({"message": c}))), min_size=1, max_size=6
    )
)
def test_no_text_frame_ends_a_plain_socket(target: Target, frames: list[str]) -> None:
    mallory, last = target.mallory(plain=True), f"alive {uuid4()}"
    for text in frames:
        mallory.send(text.encode(errors="replace").decode())
    mallory.send(json.dumps({"message": last}))
    while json.loads(mallory.recv(timeout=PATIENCE)).get("message") != last:
        pass
    target.assert_unharmed()


@fuzz
@given(frames=st.lists(RAW_FRAME, min_size=1, max_size=5), plain=st.booleans())
def test_no_bytes_on_the_wire_harm_anybody_else(target: Target, frames: list[bytes], plain: bool) -> None:
    headers = [
        (b"Upgrade", b"websocket"),
        (b"Connection", b"Upgrade"),
        (b"Sec-WebSocket-Key", KEY),
        (b"Sec-WebSocket-Version", b"13"),
        (b"Origin", ORIGIN.encode()),
    ]
    headers += [] if plain else [(b"Sec-WebSocket-Protocol", b"chat.v1")]
    with socket.create_connection(("127.0.0.1", target.server.port), timeout=PATIENCE) as wire:
        wire.sendall(request_of("GET", f"/ws/chat/{target.room}/", headers, close=False))
        assume(status_of(wire.recv(4096)) == 101)
        try:
            for one in frames:
                wire.sendall(one)
        except ConnectionError:
            pass
        target.assert_unharmed()
    target.assert_unharmed()
