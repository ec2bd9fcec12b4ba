"""Whoever is signed in speaks under the account, on pages and sockets, for as long as the session lasts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

import pytest

from ..conftest import Pair
from ..harness.admin_pages import AdminPages
from ..harness.clients import ChatClient
from ..harness.servers import Daphne, RedisServer, ServerProcess, Site
from ..harness.talk import SLACK
from ..harness.visitors import PASSWORD, Visitor

SIGN_IN, COME_BACK = 4401, 4012
SOON = 5.0
"""Seconds in which the sockets of a session that has ended close, in every process."""


async def test_messages_of_an_account_are_marked_verified_and_those_of_a_guest_are_not(
    lobby: Daphne, room: str
) -> None:
    server = lobby
    admin = await asyncio.to_thread(AdminPages, lobby.site, server)
    guest = {"guest": server.get("/chat/tea/").headers["Set-Cookie"].split(";")[0].removeprefix("guest=")}
    async with (
        ChatClient(server.ws_url(room), cookies=admin.cookies | guest) as alice,
        ChatClient(server.ws_url(room), cookies=guest) as bob,
    ):
        assert alice.you["verified"] is True
        assert alice.you["name"] == admin.name
        assert bob.you["verified"] is False
        assert bob.you["id"] != alice.you["id"]
        await alice.post("it is me")
        await bob.post("and me")
        await bob.wait_until(lambda bob: len(bob.log) == 2)
        assert [message["author"] for message in bob.messages] == [alice.you, bob.you]
        page = await asyncio.to_thread(admin.read, f"/chat/{room}/")
        assert alice.you["id"] in page
        assert admin.name in page
    server.assert_no_traceback()


# --- The end of a session ends its sockets ---


@contextlib.asynccontextmanager
async def everywhere(
    servers: Sequence[ServerProcess], room: str, visitor: Visitor
) -> AsyncIterator[list[ChatClient]]:
    """A window of the visitor in the room through each process."""
    async with contextlib.AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(ChatClient(server.ws_url(room), cookies=visitor.cookies))
            for server in servers
        ]


async def are_signed_out(windows: Sequence[ChatClient]) -> None:
    for window in windows:
        await window.wait_until(lambda window: window.close_codes, SOON + SLACK, "the end of the socket")
        assert window.close_codes == [SIGN_IN]


@pytest.fixture
def bereft_pair(redis_site: Site, redis_server: RedisServer) -> Pair:
    """Their Redis is down."""
    one, other = redis_site.daphnes(2)
    redis_server.kill()
    return one, other


@pytest.mark.parametrize("redis_is", ["up", "dead"])
async def test_logging_out_closes_the_sockets_in_every_process(
    request: pytest.FixtureRequest, room: str, redis_is: str
) -> None:
    servers: Pair = request.getfixturevalue("hinted_pair" if redis_is == "up" else "bereft_pair")
    alice, bob = Visitor(servers[0]), Visitor(servers[0])
    await asyncio.to_thread(alice.sign_up)
    await asyncio.to_thread(bob.sign_up)
    async with everywhere(servers, room, alice) as hers, everywhere(servers, room, bob) as his:
        await asyncio.to_thread(alice.log_out)
        await are_signed_out(hers)
        await his[0].post("still here")
        assert all(window.connected for window in his)
    for server in servers:
        server.assert_no_traceback()


async def test_whatever_ends_a_session_closes_its_sockets(lobby: Daphne, room: str) -> None:
    """Disabled by staff, a deleted session, a password changed elsewhere: the others stay."""
    server = lobby
    disabled, robbed, changed, bob = people = [Visitor(server) for _ in range(4)]
    for person in people:
        await asyncio.to_thread(person.sign_up)
    elsewhere = Visitor(server)
    await asyncio.to_thread(elsewhere.log_in, changed.name)
    async with (
        everywhere([server], room, disabled) as first,
        everywhere([server], room, robbed) as second,
        everywhere([server], room, changed) as third,
        everywhere([server], room, bob) as his,
    ):
        lobby.site.sql("UPDATE auth_user SET is_active = %s WHERE username = %s", False, disabled.name)
        lobby.site.sql("DELETE FROM django_session WHERE session_key = %s", robbed.cookies["sessionid"])
        fields = {"new_password1": "something else entirely", "new_password2": "something else entirely"}
        await asyncio.to_thread(elsewhere.send, "/accounts/password/", old_password=PASSWORD, **fields)
        await are_signed_out([*first, *second, *third])
        await his[0].post("still here")
    assert not await asyncio.to_thread(lambda: disabled.is_signed_in)
    assert (await asyncio.to_thread(disabled.log_in, disabled.name)).path == "/accounts/log-in/"
    server.assert_no_traceback()


async def test_a_changed_password_keeps_the_windows_of_the_browser_it_was_changed_in(
    pair: Pair, room: str
) -> None:
    servers = pair
    alice = Visitor(servers[0])
    await asyncio.to_thread(alice.sign_up)
    elsewhere = Visitor(servers[1])
    await asyncio.to_thread(elsewhere.log_in, alice.name)
    async with everywhere(servers, room, alice) as own, everywhere(servers, room, elsewhere) as others:
        who = own[0].you
        fields = {"new_password1": "something else entirely", "new_password2": "something else entirely"}
        await asyncio.to_thread(alice.send, "/accounts/password/", old_password=PASSWORD, **fields)
        for window in own:
            await window.wait_until(lambda window: window.close_codes, SOON + SLACK, "the end of the socket")
            assert window.close_codes == [COME_BACK]
        await are_signed_out(others)
    async with everywhere(servers, room, alice) as own:
        assert [window.you for window in own] == [who, who]
    for server in servers:
        server.assert_no_traceback()


async def test_a_session_that_never_was_is_a_guests(lobby: Daphne, room: str) -> None:
    for forged in ("", "x", "0" * 32, "é" * 32, "a" * 5000):
        headers = {"Cookie": f"sessionid={forged}".encode().decode("latin-1")}
        async with ChatClient(lobby.ws_url(room), headers=headers) as eve:
            assert eve.you["verified"] is False
    lobby.assert_no_traceback()
