"""Where one has read up to: a mark that only moves forward, and that is sent to nobody."""

import asyncio

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Membership, Participant, Room
from chat.unread import read_marks

from ..harness.clients import ChatClient
from ..harness.servers import Daphne, Site
from ..harness.watchers import guest, until

MARKS = "SELECT r.name, m.role, m.seen FROM chat_membership m JOIN chat_room r ON r.id = m.room_id"


def mark(site: Site, key: str, room: str) -> tuple[str, int] | None:
    """Role and read mark of a person in a room."""
    joined = f"{MARKS} JOIN chat_participant p ON p.id = m.participant_id WHERE p.key = %s AND r.name = %s"
    return next(((role, seen) for _room, role, seen in site.sql(joined, key, room)), None)


async def seen(person: ChatClient, sequence: int) -> None:
    await person.send({"type": "seen", "sequence": sequence})


@pytest.mark.waits
async def test_a_read_mark_moves_on_and_never_back_or_beyond_the_last_message(
    any_lobby: Daphne, room: str
) -> None:
    server = any_lobby
    other_room, rows = f"{room} next door", any_lobby.site.count("chat_participant")
    async with (
        ChatClient(server.ws_url(room)) as alice,
        ChatClient(server.ws_url(room)) as bob,
        ChatClient(server.ws_url(other_room)) as charlie,
    ):
        for n in range(5):
            await alice.post(f"{n}")
        await charlie.post("I have a row, and am no member where alice is")
        await alice.wait_until(lambda alice: len(alice.texts) == 5)
        alice_key, bob_key = alice.you["id"], bob.you["id"]
        revision = alice.revision
        await seen(alice, 3)
        await until(lambda: mark(any_lobby.site, alice_key, room) == ("owner", 3))
        for sequence in (2, 99, 1):
            await seen(alice, sequence)
        await until(lambda: mark(any_lobby.site, alice_key, room) == ("owner", 5))
        await seen(alice, 4)
        await seen(bob, 5)
        await asyncio.sleep(2.5)
        assert mark(any_lobby.site, alice_key, room) == ("owner", 5)
        assert mark(any_lobby.site, bob_key, room) is None, "without a row there is nothing to keep"
        assert any_lobby.site.count("chat_participant") == rows + 2
        assert (alice.revision, alice.errors, bob.errors) == (revision, [], [])
    server.assert_no_traceback()


async def test_a_read_mark_from_before_the_first_message_is_kept(any_lobby: Daphne, room: str) -> None:
    """Nothing is kept of who has no row; once they have spoken they have one."""
    server = any_lobby
    async with ChatClient(server.ws_url(room)) as alice, ChatClient(server.ws_url(room)) as bob:
        await alice.post("one")
        await bob.wait_until(lambda bob: bob.texts == ["one"])
        await seen(bob, 1)
        await seen(alice, 1)
        await until(lambda: mark(any_lobby.site, alice.you["id"], room) == ("owner", 1))  # and bob's is lost
        await bob.post("two")
        await until(lambda: mark(any_lobby.site, bob.you["id"], room) == ("member", 1))
    server.assert_no_traceback()


async def test_who_only_reads_becomes_a_visitor_and_finds_the_mark_again(
    any_lobby: Daphne, room: str
) -> None:
    server = any_lobby
    cookie = guest(server)
    async with ChatClient(server.ws_url(room)) as alice:
        await alice.post("one")
        await alice.post("two")
        async with ChatClient(server.ws_url(room), cookies=cookie) as bob:
            await bob.rename("Bob")
            await seen(bob, 1)
            await until(lambda: mark(any_lobby.site, bob.you["id"], room) == ("visitor", 1))
        async with ChatClient(server.ws_url(room), cookies=cookie) as bob:
            assert bob.welcome["standing"]["role"] == "visitor"
            assert bob.welcome["standing"]["seen"] == 1
    server.assert_no_traceback()


def test_marks_of_two_thousand_people_cost_few_statements(db: None) -> None:
    room = Room.objects.create(name="tea", key="tea", sequence=7)
    people = [Participant(key=f"{n}", name=f"Name {n}") for n in range(2000)]
    Participant.objects.bulk_create(people)
    for sequence in (5, 3, 9):
        with CaptureQueriesContext(connection) as statements:
            read_marks.store({("tea", person.key): sequence for person in people} | {("no room", "1"): 3})
        assert len(statements) <= 10
        marks = set(Membership.objects.filter(room=room).values_list("role", "seen"))
        assert marks == {("visitor", min(7, max(5, sequence)))}
    assert Membership.objects.count() == 2000


@pytest.mark.waits
async def test_a_mark_that_came_while_the_database_was_locked_is_written_later(site: Site, room: str) -> None:
    server = site.daphne()
    async with ChatClient(server.ws_url(room)) as alice:
        await alice.post("one")
        with site.locked():
            await seen(alice, 1)
            await asyncio.sleep(6)  # longer than a statement waits
        await until(lambda: mark(site, alice.you["id"], room) == ("owner", 1))
        assert alice.errors == []
    server.assert_no_traceback()


async def test_a_mark_that_came_just_before_the_end_is_written(site: Site, room: str) -> None:
    server = site.daphne()
    async with ChatClient(server.ws_url(room)) as alice:
        for n in range(3):
            await alice.post(f"{n}")
        for sequence in (1, 2, 3):
            await seen(alice, sequence)
        await alice.post("all of them were heard before this")
        await asyncio.to_thread(server.terminate)
    assert mark(site, alice.you["id"], room) == ("owner", 3)
