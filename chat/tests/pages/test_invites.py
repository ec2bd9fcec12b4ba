"""Invite links: who has a good one comes in, once for each use, and nobody by a bad one."""

import asyncio
import re
import time
from html import unescape
from urllib.parse import quote

import pytest

from ..conftest import Pair
from ..harness.people import Person, manage_path, new_link, room_path, tokens
from ..harness.servers import Daphne, ServerProcess, Site
from ..harness.watchers import until
from ..harness.wires import Wire


async def private_room(server: ServerProcess, room: str) -> Person:
    """alice, who owns the private room."""
    alice = Person(server)
    async with alice.chat(room) as client:
        await client.post("hello")
    alice.set(room, is_private="on")
    return alice


async def test_who_has_a_link_enters_and_stays_a_member(any_lobby: Daphne, room: str) -> None:
    server = any_lobby
    alice, bob = await private_room(server, room), Person(server)
    assert bob.enter(room).status == 403
    token = new_link(alice, room)
    assert bob.follow(token).path == room_path(room)
    assert bob.enter(room).status == 200
    async with bob.chat(room) as client:
        assert client.texts == ["hello"]
        await client.post("hello from bob")
    assert token not in server.log()
    server.assert_no_traceback()


async def test_a_link_that_is_used_up_lets_nobody_in(lobby: Daphne, room: str) -> None:
    server = lobby
    alice, bob, charlie = await private_room(server, room), Person(server), Person(server)
    token = new_link(alice, room, max_uses="1")
    for _ in range(3):  # a member uses none up
        assert bob.follow(token).path == room_path(room)
        assert alice.follow(token).path == room_path(room)
    assert charlie.follow(token).status == 404
    assert charlie.enter(room).status == 403
    assert token not in alice.get(f"/manage/{room}/invites/").text


async def test_of_many_at_once_one_gets_the_last_use(any_pair: Pair, room: str) -> None:
    one, other = any_pair
    alice = await private_room(one, room)
    token = new_link(alice, room, max_uses="2")
    people = [Person(server) for server in (one, other) * 4]
    answers = await asyncio.gather(*(asyncio.to_thread(person.follow, token) for person in people))
    assert sorted(answer.status for answer in answers) == [200] * 2 + [404] * 6
    entered = [person.enter(room).status for person in people]
    assert sorted(entered) == [200] * 2 + [403] * 6
    number = int(token.partition("-")[0])
    assert one.site.sql("SELECT uses FROM chat_invite WHERE id = %s", number) == [(2,)]


async def test_a_last_use_that_another_process_is_taking_is_not_taken_again(
    pg_lobby: Daphne, room: str
) -> None:
    site = pg_lobby.site
    token = new_link(await private_room(pg_lobby, room), room, max_uses="1")
    waiting = (
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        " AND starts_with(query, 'UPDATE \"chat_invite\"')"
    )
    with site.connection() as other:
        other.execute("BEGIN")
        other.execute("UPDATE chat_invite SET uses = 1 WHERE id = %s", [int(token.partition("-")[0])])
        following = asyncio.create_task(asyncio.to_thread(Person(pg_lobby).follow, token))
        await until(lambda: site.sql(waiting))
        other.execute("COMMIT")
    assert (await following).status == 404


async def test_one_person_twice_at_once_uses_one(any_lobby: Daphne, room: str) -> None:
    server = any_lobby
    alice, bob = await private_room(server, room), Person(server)
    token = new_link(alice, room)
    bob.enter("elsewhere")  # has the cookies by which all four are the same
    bob.get("/invite/")
    answers = await asyncio.gather(*(asyncio.to_thread(bob.follow, token) for _ in range(4)))
    assert [answer.status for answer in answers] == [200] * 4
    number = int(token.partition("-")[0])
    assert any_lobby.site.sql("SELECT uses FROM chat_invite WHERE id = %s", number) == [(1,)]
    server.assert_no_traceback()


async def test_bad_links_of_all_kinds_get_one_and_the_same_page(lobby: Daphne, room: str) -> None:
    server = lobby
    alice = await private_room(server, room)
    revoked, expired, used_up = (new_link(alice, room, max_uses="1") for _ in range(3))
    number = revoked.partition("-")[0]
    alice.manage(room, "invites/", revoke=number)
    lobby.site.sql(
        "UPDATE chat_invite SET expires_at = '2020-01-01 00:00:00' WHERE id = %s",
        int(expired.partition("-")[0]),
    )
    Person(server).follow(used_up)
    forged = [f"{number}-20200101000000000000:{'x' * 43}", number, "", ":", "\0", "x" * 5_000, "é:1"]
    answers = [Person(server).follow(token) for token in (revoked, expired, used_up, *forged)]
    assert {answer.status for answer in answers} == {404}
    pages = {re.sub(r'nonce="[^"]*"', "", answer.text) for answer in answers}
    assert len(pages) == 1
    assert room not in pages.pop()
    server.assert_no_traceback()


async def test_a_link_of_a_flushed_database_opens_no_other_room(site: Site, room: str) -> None:
    server = site.daphne()
    token = new_link(await private_room(server, room), room)
    site.manage("flush", "--noinput")
    alice = await private_room(server, f"{room}-2")
    assert new_link(alice, f"{room}-2").partition("-")[0] == token.partition("-")[0]
    assert Person(server).follow(token).status == 404


