"""A room's page holds the newest messages: its script draws them before there is a socket."""

import json
import re
from typing import Any

import pytest

from chat.journal.selectors import page_as_of
from chat.models import Room

from ..harness.people import Person, room_path
from ..harness.servers import Daphne
from ..harness.write_requests import edit, post, stored

FIRST_FRAMES = re.compile(r'<script type="application/json" id="first-frames">(.*?)</script>', re.DOTALL)


def first_frames(html: str) -> list[dict[str, Any]]:
    found = FIRST_FRAMES.search(html)
    assert found
    frames: list[dict[str, Any]] = json.loads(found[1])
    return frames


async def test_the_page_holds_what_a_socket_is_sent_first(lobby: Daphne, room: str) -> None:
    alice, bob = Person(lobby), Person(lobby)
    async with alice.chat(room) as client:
        for number in range(60):
            await client.post(f"</script><script>alert({number})</script> & <!-- é 茶")
    standing, changes = first_frames(bob.get(room_path(room)).text)
    async with bob.chat(room) as client:
        welcome = client.frames[0]
        [reset] = [frame for frame in client.frames if frame["type"] == "changes"]
    assert changes == reset
    assert len(changes["messages"]) == 50
    assert changes["more"]
    assert standing == welcome["standing"]


async def test_the_page_of_a_room_where_nothing_was_said_holds_nothing(lobby: Daphne, room: str) -> None:
    assert first_frames(Person(lobby).get(room_path(room)).text) == []


async def test_who_may_not_enter_is_shown_nothing_that_was_said(lobby: Daphne, room: str) -> None:
    alice, bob = Person(lobby), Person(lobby)
    async with alice.chat(room) as client:
        await client.post("between us")
        alice.set(room, is_private="on")
        await client.wait_until(lambda client: client.room.get("private"))
    assert "between us" in alice.get(room_path(room)).text
    page = bob.get(room_path(room)).text
    assert "between us" not in page
    assert not FIRST_FRAMES.search(page)


@pytest.mark.django_db
def test_what_changes_after_the_room_was_read_is_left_to_the_socket() -> None:
    for text in ("one", "two", "three"):
        stored(post(text))
    room = Room.objects.get()
    stored(edit(1, "changed", revision=1))
    stored(post("four"))
    assert [change.message.message for change in page_as_of(room).changes] == ["two", "three"]
