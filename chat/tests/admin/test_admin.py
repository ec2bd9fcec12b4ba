"""What staff does in the admin: open pages see it, the audit log has it, and no secret is shown."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ..conftest import MakeSite
from ..harness.admin_pages import AdminPages
from ..harness.clients import ChatClient
from ..harness.people import Person, manage_path
from ..harness.servers import Daphne, Site
from ..harness.wires import Wire


class Desk:
    """A member of the staff, whose pages are asked for on a thread, so that sockets are read meanwhile."""

    def __init__(self, site: Site, server: Daphne) -> None:
        self.site = site
        self.server = server

    async def open(self) -> "Desk":
        self.pages = await asyncio.to_thread(AdminPages, self.site, self.server)
        return self

    async def read(self, path: str) -> str:
        return await asyncio.to_thread(self.pages.read, f"/admin/chat/{path}")

    async def send(self, path: str, **fields: Any) -> str:
        return await asyncio.to_thread(lambda: self.pages.send(f"/admin/chat/{path}", **fields))

    def seat_of(self, client: ChatClient, room: str) -> int:
        """The number of somebody's membership."""
        where = (
            "room_id = (SELECT id FROM chat_room WHERE name = %s)"
            " AND participant_id = (SELECT id FROM chat_participant WHERE key = %s)"
        )
        return self.id_of("membership", where, room, client.you["id"])

    def id_of(self, table: str, where: str, *values: Any) -> int:
        return int(self.site.sql(f"SELECT id FROM chat_{table} WHERE {where}", *values)[0][0])


@pytest.fixture(scope="module")
def staffed_site(new_sqlite_site: MakeSite) -> Iterator[Desk]:
    """A site with somebody of the staff, for the tests that need no more than a `room` of their own."""
    site = new_sqlite_site()
    staff = Desk(site, site.daphne())
    staff.pages = AdminPages(site, staff.server)
    yield staff
    site.close()


async def test_every_model_can_be_looked_at(staffed_site: Desk, room: str) -> None:
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
    staffed_site: Desk, room: str
) -> None:
    name = f"{room}-{'x' * 50}"
    async with ChatClient(staffed_site.server.ws_url(name)) as alice:
        await alice.post("hello")
    page = await staffed_site.read("message/")
    assert name not in page
    assert f"{name[:29]}…" in page


async def test_settings_go_through_the_journal(any_lobby: Daphne, room: str) -> None:
    staff = await Desk(any_lobby.site, any_lobby).open()
    alice = Person(staff.server)
    async with alice.chat(room) as client, Wire(staff.server.ws_url(room)) as onlooker:
        await client.post("hello")
        path = f"room/{staff.id_of('room', 'name = %s', room)}/change/"
        await staff.send(path, topic="All about tea", slow_mode="5")
        await client.wait_until(lambda c: c.room.get("topic") == "All about tea")
        assert client.room["slow_mode"] == 5
        await staff.send(path, new_password="open sesame", closed="on")
        await client.wait_until(lambda c: c.room.get("password") and c.room.get("closed"))
        assert await onlooker.wait_closed() == 4403
        await staff.send(path, no_password="on", closed=None)
        await client.wait_until(lambda c: not c.room.get("password") and not c.room.get("closed"))
        assert client.room["topic"] == "All about tea"
        revision = client.revision
        await staff.send(path)
        assert "errorlist" in await staff.send(path, slow_mode="-1")
        await client.post("the next change")
        assert client.acks.popitem()[1]["revision"] == revision + 1, "what changes nothing takes no number"
    log = alice.get(manage_path(room, "log/")).words
    assert log.count("changed the settings") == 3
    assert staff.pages.name in log
    staff.server.assert_no_traceback()


async def test_no_page_shows_the_hash_of_a_password(staffed_site: Desk, room: str) -> None:
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


async def test_roles_and_mutes_are_acts(any_lobby: Daphne, room: str) -> None:
    staff = await Desk(any_lobby.site, any_lobby).open()
    alice, bob = Person(staff.server), Person(staff.server)
    async with alice.chat(room) as a, bob.chat(room) as b:
        await a.post("hello")
        await b.post("hello alice")
        path = f"membership/{staff.seat_of(b, room)}/change/"

        async def stands(client: ChatClient, **wanted: object) -> None:
            def so(client: ChatClient) -> bool:
                frames = [frame for frame in client.frames if frame["type"] == "standing"]
                return bool(frames) and all(frames[-1].get(k) == v for k, v in wanted.items())

            await client.wait_until(so, 5, f"standing {wanted}")

        await staff.send(path, role="moderator")
        await stands(b, role="moderator")
        await staff.send(path, role="owner")
        await stands(b, role="owner")
        await stands(a, role="moderator")
        page = await staff.send(path, role="member")
        assert "Make somebody else the owner" in page
        await staff.send(f"membership/{staff.seat_of(a, room)}/change/", role="owner")
        await stands(a, role="owner")
        await staff.send(path, role="member", muted_until_0="2099-01-01", muted_until_1="00:00:00")
        await stands(b, role="member")
        await b.wait_until(lambda b: any(f.get("muted_until") for f in b.frames))
        assert "over already" in await staff.send(path, muted_until_0="2001-01-01", muted_until_1="00:00:00")
        await staff.send(path, muted_until_0="", muted_until_1="")
        await stands(b, role="member", muted_until=None)
        await b.post("I may talk again")
    staff.server.assert_no_traceback()