async def test_an_expired_link_is_judged_by_the_databases_clock(any_lobby: Daphne, room: str) -> None:
    server = any_lobby
    alice = await private_room(server, room)
    token = new_link(alice, room, days="1")
    seconds = "strftime('%s', expires_at)" if any_lobby.site.is_sqlite else "extract(epoch FROM expires_at)"
    number = int(token.partition("-")[0])
    with any_lobby.site.connection() as connection:
        ((ends,),) = connection.execute(f"SELECT {seconds} FROM chat_invite WHERE id = {number}").fetchall()
    assert abs(float(ends) - time.time() - 86_400) < 600
    assert Person(server).follow(token).status == 200


async def test_a_banned_person_is_not_let_in_and_uses_nothing(lobby: Daphne, room: str) -> None:
    server = lobby
    alice, charlie = await private_room(server, room), Person(server)
    token = new_link(alice, room)
    assert charlie.follow(token).status == 200
    async with charlie.chat(room) as client:
        await client.post("spam")
        alice.manage(room, "people/", act="ban", id=client.you["id"], reason="spam")
        assert await client.wait_closed() == 4403
    assert charlie.follow(token).status == 403
    assert charlie.enter(room).status == 403
    async with Wire(server.ws_url(room), cookies=charlie.cookies) as wire:
        assert await wire.wait_closed() == 4403
    assert "used once" in alice.get(f"/manage/{room}/invites/").words


async def test_a_moderator_invites_too_and_a_member_does_not(lobby: Daphne, room: str) -> None:
    alice, bob, dora = await private_room(lobby, room), Person(lobby), Person(lobby)
    token = new_link(alice, room)
    for person in (bob, dora):
        person.follow(token)
    async with dora.chat(room) as client:
        alice.manage(room, "people/", act="promote", id=client.you["id"])
    assert Person(lobby).follow(new_link(dora, room)).status == 200
    assert bob.get(f"/manage/{room}/invites/").status == 403
    log = alice.get(f"/manage/{room}/log/").text
    assert "made an invite link" in log


@pytest.mark.parametrize("fields", [{"days": "8"}, {"max_uses": "0"}, {"max_uses": "x"}, {"days": "1" * 99}])
async def test_a_link_that_makes_no_sense_is_not_made(
    lobby: Daphne, room: str, fields: dict[str, str]
) -> None:
    alice = await private_room(lobby, room)
    page = alice.send(f"/manage/{room}/invites/", **({"days": "7", "max_uses": ""} | fields))
    assert page.status == 200
    assert "errorlist" in page.text
    assert not tokens(page.text)


async def test_the_page_of_a_link_says_nothing_and_keeps_nothing(lobby: Daphne) -> None:
    answer = Person(lobby).get("/invite/")
    assert answer.status == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert "guest=" not in answer.headers.get("Set-Cookie", "")


async def test_every_open_link_can_be_found_and_revoked(lobby: Daphne, room: str) -> None:
    """However many there are."""
    alice = await private_room(lobby, room)
    lobby.site.shell(
        "from chat.models import *\n"
        f"room = Room.objects.get(name={room!r})\n"
        "Invite.objects.bulk_create(Invite(room=room) for _ in range(45))"
    )
    pages = [tokens(alice.get(manage_path(room, f"invites/?page={n}")).text) for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 20, 5]
    oldest = pages[-1][-1]
    assert Person(lobby).follow(oldest).status == 200
    alice.manage(room, "invites/", revoke=oldest.partition("-")[0])
    assert Person(lobby).follow(oldest).status == 404


async def test_a_link_opens_a_room_with_a_password(lobby: Daphne, room: str) -> None:
    """Also one that was made before there was a password."""
    alice, bob = Person(lobby), Person(lobby)
    async with alice.chat(room) as client:
        await client.post("hello")
    token = new_link(alice, room)
    alice.manage(room, do="password", password="open sesame")
    assert "has a password" in bob.enter(room).words
    assert bob.follow(token).path == room_path(room)
    async with bob.chat(room) as client:
        await client.post("hello alice")


async def test_a_link_is_drawn_as_a_qr_code_for_moderators_who_look_while_it_is_open(
    lobby: Daphne, room: str
) -> None:
    alice, bob = await private_room(lobby, room), Person(lobby)
    number = new_link(alice, room).partition("-")[0]
    path = manage_path(room, f"invites/qr.svg?link={number}")
    assert unescape(path) in unescape(alice.get(manage_path(room, "invites/")).text)
    picture = alice.get(path)
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert "<svg" in picture.text
    assert bob.get(path).status == 403
    assert alice.get(manage_path(room, "invites/qr.svg?link=x")).status == 404
    alice.manage(room, "invites/", revoke=number)
    assert alice.get(path).status == 404


async def test_the_picture_of_a_room_s_address_tells_nothing_of_the_room(lobby: Daphne, room: str) -> None:
    await private_room(lobby, room)
    stranger = Person(lobby)
    for name in (room, f"{room} that is not there", "日本語", "x" * 80):
        picture = stranger.get(f"/invite/qr.svg?room={quote(name)}")
        assert picture.status == 200
        assert picture.headers["Content-Type"] == "image/svg+xml"
        assert "max-age" in picture.headers["Cache-Control"]
    for name in ("", "a%2Fb", "%00", "x" * 81):
        assert stranger.get(f"/invite/qr.svg?room={name}").status == 404
    lobby.assert_no_traceback()
