"""An account that its owner deletes is gone; what it said stays without its name, or goes."""

import asyncio

import pytest

from ..harness.clients import ChatClient, Frame
from ..harness.servers import Daphne, ServerProcess, Site
from ..harness.visitors import PASSWORD, Visitor

DELETED = {"id": None, "name": "Deleted account", "verified": False}


def is_nameless(message: Frame) -> bool:
    return bool(message["author"] == DELETED)


def back_again(server: ServerProcess, room: str, before: ChatClient) -> ChatClient:
    """Somebody who comes back with what they held when they left."""
    client = ChatClient(server.ws_url(room))
    client.log, (client.epoch, client.revision) = dict(before.log), before.cursor
    return client


@pytest.mark.parametrize("choice", ["stay", "go"])
async def test_messages_of_a_deleted_account_stay_without_a_name_or_are_deleted(
    any_lobby: Daphne, room: str, choice: str
) -> None:
    """Bob sees it live, dora when she comes back; both see what a newcomer sees."""
    server = any_lobby
    alice = Visitor(server)
    await asyncio.to_thread(alice.sign_up)
    other_room = f"{room}-2"
    async with (
        ChatClient(server.ws_url(room)) as bob,
        ChatClient(server.ws_url(other_room)) as elsewhere,
        ChatClient(server.ws_url(room), cookies=alice.cookies) as window,
        ChatClient(server.ws_url(other_room), cookies=alice.cookies) as other_window,
    ):
        await window.post("one")
        await bob.post("two")
        await window.post("three")
        await other_window.post("elsewhere")
        await bob.wait_until(lambda bob: len(bob.texts) == 3)
        await elsewhere.wait_until(lambda elsewhere: elsewhere.texts)
        async with ChatClient(server.ws_url(room)) as dora:
            assert dora.texts == ["one", "two", "three"]
        page = await asyncio.to_thread(alice.send, "/accounts/delete/", messages=choice, password=PASSWORD)
        assert "Your account has been deleted" in page.words
        await bob.wait_until(lambda bob: is_nameless(bob.log[1]) and is_nameless(bob.log[3]))
        await elsewhere.wait_until(lambda elsewhere: is_nameless(elsewhere.log[1]))
        assert bob.texts == (["one", "two", "three"] if choice == "stay" else ["two"])
        for own in (window, other_window):
            await own.wait_until(lambda own: own.close_codes)
            assert own.close_codes == [4401]
        async with back_again(server, room, dora) as returned, ChatClient(server.ws_url(room)) as newcomer:
            assert returned.messages == newcomer.messages == bob.messages
            assert returned.resets == 0, "she was told what changed"
    for table, column in (
        ("auth_user", "username"),
        ("chat_message", "author_name"),
        ("chat_participant", "name"),
    ):
        assert any_lobby.site.sql(f"SELECT count(*) FROM {table} WHERE {column} = %s", alice.name) == [(0,)]
    assert not await asyncio.to_thread(lambda: alice.is_signed_in)
    server.assert_no_traceback()


async def test_an_owner_sees_what_becomes_of_the_rooms(lobby: Daphne, room: str) -> None:
    server = lobby
    alice = Visitor(server)
    await asyncio.to_thread(alice.sign_up)
    async with ChatClient(server.ws_url(room), cookies=alice.cookies) as window:
        await window.post("mine")
    page = await asyncio.to_thread(alice.get, "/accounts/delete/")
    assert "You own these rooms." in page.words
    assert room in page.words
    await asyncio.to_thread(alice.send, "/accounts/delete/", messages="stay", password=PASSWORD)
    async with ChatClient(server.ws_url(room)) as bob:
        assert bob.texts == ["mine"]
        await bob.post("the room goes on")
    server.assert_no_traceback()


def test_deleting_takes_the_password_and_a_choice(lobby: Daphne) -> None:
    alice = Visitor(lobby)
    alice.sign_up()
    page = alice.send("/accounts/delete/", messages="go", password="wrong")
    assert "That is not your password." in page.words
    page = alice.send("/accounts/delete/", password=PASSWORD)
    assert "This field is required." in page.words
    assert alice.post("/accounts/delete/", messages="go", password=PASSWORD).status == 403
    assert alice.is_signed_in


def test_the_name_of_a_deleted_account_is_free_again(lobby: Daphne) -> None:
    server = lobby
    alice = Visitor(server)
    name = alice.sign_up()
    alice.send("/accounts/delete/", messages="stay", password=PASSWORD)
    assert Visitor(server).sign_up(name) == name


@pytest.mark.waits
async def test_a_deletion_that_the_database_breaks_off_can_be_asked_for_again(site: Site, room: str) -> None:
    server = site.daphne()
    alice = Visitor(server)
    await asyncio.to_thread(alice.sign_up)
    async with ChatClient(server.ws_url(room), cookies=alice.cookies) as window:
        await window.post("said")
    with site.locked():
        page = await asyncio.to_thread(alice.send, "/accounts/delete/", messages="go", password=PASSWORD)
        assert page.status == 503
    assert await asyncio.to_thread(lambda: alice.is_signed_in)
    page = await asyncio.to_thread(alice.send, "/accounts/delete/", messages="go", password=PASSWORD)
    assert "Your account has been deleted" in page.words
    assert site.texts(room) == [""]
    server.assert_no_traceback()
