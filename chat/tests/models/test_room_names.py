"""What may be a room's name: a valid one has a page and a socket, another one a page that says why."""

import contextlib
import html
import http.client
import re
import socket
import string
from urllib.parse import quote, unquote

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.cluster.messages import group_of
from chat.text.cleaning import clean_room_name, fold_room_name

from ..harness.clients import ChatClient, PlainClient
from ..harness.servers import Answer, Daphne, ServerProcess, Site

GOOD = [
    "日本語",
    "my room",
    "café",
    "a.b",
    "Привет мир",
    "채팅방",
    "हिन्दी",
    "می\u200cخواهم",
    "...a",
    "Tom & Jerry's (1+1)!",
    "x" * 80,
    "日" * 80,
    "-",
    "admin",
    "ws",
]
# Percent-encoded as they stand in the URL, and a word of the reason.
BAD = {
    "..": "dots",
    "%2e%2E": "dots",
    ".": "dots",
    "": "name",
    "x" * 81: "80",
    "%E6%97%A5" * 81: "80",
    "x" * 10_000: "80",
    "two%0Alines": "letters",
    "two%0D%0Alines": "letters",
    "evil%E2%80%AEtxt": "letters",
    "zero%E2%80%8Bwidth": "letters",
    "zero%E2%80%8Cwidth": "letters",
    "%D9%85%DB%8C%E2%80%8C": "letters",
    "%F0%97%80%80%E2%80%8Ca": "letters",
    "%E3%85%A4": "visible",
    "%00": "letters",
    "a%00b": "letters",
    "%FF": "letters",
    "a%FF%FEb": "letters",
    "%ED%A0%80": "letters",
    "a%2Fb": "letters",
    "a/b": "letters",
    "..%2F..%2Fetc%2Fpasswd": "letters",
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E": "letters",
    "%20space": "space",
    "space%20": "space",
    "%20": "space",
    "a%3Fb": "letters",
    "a%25b": "letters",
    "%F0%9F%A6%8A": "letters",
    "%EF%B7%BA" * 20: "too long",
}


def get(server: ServerProcess, path: str, headers: dict[str, str] | None = None) -> Answer:
    """GET exactly these bytes: no client in between that tidies the path."""
    head = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{head}Connection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as wire:
        wire.sendall(request.encode())
        with contextlib.closing(http.client.HTTPResponse(wire)) as response:
            response.begin()
            return Answer(response.status, dict(response.getheaders()), response.read())


