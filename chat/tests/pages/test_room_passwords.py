"""A room with a password: who knows it becomes a member, and who guesses is slowed down."""

from ..harness.people import Person, manage_path, room_path
from ..harness.servers import Daphne, ServerProcess, Site
from ..harness.wires import Wire

PASSWORD = "open sesame"


async def room_with_password(server: ServerProcess, room: str) -> Person:
    alice = Person(server)
    async with alice.chat(room) as client:
        await client.post("hello")
        alice.manage(room, do="password", password=PASSWORD)
        await client.wait_until(lambda client: client.room.get("password"))
        assert client.connected
    return alice


async def test_who_knows_the_password_enters_and_is_not_asked_again(lobby: Daphne, room: str) -> None:
    server = lobby
    await room_with_password(server, room)
    bob = Person(server)
    refused = bob.enter(room)
    assert refused.status == 403
    assert "has a password" in refused.text
    async with Wire(server.ws_url(room), cookies=bob.cookies) as wire:
        assert await wire.wait_closed() == 4403
        assert not wire.frames
    assert bob.send(room_path(room), password=PASSWORD).path == room_path(room)
    assert bob.enter(room).status == 200
    async with bob.chat(room) as client:
        assert client.texts == ["hello"]
    server.assert_no_traceback()


async def test_a_wrong_password_admits_nobody_and_stores_nothing(lobby: Daphne, room: str) -> None:
    server = lobby
    await room_with_password(server, room)
    rows = lobby.site.count("chat_participant"), lobby.site.count("chat_membership")
    for wrong in ("", PASSWORD.upper(), f"{PASSWORD} ", "x" * 10_000, "\0"):
        guesser = Person(server)
        answer = guesser.send(room_path(room), password=wrong)
        assert answer.status == 403
        assert guesser.enter(room).status == 403
    assert (lobby.site.count("chat_participant"), lobby.site.count("chat_membership")) == rows
    server.assert_no_traceback()


async def test_the_password_is_stored_as_a_hash_alone(site: Site, room: str) -> None:
    server = site.daphne()
    alice = await room_with_password(server, room)
    assert PASSWORD not in str(site.sql("SELECT * FROM chat_room")) + str(
        site.sql("SELECT * FROM chat_auditentry")
    )
    assert PASSWORD not in alice.get(manage_path(room)).text
    assert PASSWORD not in server.log()


async def test_a_guesser_is_asked_to_wait_even_with_new_cookies(site: Site, room: str) -> None:
    server = site.daphne(RATE_LIMITS="on", RATE_PASSWORDS="3/10m,8/10m")
    alice = await room_with_password(server, room)
    told = [alice.manage(room, do="password", password=PASSWORD).words for _ in range(3)]
    assert ["Too many attempts" in words for words in told] == [False, False, True], (
        "to set one is counted, too"
    )
    guesser = Person(server)
    guesser.enter("elsewhere")  # has a cookie to be known by
    assert [guesser.send(room_path(room), password="guess").status for _ in range(4)] == [403] * 3 + [429]
    strangers = [Person(server).send(room_path(room), password="guess") for _ in range(3)]
    assert [answer.status for answer in strangers] == [403, 403, 429]
    answer = strangers[-1]
    assert int(answer.headers["Retry-After"]) >= 1
    assert Person(server).send(room_path(room), password=PASSWORD).status == 429


async def test_a_password_that_is_taken_away_opens_the_room(lobby: Daphne, room: str) -> None:
    alice, bob = await room_with_password(lobby, room), Person(lobby)
    assert bob.enter(room).status == 403
    alice.manage(room, do="no_password")
    assert bob.enter(room).status == 200


async def test_sockets_of_visitors_are_closed_when_a_password_is_set(lobby: Daphne, room: str) -> None:
    alice = Person(lobby)
    async with alice.chat(room) as client, Wire(lobby.ws_url(room)) as onlooker:
        await client.post("hello")
        alice.manage(room, do="password", password=PASSWORD)
        assert await onlooker.wait_closed() == 4403


async def test_a_private_room_does_not_ask_for_its_password(lobby: Daphne, room: str) -> None:
    alice, bob = await room_with_password(lobby, room), Person(lobby)
    alice.set(room, is_private="on")
    assert "assword" not in bob.enter(room).text
    token = bob.send("/invite/", token="x")
    assert token.status == 404


async def test_a_room_with_a_password_shows_nothing_in_the_list_of_rooms(lobby: Daphne, room: str) -> None:
    alice = await room_with_password(lobby, room)
    assert room not in Person(lobby).get("/chat/").text
    assert room in alice.get("/chat/").text
