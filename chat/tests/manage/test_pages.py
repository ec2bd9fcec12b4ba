"""The pages under /manage/: who may open them, and what an act there does to everybody in the room.

alice owns the room, dora is a moderator, bob a member, charlie banned; the stranger has never been there.
"""

import asyncio
import re
from urllib.parse import unquote

import pytest

from ..harness.admin_pages import AdminPages
from ..harness.clients import ChatClient
from ..harness.forms import fields_of
from ..harness.people import Person, manage_path, room_people, said
from ..harness.servers import Daphne
from ..harness.wires import Wire

PAGES = ("", "people/", "invites/", "reports/", "log/")


async def test_only_who_keeps_order_opens_the_pages(lobby: Daphne, room: str) -> None:
    server = lobby
    here = await room_people(server, room)
    everybody = (here.alice, here.dora, here.bob, here.charlie, Person(server))
    for page in PAGES:
        seen = [person.get(manage_path(room, page)) for person in everybody]
        assert [one.status for one in seen] == [200, 200, 403, 403, 403]
        assert "no-store" in seen[0].headers["Cache-Control"]
        assert here.alice.get(manage_path(room.upper(), page)).path == manage_path(room, page)
        assert here.alice.get(manage_path(f"{room}-without-a-row", page)).status == 404
        assert here.alice.get(manage_path("...", page)).status == 404
    server.assert_no_traceback()


async def test_a_setting_is_seen_at_once_and_only_what_changed_is_logged(lobby: Daphne, room: str) -> None:
    server = lobby
    here = await room_people(server, room)
    async with here.bob.chat(room) as bob:
        here.alice.set(room, topic="All about tea", retention_days="30")
        await bob.wait_until(lambda bob: bob.room.get("topic") == "All about tea")
        assert bob.room["retention_days"] == 30
        here.alice.set(room, retention_days="", slow_mode="7")
        await bob.wait_until(lambda bob: bob.room.get("slow_mode") == 7)
        assert "retention_days" not in bob.room
        assert bob.room["topic"] == "All about tea"
    log = here.alice.get(manage_path(room, "log/")).words
    assert log.count("changed the settings") == 2
    assert "All about tea" in log
    fields = fields_of(here.alice.get(manage_path(room)).text, "settings")
    assert (fields["topic"], fields["slow_mode"], fields["retention_days"]) == ("All about tea", "7", "")


async def test_who_saves_an_older_page_takes_nothing_back(lobby: Daphne, room: str) -> None:
    here = await room_people(lobby, room)
    opened_before = fields_of(here.alice.get(manage_path(room)).text, "settings")
    here.dora.set(room, is_read_only="on", slow_mode="5")
    here.alice.post(manage_path(room), do="settings", **opened_before | {"topic": "tea"})
    async with here.bob.chat(room) as bob:
        assert bob.room.get("topic") == "tea"
        assert (bob.room.get("read_only"), bob.room.get("slow_mode")) == (True, 5)


@pytest.mark.parametrize(
    "changes",
    [
        {"topic": "x" * 251},
        {"slow_mode": "86401"},
        {"slow_mode": ""},
        {"retention_days": "0"},
        {"retention_days": "x"},
        {"filter_action": "shout"},
        {"filter_words": "\n".join(f"word{n}" for n in range(2_000))},
        {"topic": "a\0b"},
    ],
)
async def test_a_setting_that_makes_no_sense_is_refused_on_the_form(
    lobby: Daphne, room: str, changes: dict[str, str]
) -> None:
    alice = Person(lobby)
    await said(alice, room, "hello")
    before = fields_of(alice.get(manage_path(room)).text, "settings")
    page = alice.set(room, is_hidden="on", **changes)
    assert "errorlist" in page.text
    after = fields_of(alice.get(manage_path(room)).text, "settings")
    assert {k: v for k, v in after.items() if k != "csrfmiddlewaretoken"} == {
        k: v for k, v in before.items() if k != "csrfmiddlewaretoken"
    }
    lobby.assert_no_traceback()


async def test_a_moderator_has_less_to_decide(lobby: Daphne, room: str) -> None:
    here = await room_people(lobby, room)
    fields = fields_of(here.dora.get(manage_path(room)).text, "settings")
    filled_in = {name for name in fields if not name.startswith("initial-")} - {"csrfmiddlewaretoken"}
    assert filled_in == {"topic", "slow_mode", "uploads"}  # and a box that is not checked
    async with here.bob.chat(room) as bob:
        here.dora.set(room, topic="by dora", slow_mode="3", is_read_only="on", is_private="on")
        await bob.wait_until(lambda bob: bob.room.get("topic") == "by dora")
        assert (bob.room["slow_mode"], bob.room["read_only"]) == (3, True)
        forged: list[dict[str, str]] = [
            {"do": "password", "password": "mine"},
            {"do": "no_password"},
            {"do": "close", "name": room},
            {"do": "reopen"},
            {"do": "succeed"},
        ]
        for fields in forged:
            here.dora.manage(room, **fields)
        for act in ("promote", "hand_over", "kick", "ban", "mute"):
            here.dora.manage(room, "people/", act=act, id=here.ids["alice"])
        here.alice.set(room, topic="by alice")
        await bob.wait_until(lambda bob: bob.room["topic"] == "by alice")
        assert not {"private", "password", "closed"} & bob.room.keys()
    assert here.alice.get(manage_path(room)).status == 200


