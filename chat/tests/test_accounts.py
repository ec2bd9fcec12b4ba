"""Whoever is signed in speaks under the account, on pages and sockets; the others stay guests."""

import asyncio

from .admin_pages import AdminPages
from .clients import ChatClient
from .servers import Site


async def test_an_account_speaks_verified_and_a_guest_does_not(site: Site, room: str) -> None:
    server = site.daphne()
    admin = await asyncio.to_thread(AdminPages, site, server)
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
