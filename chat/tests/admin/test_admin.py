"""What staff does in the admin: open sockets see it, and no secret is shown."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ..conftest import MakeSite
from ..harness.admin_pages import AdminPages
from ..harness.clients import ChatClient
from ..harness.people import Person
from ..harness.servers import Daphne, Site


class Staff:
    """A member of the staff. Pages are read on a thread, so that sockets are read meanwhile."""

    def __init__(self, site: Site, server: Daphne) -> None:
        self.site = site
        self.server = server

    async def open(self) -> "Staff":
        self.pages = await asyncio.to_thread(AdminPages, self.site, self.server)
        return self

    async def read(self, path: str) -> str:
        return await asyncio.to_thread(self.pages.read, f"/admin/chat/{path}")

    async def send(self, path: str, **fields: Any) -> str:
        return await asyncio.to_thread(lambda: self.pages.send(f"/admin/chat/{path}", **fields))

    def id_of(self, table: str, where: str, *values: Any) -> int:
        return int(self.site.sql(f"SELECT id FROM chat_{table} WHERE {where}", *values)[0][0])


@pytest.fixture(scope="module")
def staffed_site(new_sqlite_site: MakeSite) -> Iterator[Staff]:
    """A site with somebody of the staff, for the tests that need no more than a `room` of their own."""
    site = new_sqlite_site()
    staff = Staff(site, site.daphne())
    staff.pages = AdminPages(site, staff.server)
    yield staff
    site.close()


async def test_every_model_can_be_looked_at(staffed_site: Staff, room: str) -> None:
    staff = staffed_site
    async with ChatClient(staff.server.ws_url(room)) as alice:
        await alice.post("hello")
    index = await staff.read("")
    models = re.findall(r'href="/admin/chat/(\w+)/"', index)
    assert {"room", "message", "participant", "membership", "ban", "auditentry", "report"} <= set(models)
    assert {"block", "invite", "reaction", "process", "connection", "scheduledtask"} <= set(models)
    for model in set(models):
        assert 'id="changelist"' in await staff.read(f"{model}/?q=a")
    staff.server.assert_no_traceback()


async def test_a_long_name_of_a_room_does_not_widen_the_list_of_messages(
    staffed_site: Staff, room: str
) -> None:
    name = f"{room}-{'x' * 50}"
    async with ChatClient(staffed_site.server.ws_url(name)) as alice:
        await alice.post("hello")
    page = await staffed_site.read("message/")
    assert name not in page
    assert f"{name[:29]}…" in page


async def test_no_page_shows_the_hash_of_a_password(staffed_site: Staff, room: str) -> None:
    staff = staffed_site
    alice = Person(staff.server)
    async with alice.chat(room) as client:
        await client.post("hello")
    alice.manage(room, do="password", password="open sesame")
    stored = staff.site.sql("SELECT password FROM chat_room WHERE name = %s", room)[0][0]
    number = staff.id_of("room", "name = %s", room)
    for path in ("room/", f"room/{number}/change/", f"room/{number}/history/", "auditentry/"):
        page = await staff.read(path)
        assert stored not in page
        assert stored.split("$")[-1][:12] not in page
        assert "open sesame" not in page


async def test_a_ban_from_the_site_closes_sockets_in_every_room(staffed_site: Staff, room: str) -> None:
    staff = staffed_site
    charlie = Person(staff.server)
    async with charlie.chat(room) as one, charlie.chat(f"{room}-2") as other:
        await one.post("spam")
        await other.post("spam")
        page = await staff.send("ban/add/", participant_key=one.you["id"], reason="spam")
        assert "errorlist" not in page
        assert await one.wait_closed() == 4403
        assert await other.wait_closed() == 4403
    refused = charlie.enter(f"{room}-3")
    assert refused.status == 403
    assert "You are banned from this site" in refused.words
    assert Person(staff.server).enter(room).status == 200
    number = staff.id_of("ban", "participant_key = %s", one.you["id"])
    await staff.send(f"ban/{number}/delete/", post="yes")
    assert charlie.enter(room).status == 200
    for fields in ({}, {"network": "nonsense"}, {"participant_key": "nobody"}):
        assert "errornote" in await staff.send("ban/add/", **fields)
    staff.server.assert_no_traceback()


async def test_messages_of_a_spammer_are_deleted_in_all_rooms(staffed_site: Staff, room: str) -> None:
    staff = staffed_site
    charlie = Person(staff.server)
    rooms = [room, f"{room}-2"]
    async with (
        ChatClient(staff.server.ws_url(rooms[0])) as here,
        ChatClient(staff.server.ws_url(rooms[1])) as there,
        charlie.chat(rooms[0]) as one,
        charlie.chat(rooms[1]) as other,
    ):
        await here.post("hello")
        for client in (one, other):
            await client.post("spam")
            await client.post("more spam")
        number = staff.id_of("participant", "key = %s", one.you["id"])
        await staff.send("participant/", action="purge_everywhere", _selected_action=str(number))
        await here.wait_until(lambda c: c.texts == ["hello"] and len(c.log) == 3)
        await there.wait_until(lambda c: not c.texts and len(c.log) == 2)
        await staff.send("participant/", action="ban_everywhere", _selected_action=str(number))
        assert await one.wait_closed() == 4403
    staff.server.assert_no_traceback()


async def test_a_name_that_looks_like_an_accounts_is_refused(staffed_site: Staff, room: str) -> None:
    staff = staffed_site
    alice = Person(staff.server)
    name = alice.sign_up()
    async with ChatClient(staff.server.ws_url(room)) as bob:
        await bob.post("hello")
        path = f"participant/{staff.id_of('participant', 'key = %s', bob.you['id'])}/change/"
        for lookalike in (name, name.upper(), name.replace("a", "\u0430")):
            assert "looks like it" in await staff.send(path, name=lookalike)
        await staff.send(path, name="Bob")
        await bob.post("hello again")
        await bob.wait_until(lambda bob: len(bob.messages) == 2)
        assert bob.messages[-1]["author"]["name"] == "Bob"
    staff.server.assert_no_traceback()


async def test_a_participant_who_is_deleted_leaves_messages_without_a_name(lobby: Daphne, room: str) -> None:
    staff = await Staff(lobby.site, lobby).open()
    async with ChatClient(staff.server.ws_url(room)) as alice, ChatClient(staff.server.ws_url(room)) as bob:
        await alice.post("hello")
        await bob.post("hello alice")
        number = staff.id_of("participant", "key = %s", bob.you["id"])
        await staff.send(f"participant/{number}/delete/", post="yes")
        await alice.wait_until(lambda alice: 2 in alice.log and alice.log[2]["author"]["id"] is None)
        assert alice.texts == ["hello", "hello alice"]
    assert lobby.site.sql("SELECT count(*) FROM chat_participant WHERE id = %s", number) == [(0,)]
    staff.server.assert_no_traceback()


async def test_a_room_is_deleted_with_all_that_hangs_on_it(staffed_site: Staff, room: str) -> None:
    staff = staffed_site
    alice = Person(staff.server)
    async with alice.chat(room) as client:
        await client.post("hello")
    alice.set(room, topic="tea")
    number = staff.id_of("room", "name = %s", room)
    await staff.send(f"room/{number}/delete/", post="yes")
    assert not staff.site.sql("SELECT 1 FROM chat_room WHERE name = %s", room)
    assert not staff.site.sql("SELECT 1 FROM chat_auditentry WHERE room_id = %s", number)
    staff.server.assert_no_traceback()


@pytest.mark.parametrize("path", ["room/", "participant/", "message/", "membership/", "ban/"])
async def test_a_visitor_sees_nothing_of_the_admin(lobby: Daphne, path: str) -> None:
    page = Person(lobby).get(f"/admin/chat/{path}")
    assert page.path.startswith("/admin/login/")