async def test_a_reported_message_is_deleted_or_left(lobby: Daphne, room: str) -> None:
    server = lobby
    here = await room_people(server, room)

    async def report(person: Person, sequence: int, reason: str) -> None:
        async with Wire(server.ws_url(room), cookies=person.cookies) as wire:
            await wire.wait_until(lambda wire: wire.of("welcome"))
            client_id = f"00000000-0000-4000-8000-{sequence:012}"
            await wire.send(
                {"type": "report", "client_id": client_id, "sequence": sequence, "reason": reason}
            )
            assert (await wire.answer_to(client_id))["type"] == "ack"

    await report(here.bob, 1, "<i>rude</i>")
    await report(here.alice, 2, "off topic")
    page = here.dora.get(manage_path(room, "reports/"))
    assert "&lt;i&gt;rude&lt;/i&gt;" in page.text
    assert "alice is here" in page.words
    assert "changed since" not in page.words
    async with here.bob.chat(room) as bob:
        await bob.edit(2, "bob is a lamb")
        words = here.dora.get(manage_path(room, "reports/")).words
        assert "#2 · changed since it was reported bob is a lamb When it was reported: bob is here" in words
        assert "Earlier texts" in words
        here.dora.manage(room, "reports/", do="delete", id="1")
        await bob.wait_until(lambda bob: bob.log.get(1, {}).get("deleted"))
        assert f'href="/chat/{room}/2/"' in here.dora.get(manage_path(room, "reports/")).text
        answer = here.dora.manage(room, "reports/", act="mute", id=here.ids["bob"], seconds="600")
        assert answer.path == manage_path(room, "reports/")
        assert "is muted" in answer.words
        await bob.wait_until(lambda bob: any("muted_until" in frame for frame in bob.frames))
        here.dora.manage(room, "reports/", do="dismiss", id="2")
        assert not bob.log[2].get("deleted")
    assert "There are no reports" in here.alice.get(manage_path(room, "reports/")).words
    log = here.alice.get(manage_path(room, "log/")).words
    assert "deleted a message by" in log
    assert "kept a reported message by" in log


async def test_what_was_reported_is_seen_also_when_its_author_has_deleted_it(
    lobby: Daphne, room: str
) -> None:
    here = await room_people(lobby, room)
    async with here.alice.chat(room) as alice, here.bob.chat(room) as bob:
        await alice.do("report", sequence=2, reason="rude")
        await bob.delete(2)
    page = here.dora.get(manage_path(room, "reports/"))
    assert "#2 · deleted since it was reported When it was reported: bob is here Settle" in page.words
    page = here.dora.manage(room, "reports/", do="dismiss", id="2")
    assert "The report is settled." in page.words
    assert "There are no reports." in page.words


async def test_nonsense_in_a_form_is_refused_without_a_server_error(lobby: Daphne, room: str) -> None:
    here = await room_people(lobby, room)
    for fields in (
        {"act": "explode", "id": "x"},
        {"act": "kick", "id": ""},
        {"act": "kick", "id": "x" * 100},
        {"act": "kick", "id": "a\0b"},
        {"act": "mute", "id": here.ids["bob"], "seconds": "-1"},
        {"act": "mute", "id": here.ids["bob"], "seconds": "9" * 40},
        {"act": "ban", "id": here.ids["bob"], "reason": "x" * 501},
        {"act": "succeed", "id": here.ids["bob"]},
        {"act": "promote", "id": "nobody"},
    ):
        assert 'class="error"' in here.alice.manage(room, "people/", **fields).text
    for do in ("", "dance", "settings"):
        assert here.alice.manage(room, do=do).status == 200
    for number in ("", "x", "-1", "9" * 30):
        assert here.alice.manage(room, "invites/", revoke=number, days="x").status == 200
    assert here.alice.post(manage_path(room), do="close", name=room).status == 403  # without a token
    lobby.assert_no_traceback()


@pytest.mark.parametrize("name", ["Straße 7 & Co. +(a)!", "日本語", "people", "log"])
async def test_every_name_of_a_room_has_its_pages(lobby: Daphne, room: str, name: str) -> None:
    name = f"{name} {room}" if len(name) > 6 else f"{name}-{room}"
    alice = Person(lobby)
    await said(alice, name, "hello")
    for page in PAGES:
        seen = alice.get(manage_path(name, page))
        assert seen.status == 200
        links = [unquote(link) for link in re.findall(r'href="(/(?:manage|chat)/[^"]+)"', seen.text)]
        assert {f"/manage/{name}/", f"/manage/{name}/people/", f"/chat/{name}/"} <= {
            link.replace("&amp;", "&").replace("&#x27;", "'") for link in links
        }
    alice.set(name, topic="here")
    async with ChatClient(lobby.ws_url(name)) as client:
        assert client.room["topic"] == "here"


async def test_staff_who_has_never_spoken_may_do_everything(lobby: Daphne, room: str) -> None:
    server = lobby
    here = await room_people(server, room)
    here.alice.set(room, is_private="on")
    staff = await asyncio.to_thread(AdminPages, lobby.site, server)
    erin = Person(server, staff.cookies)
    assert erin.enter(room).status == 200
    for page in PAGES:
        assert erin.get(manage_path(room, page)).status == 200
    async with here.bob.chat(room) as bob:
        erin.set(room, topic="by the staff")
        await bob.wait_until(lambda bob: bob.room.get("topic") == "by the staff")
        here.alice.manage(room, do="close", name=room)
        await bob.wait_until(lambda bob: bob.room.get("closed"))
        here.alice.manage(room, do="reopen")
        erin.manage(room, do="reopen")
        await bob.wait_until(lambda bob: not bob.room.get("closed"))
        erin.manage(room, "people/", act="demote", id=here.ids["dora"])
    assert here.dora.get(manage_path(room)).status == 403
    log = here.alice.get(manage_path(room, "log/")).words
    assert staff.name in log
