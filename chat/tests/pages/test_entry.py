"""A private room is refused at the same cost whatever is in it, so that the time shows nothing."""

import datetime
import re
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.access.identity import Identity
from chat.access.lookup import AccessQuery, look_up
from chat.journal.service import write
from chat.models import Connection, Invite, Process, Room

from ..harness.write_requests import ALICE, BOB, post

pytestmark = pytest.mark.django_db

STRANGER = Identity("stranger", "Stranger")


@pytest.fixture
def rooms() -> list[str]:
    """Private rooms: one with a word in it, one with everything that a room can have."""
    write([post("x", room="empty"), *(post("word " * 200, who, "full") for who in (ALICE, BOB) * 60)])
    Room.objects.update(is_private=True)
    everything: dict[str, Any] = {
        "password": make_password("open sesame"),
        "topic": "Our Topic",
        "closed_at": timezone.now(),
        "is_hidden": True,
        "retention_days": 3,
        "pinned": 7,
        "filter_words": "word\n" * 50,
    }
    full = Room.objects.filter(key="full")
    full.update(**everything)
    Invite.objects.create(room=full.get())
    process = Process.objects.create(id="here", renewed_at=timezone.now() + datetime.timedelta(days=1))
    for key in ("alice", "bob"):
        Connection.objects.create(process=process, room_key="full", participant_key=key, name=key)
    return ["empty", "full"]


def questions(ask: Callable[[], object]) -> list[str]:
    """What the database is asked, without the room and the guest (a new one each time) it is about."""
    with CaptureQueriesContext(connection) as captured:
        ask()
    return [re.sub("'(empty|full|[0-9a-f]{32})'", "…", query["sql"]) for query in captured]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["/chat/{}/", "/manage/{}/", "/manage/{}/people/", "/manage/{}/invites/"])
def test_a_page_asks_the_same_questions(rooms: list[str], method: str, path: str) -> None:
    answers = []

    def ask(room: str) -> None:
        answers.append(getattr(Client(), method)(path.format(room), {"password": "open sesame"}))

    empty, full = (questions(partial(ask, room)) for room in rooms)
    assert empty == full
    assert [answer.status_code for answer in answers] == [403, 403]


def test_a_socket_asks_the_same_questions(rooms: list[str]) -> None:
    empty, full = (
        questions(partial(look_up, [AccessQuery(room, STRANGER, "203.0.113.7")])) for room in rooms
    )
    assert empty == full


def test_no_password_is_compared_for_a_private_room(
    rooms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes long, and the time would show whether it is right."""

    def compare(*_arguments: object) -> bool:
        raise AssertionError("a password was compared")

    monkeypatch.setattr("chat.pages.entry.check_password", compare)
    for room in rooms:
        answer = Client().post(f"/chat/{room}/", {"password": "open sesame"})
        assert answer.status_code == 403
    Room.objects.update(is_private=False)
    with pytest.raises(AssertionError, match="compared"):
        Client().post("/chat/full/", {"password": str(uuid4())})
