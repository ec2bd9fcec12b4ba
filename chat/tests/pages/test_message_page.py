"""Every message has an address: the page of its room around it, which can be read without a script."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from chat import protocol
from chat.models import Message, Room

from ..harness.people import Person, room_path, room_people, said
from ..harness.servers import Daphne
from ..harness.uploaded import uploaded
from ..harness.write_requests import ALICE, delete, post, stored, write_request
from .test_first_frames import first_frames
from .test_room_passwords import PASSWORD, room_with_password

HISTORY = re.compile(r"<noscript>\s*<section.*?</noscript>", re.DOTALL)
NUMBER = re.compile(r">message (\d+)<")


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": "localhost"})


def say(count: int, room: str = "tea") -> None:
    for n in range(1, count + 1):
        stored(post(f"message {n}", room=room))


def history(html: str) -> str:
    found = HISTORY.search(html)
    assert found
    return found[0]


def numbers(html: str) -> list[int]:
    return [int(n) for n in NUMBER.findall(history(html))]


def link(html: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]*)"', html)
    return found and found[1]


@pytest.mark.django_db
def test_the_page_holds_what_stands_around_the_message_and_the_newest_and_is_no_reset(client: Client) -> None:
    say(200)
    page = client.get("/chat/tea/100/").content.decode()
    _standing, changes = first_frames(page)
    around, newest = list(range(75, 125)), list(range(151, 201))
    assert [message["sequence"] for message in changes["messages"]] == around + newest
    assert not changes.get("reset")
    assert changes["more"]
    assert changes["revision"] == 200
    assert changes["room"]["name"] == "tea"
    assert numbers(page) == around
    [current] = re.findall(r'<article class="linked".*?</article>', history(page), re.DOTALL)
    assert ">message 100<" in current
    assert current.count('href="/chat/tea/100/"') == 1
    assert 'data-sequence="100"' in page


@pytest.mark.django_db
def test_near_its_ends_the_room_is_read_from_the_first_message_to_the_last(client: Client) -> None:
    say(60)
    for place, first, last, more in ((1, 1, 25, False), (60, 11, 60, True), (30, 5, 54, True)):
        page = client.get(f"/chat/tea/{place}/").content.decode()
        _standing, changes = first_frames(page)
        places = sorted(message["sequence"] for message in changes["messages"])
        assert (numbers(page)[0], numbers(page)[-1]) == (first, last)
        assert places == sorted({*range(first, last + 1), *range(11, 61)})
        assert changes.get("more", False) is more


@pytest.mark.django_db
def test_without_a_script_the_links_lead_through_the_whole_room_past_what_is_deleted(client: Client) -> None:
    say(230)
    for n in (*range(60, 115), 230):
        stored(delete(n))
    newest = client.get("/chat/tea/").content.decode()
    start = re.search(r'href="(/chat/tea/\d+/)">Read', history(newest))
    assert start
    for rel, path, count in (("prev", start[1], 174), ("next", "/chat/tea/1/", 174)):
        read: set[int] = set()
        pages = 0
        while path:
            page = client.get(path).content.decode()
            read.update(numbers(page))
            path, pages = link(page, rel) or "", pages + 1
        assert len(read) == count
        assert pages <= 7


@pytest.mark.django_db
def test_a_message_that_is_deleted_or_expired_or_was_never_written_is_a_404_that_says_so(
    client: Client,
) -> None:
    say(6)
    stored(delete(6))
    Message.objects.filter(sequence__lte=2).delete()
    Room.objects.update(purged_through=2)
    for path in ("/chat/tea/6/", "/chat/tea/2/", "/chat/tea/7/", "/chat/tea/0/", f"/chat/tea/{10**18 - 1}/"):
        response = client.get(path)
        assert response.status_code == 404, path
        page = response.content.decode()
        assert "was deleted, it has expired, or it was never written" in page
        assert 'href="/chat/tea/"' in page
    assert client.get("/chat/nobody was here/1/").status_code == 404
    assert numbers(client.get("/chat/tea/3/").content.decode()) == [3, 4, 5]


@pytest.mark.django_db
def test_another_spelling_leads_to_the_one_address_of_a_message(client: Client) -> None:
    say(1, room="Tea")
    for path in ("/chat/tea/1/", "/chat/Tea/001/", "/chat/TEA/01/"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (302, "/chat/Tea/1/")
    assert client.get("/chat/Tea/1/").status_code == 200
    assert client.head("/chat/Tea/1/").status_code == 200
    assert "name" in client.get("/chat/Tea/1/2/").content.decode()
    assert client.get("/chat/Tea/1/2/").status_code == 404


@pytest.mark.django_db
def test_no_text_ends_the_list_for_readers_without_a_script(client: Client) -> None:
    say(1)
    before = client.get("/chat/tea/1/").content.decode()
    for text in (
        "</noscript><script>alert(1)</script>",
        "[a](https://a.example/?</noscript><b>)",
        "`</noscript>`",
    ):
        stored(post(text))
    after = client.get("/chat/tea/1/").content.decode()
    for tag in ("</noscript>", "<script", "<b>"):
        assert after.count(tag) == before.count(tag)


@pytest.mark.django_db
def test_a_deleted_neighbour_shows_only_its_place(client: Client) -> None:
    say(3)
    stored(delete(2))
    page = history(client.get("/chat/tea/1/").content.decode())
    assert "message 2" not in page
    assert page.count("This message was deleted.") == 1
    assert "/chat/tea/2/" not in page


async def test_a_private_room_tells_strangers_nothing_of_its_messages(lobby: Daphne, room: str) -> None:
    alice, bob = Person(lobby), Person(lobby)
    await said(alice, room, "between us")
    alice.set(room, is_private="on")
    assert "between us" in alice.get(f"{room_path(room)}1/").text
    refused = bob.get(room_path(room))
    for place in (1, 2):
        seen = bob.get(f"{room_path(room)}{place}/")
        assert (seen.status, seen.words) == (403, refused.words)


async def test_who_gives_the_password_at_a_message_comes_to_the_message(lobby: Daphne, room: str) -> None:
    await room_with_password(lobby, room)
    bob = Person(lobby)
    path = f"{room_path(room)}1/"
    assert "has a password" in bob.get(path).text
    assert bob.send(path, password=PASSWORD).path == path
    assert "hello" in history(bob.get(path).text)


async def test_who_is_banned_reads_that_at_a_message_as_well(lobby: Daphne, room: str) -> None:
    charlie = (await room_people(lobby, room)).charlie
    at_message = charlie.get(f"{room_path(room)}1/")
    assert (at_message.status, at_message.words) == (403, charlie.enter(room).words)
    assert "alice is here" not in at_message.text


@pytest.mark.django_db
def test_without_a_script_files_are_links_by_what_they_show_or_are_called(client: Client) -> None:
    cat, other = uploaded(name="cat.png"), uploaded(name="<notes>.txt", content=b"x" * 2048)
    command = protocol.Post(uuid4(), "", files=[cat.key, other.key], alts=["a cat"])
    stored(write_request(ALICE, command))
    page = history(client.get("/chat/tea/1/").content.decode())
    assert f'<a href="/files/{cat.key}/"><bdi>a cat</bdi></a>' in page
    assert f'<a href="/files/{other.key}/"><bdi>&lt;notes&gt;.txt</bdi></a> 2.0\xa0KB' in page
    assert 'class="body"' not in page