async def test_a_ban_from_the_site_closes_sockets_in_every_room(staffed_site: Desk, room: str) -> None:
    staff = staffed_site
    charlie = Person(staff.server)
    async with charlie.chat(room) as one, charlie.chat(f"{room}-2") as other:
        await one.post("spam")
        await other.post("spam")
        page = await staff.send("ban/add/", participant_key=one.you["id"], reason="spam")
        assert "errorlist" not in page
        assert await one.wait_closed() == 4403
        assert await other.wait_closed() == 4403
    door = charlie.enter(f"{room}-3")
    assert door.status == 403
    assert "You are banned from this site" in door.words
    assert Person(staff.server).enter(room).status == 200
    number = staff.id_of("ban", "participant_key = %s", one.you["id"])
    await staff.send(f"ban/{number}/delete/", post="yes")
    assert charlie.enter(room).status == 200
    for fields in ({}, {"network": "nonsense"}, {"participant_key": "nobody"}):
        assert "errornote" in await staff.send("ban/add/", **fields)
    staff.server.assert_no_traceback()


async def test_a_ban_from_a_room_is_lifted_through_the_journal(staffed_site: Desk, room: str) -> None:
    staff = staffed_site
    alice, charlie = Person(staff.server), Person(staff.server)
    async with alice.chat(room) as a, charlie.chat(room) as c:
        await a.post("hello")
        await c.post("spam")
        alice.manage(room, "people/", act="ban", id=c.you["id"])
        assert await c.wait_closed() == 4403
    number = staff.id_of("ban", "participant_key = %s", c.you["id"])
    await staff.send(f"ban/{number}/delete/", post="yes")
    assert charlie.enter(room).status == 200
    assert "lifted the ban of" in alice.get(manage_path(room, "log/")).words


async def test_what_a_spammer_said_goes_in_all_rooms(staffed_site: Desk, room: str) -> None:
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


async def test_a_name_that_looks_like_an_accounts_is_refused(staffed_site: Desk, room: str) -> None:
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
        assert bob.messages[-1]["author"]["name"] == "Bob"
    staff.server.assert_no_traceback()


async def test_a_participant_who_is_deleted_leaves_messages_without_a_name(
    any_lobby: Daphne, room: str
) -> None:
    staff = await Desk(any_lobby.site, any_lobby).open()
    async with ChatClient(staff.server.ws_url(room)) as alice, ChatClient(staff.server.ws_url(room)) as bob:
        await alice.post("hello")
        await bob.post("hello alice")
        number = staff.id_of("participant", "key = %s", bob.you["id"])
        await staff.send(f"participant/{number}/delete/", post="yes")
        await alice.wait_until(lambda c: c.log[2]["author"]["id"] is None)
        assert alice.texts == ["hello", "hello alice"]
    assert any_lobby.site.sql("SELECT count(*) FROM chat_participant WHERE id = %s", number) == [(0,)]
    staff.server.assert_no_traceback()


async def test_a_room_is_deleted_with_all_that_hangs_on_it(staffed_site: Desk, room: str) -> None:
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


async def test_links_are_revoked_and_the_audit_log_is_only_read(staffed_site: Desk, room: str) -> None:
    staff = staffed_site
    alice = Person(staff.server)
    async with alice.chat(room) as client:
        await client.post("hello")
    alice.manage(room, "invites/", days="7", max_uses="")
    link = staff.id_of("invite", "room_id = %s", staff.id_of("room", "name = %s", room))
    await staff.send("invite/", action="revoke", _selected_action=str(link))
    assert "There is no open link" in alice.get(manage_path(room, "invites/")).words
    entry = staff.id_of("auditentry", "act = 'revoke'")
    page = await staff.read(f"auditentry/{entry}/change/")
    assert 'name="_save"' not in page
    assert "deletelink" not in page


async def test_a_report_that_is_settled_stands_in_the_rooms_log(staffed_site: Desk, room: str) -> None:
    staff = staffed_site
    alice = Person(staff.server)
    async with alice.chat(room) as client, ChatClient(staff.server.ws_url(room)) as bob:
        await client.post("hello")
        await bob.do("report", sequence=1)
        reporter = staff.id_of("participant", "key = %s", bob.you["id"])
    report = staff.id_of("report", "reporter_id = %s", reporter)
    for _ in range(2):
        await staff.send("report/", action="settle", _selected_action=str(report))
    assert "Nothing is reported" in alice.get(manage_path(room, "reports/")).words
    log = alice.get(manage_path(room, "log/")).words
    assert log.count("left a reported message of") == 1
    assert staff.pages.name in log


@pytest.mark.parametrize("path", ["room/", "participant/", "message/", "membership/", "ban/"])
async def test_a_stranger_sees_nothing_of_the_admin(lobby: Daphne, path: str) -> None:
    page = Person(lobby).get(f"/admin/chat/{path}")
    assert page.path.startswith("/admin/login/")