def upgrade(server: ServerProcess, path: str) -> tuple[int, int | None]:
    """The status of a WebSocket handshake for exactly this path, and the close code that follows, if any."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    address = ("127.0.0.1", server.port)
    with socket.create_connection(address, timeout=60) as wire, wire.makefile("rb") as answer:
        wire.sendall(request.encode())
        status = int(answer.readline().split()[1])
        while answer.readline().strip():
            pass
        if status != 101:
            return status, None
        opcode, size = answer.read(2)
        payload = answer.read(size)
        return status, int.from_bytes(payload[:2], "big") if opcode == 0x88 else None


@pytest.mark.parametrize("name", GOOD)
async def test_a_room_of_this_name_has_a_page_and_a_socket(lobby: Daphne, name: str) -> None:
    page = get(lobby, f"/chat/{quote(name)}/")
    assert page.status == 200
    found = re.search(r'<script id="room-name" type="application/json">"(.*?)"</script>', page.text)
    assert found
    assert found[1].encode().decode("unicode_escape") == name
    async with ChatClient(lobby.ws_url(name)) as alice, PlainClient(lobby.ws_url(name)) as bob:
        assert alice.welcome["room"] == name
        await bob.say("hello")
        await alice.wait_until(lambda alice: "hello" in alice.texts)
        await bob.wait_until(lambda bob: bob.texts == ["hello"])
    assert unquote(html.unescape(get(lobby, "/chat/").text)).count(f'href="/chat/{name}/"') == 1


@pytest.mark.parametrize(("name", "reason"), BAD.items(), ids=[name[:30] or "empty" for name in BAD])
def test_a_page_of_this_name_is_not_found_and_says_why(lobby: Daphne, name: str, reason: str) -> None:
    answer = get(lobby, f"/chat/{name}/")
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert reason in answer.text
    assert "<script>alert" not in answer.text
    assert len(answer.body) < 10_000


@pytest.mark.parametrize("name", BAD, ids=[name[:30] or "empty" for name in BAD])
def test_a_socket_of_this_name_is_closed_with_4404(lobby: Daphne, name: str) -> None:
    assert upgrade(lobby, f"/ws/chat/{name}/") == (101, 4404)


@pytest.mark.parametrize(
    "path", ["/chat/日本語/", "/chat/caf\udce9/", "/chat/a b/", "/chat/%/", "/chat/%zz/"]
)
def test_a_path_that_no_browser_would_send_is_no_error_of_ours(lobby: Daphne, path: str) -> None:
    raw = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    address = ("127.0.0.1", lobby.port)
    with socket.create_connection(address, timeout=60) as wire, wire.makefile("rb") as answer:
        wire.sendall(raw.encode(errors="surrogateescape"))
        status = answer.readline().split()
    assert not status or int(status[1]) < 500


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_no_name_makes_a_traceback_or_a_row(site: Site, kind: str) -> None:
    server = site.daphne() if kind == "daphne" else site.uvicorn()
    for name in BAD:
        assert get(server, f"/chat/{name}/").status == 404
        if len(name) < 8_000 or kind == "daphne":  # uvicorn does not read a longer handshake
            assert upgrade(server, f"/ws/chat/{name}/") == (101, 4404)
    server.assert_no_traceback()
    assert site.count("chat_room") == 0


async def test_another_spelling_redirects_to_the_first(lobby: Daphne) -> None:
    async with ChatClient(lobby.ws_url("Straße 7")) as alice:
        await alice.post("hello")
        for spelling in (
            "straße 7",
            "STRASSE 7",
            "Strasse 7",
            "Ｓtraße 7",
            "Straße\ufe00 7",
            "Stra\u034fße 7",
            "Straße 7\u3164",
        ):
            answer = get(lobby, f"/chat/{quote(spelling)}/")
            assert answer.status == 302
            assert unquote(answer.headers["Location"]) == "/chat/Straße 7/"
            async with ChatClient(lobby.ws_url(spelling)) as bob:
                assert bob.welcome["room"] == "Straße 7"
                assert bob.texts == ["hello"]
    assert get(lobby, f"/chat/{quote('Straße 7')}/").status == 200


def test_a_name_in_another_normal_form_redirects_to_the_one_that_is_kept(lobby: Daphne) -> None:
    answer = get(lobby, "/chat/cafe%CC%81%20new/")
    assert (answer.status, unquote(answer.headers["Location"])) == (302, "/chat/café new/")


async def test_with_and_without_its_joiner_a_name_is_one_room(lobby: Daphne) -> None:
    async with ChatClient(lobby.ws_url("نی\u200cلبک")) as alice:
        await alice.post("hello")
    answer = get(lobby, f"/chat/{quote('نیلبک')}/")
    assert (answer.status, unquote(answer.headers["Location"])) == (302, "/chat/نی\u200cلبک/")


async def test_two_spellings_of_a_room_without_a_row_are_one_room(lobby: Daphne) -> None:
    async with ChatClient(lobby.ws_url("New Room")) as alice, ChatClient(lobby.ws_url("NEW ROOM")) as bob:
        await bob.post("hello")
        await alice.wait_until(lambda alice: alice.texts == ["hello"])


def test_a_path_without_its_last_slash_leads_to_the_room(lobby: Daphne) -> None:
    answer = get(lobby, "/chat/tea")
    assert (answer.status, answer.headers["Location"]) == (301, "/chat/tea/")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
@settings(deadline=None)
def test_every_name_that_is_taken_has_a_group_that_the_layer_takes(raw: str) -> None:
    try:
        name = clean_room_name(raw)
    except ValidationError:
        return
    group = group_of(fold_room_name(name))
    assert len(group) < 100
    assert set(group) <= set(string.ascii_letters + string.digits + "-_.")
    assert clean_room_name(name) == name
    assert fold_room_name(fold_room_name(name)) == fold_room_name(name)


def test_two_rooms_never_share_a_group() -> None:
    names = ["a", "b", "a.b", "a b", "a-b", "日本語", "日本", "1", "I", "ı"]
    assert len({group_of(fold_room_name(name)) for name in names}) == len(names)
