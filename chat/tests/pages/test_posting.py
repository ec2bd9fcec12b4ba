"""Posting without a script: a plain form does what a socket's `post` does."""

import asyncio
import re
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from chat.models import Participant, Room

from ..conftest import MakeSite
from ..harness.clients import ChatClient
from ..harness.servers import Daphne
from ..harness.visitors import Visitor
from ..harness.write_requests import texts

with_rows = pytest.mark.django_db
FORM_ID = re.compile(r'name="form" value="(\w+)"')


def form_of(page: Any) -> str:
    found = FORM_ID.search(page.content.decode())
    assert found
    return found[1]


async def test_what_is_posted_by_form_reaches_the_sockets_under_the_same_name(
    lobby: Daphne, room: str
) -> None:
    alice = Visitor(lobby)
    path = f"/chat/{room}/"
    async with ChatClient(lobby.ws_url(room)) as bob:
        page = await asyncio.to_thread(alice.send, f"{path}?write", to=path, message="line one\r\nline two")
        assert page.path == f"{path}1/"
        assert "line two" in page.words
        await bob.wait_until(lambda client: client.texts == ["line one\nline two"])
    async with ChatClient(lobby.ws_url(room), cookies=alice.cookies) as herself:
        assert herself.you["id"] == herself.log[1]["author"]["id"]
    lobby.assert_no_traceback()


def test_a_form_of_another_site_posts_nothing(lobby: Daphne, room: str) -> None:
    alice = Visitor(lobby)
    assert alice.get(f"/chat/{room}/").status == 200
    assert alice.post(f"/chat/{room}/", message="hello").status == 403
    assert "Nothing has been said here yet" in alice.get(f"/chat/{room}/").words


@with_rows
def test_a_form_that_is_sent_twice_is_stored_once_and_another_text_is_another_message() -> None:
    client = Client()
    form = form_of(client.get("/chat/tea/?write"))
    for text in ("hello", "hello", "bye"):
        client.post("/chat/tea/", {"message": text, "form": form})
    assert texts("tea") == ["hello", "bye"]
    client.post("/chat/tea/", {"message": "hello", "form": form_of(client.get("/chat/tea/1/"))})
    assert texts("tea") == ["hello", "bye", "hello"]


REFUSED: dict[str, tuple[dict[str, Any], str, int, str]] = {
    "blank": ({}, "  ", 422, "at least one character"),
    "too long": ({}, "x" * 4001, 422, "at most 4000 characters"),
    "filtered": ({"filter_words": "marmite", "filter_action": "reject"}, "marmite?", 422, "not allowed here"),
    "read-only": ({"is_read_only": True}, "hello", 422, "Only moderators can write"),
    "closed": ({"closed_at": timezone.now()}, "hello", 422, "This room is closed."),
    "unknown command": ({}, "/dance now", 422, "no command /dance"),
    "not a moderator": ({}, "/topic tea", 422, "You are not allowed to do this here."),
}


@with_rows
@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_text_stands_in_the_form_with_the_reason(case: str) -> None:
    Client().post("/chat/tea/", {"message": "first"})
    settings, text, status, reason = REFUSED[case]
    Room.objects.update(**settings)
    answer = Client().post("/chat/tea/", {"message": text})
    page = answer.content.decode()
    assert answer.status_code == status
    assert reason in page
    assert f"autofocus>{text}</textarea>" in page
    assert texts("tea") == ["first"]


@with_rows
def test_slow_mode_says_when_to_try_again() -> None:
    Client().post("/chat/tea/", {"message": "first"})
    Room.objects.update(slow_mode=60)
    bob = Client()
    assert bob.post("/chat/tea/", {"message": "one"}).status_code == 302
    answer = bob.post("/chat/tea/", {"message": "two"})
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 61


@with_rows
def test_who_may_not_enter_posts_nothing() -> None:
    Client().post("/chat/tea/", {"message": "first"})
    Room.objects.update(is_private=True)
    assert Client().post("/chat/tea/", {"message": "hello"}).status_code == 403
    assert texts("tea") == ["first"]


@with_rows
def test_commands_are_done_and_answered() -> None:
    alice = Client()
    alice.post("/chat/tea/", {"message": "first"})
    assert (
        "settings have been changed" in alice.post("/chat/tea/", {"message": "/topic Green"}).content.decode()
    )
    assert Room.objects.get().topic == "Green"
    assert alice.post("/chat/tea/", {"message": "/nick Alice"})["Location"] == "/chat/tea/"
    assert Participant.objects.get().name == "Alice"
    assert "/topic text" in alice.post("/chat/tea/", {"message": "/help"}).content.decode()
    assert texts("tea") == ["first"]


@with_rows
def test_while_the_database_takes_nothing_the_text_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_requests: object) -> None:
        raise OperationalError("away")

    client = Client()
    form = form_of(client.get("/chat/tea/?write"))
    with monkeypatch.context() as away:
        away.setattr("chat.pages.posting.write_all_steps", fail)
        answer = client.post("/chat/tea/", {"message": "hello", "form": form})
    assert answer.status_code == 503
    assert "autofocus>hello</textarea>" in answer.content.decode()
    assert form_of(answer) == form, "what may have been stored is not stored again"


def test_the_limits_are_those_of_sockets(make_site: MakeSite) -> None:
    server = make_site(RATE_LIMITS="on", RATE_MESSAGES="1/1h,100/1h", RATE_NEW_ROOMS="1/1h").daphne()
    alice, bob, charlie = Visitor(server), Visitor(server), Visitor(server)
    assert alice.send("/chat/tea/?write", message="one").path == "/chat/tea/1/"
    refused = alice.send("/chat/tea/1/", message="two")
    assert (refused.status, "Too fast" in refused.words) == (429, True)
    assert bob.send("/chat/coffee/?write", message="one").status == 429, "a second new room"
    assert charlie.send("/chat/tea/1/", message="two").path == "/chat/tea/2/"
    server.assert_no_traceback()
