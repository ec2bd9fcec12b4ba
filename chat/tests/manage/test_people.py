"""The page of a room's people: what its owner and moderators do there, and what everybody else notices."""

import asyncio
import re

from ..harness.people import Person, manage_path, room_people, said
from ..harness.servers import Daphne, Site
from ..harness.wires import Wire


async def test_acts_on_people_reach_their_sockets(lobby: Daphne, room: str) -> None:
    server = lobby
    here = await room_people(server, room)
    bob_id = here.ids["bob"]

    def act(act: str, **fields: str) -> str:
        return here.alice.manage(room, "people/", act=act, id=bob_id, **fields).words

    async with Wire(server.ws_url(room), cookies=here.bob.cookies) as bob:
        await bob.wait_until(lambda bob: bob.of("welcome"))

        async def stands(**wanted: object) -> None:
            def so(bob: Wire) -> bool:
                frames = bob.of("standing")
                return bool(frames) and all(frames[-1].get(key) == value for key, value in wanted.items())

            await bob.wait_until(so, what=f"standing {wanted}")

        assert "is now a moderator" in act("promote")
        await stands(role="moderator")
        act("demote")
        await stands(role="member")
        assert "muted" in act("mute", seconds="600")
        assert (await bob.answer_to(await bob.post("hm")))["code"] == "muted"
        assert "muted until" in here.alice.get(manage_path(room, "people/")).words
        act("unmute")
        assert (await bob.answer_to(await bob.post("back")))["type"] == "ack"
        act("ban", seconds="3600", reason="for <b>shouting</b>")
        assert await bob.wait_closed() == 4403
    door = here.bob.enter(room)
    assert door.status == 403
    assert "for &lt;b&gt;shouting&lt;/b&gt;" in door.text
    assert "You are banned from this room" in door.words
    assert re.search(r"Until \d\d/\d\d/\d{4} [\w:. ]+ UTC", door.words), "the zone is named"
    assert "The room's owner and moderators can lift it." in door.words
    act("unban")
    act("kick")
    door = here.bob.enter(room)
    assert "You were kicked out of this room You may come back at" in door.words
    assert "reason" not in door.words
    act("unban")
    assert here.bob.enter(room).status == 200
    act("purge")
    async with here.alice.chat(room) as alice:
        assert not [text for text in alice.texts if text in ("bob is here", "back")]
        assert "alice is here" in alice.texts
    server.assert_no_traceback()


async def test_a_room_is_handed_over(lobby: Daphne, room: str) -> None:
    here = await room_people(lobby, room)
    offered = here.alice.manage(room, "people/", act="hand_over", id=here.ids["bob"])
    assert "This room has been offered to" in offered.words
    assert "Close permanently" in here.alice.get(manage_path(room)).words
    async with here.bob.chat(room) as bob:
        await bob.do("moderate", act="accept")
    assert "Close permanently" in here.bob.get(manage_path(room)).words
    assert "Close permanently" not in here.alice.get(manage_path(room)).words
    assert here.alice.get(manage_path(room)).status == 200


async def test_a_moderator_takes_the_place_of_an_owner_who_is_away_for_long(site: Site, room: str) -> None:
    server = site.daphne()
    here = await room_people(server, room)
    assert "Take over" not in here.dora.get(manage_path(room)).words
    site.sql("UPDATE chat_room SET succession_days = 0")
    for _ in range(600):  # that alice has gone is written once a second, after a while
        if "Take over" in here.dora.get(manage_path(room)).words:
            break
        await asyncio.sleep(0.1)
    here.dora.manage(room, do="succeed")
    assert "Close permanently" in here.dora.get(manage_path(room)).words
    assert "took over as owner" in here.dora.get(manage_path(room, "log/")).words


async def test_who_is_present_and_has_not_posted_can_be_kicked(lobby: Daphne, room: str) -> None:
    here = await room_people(lobby, room)
    stranger = Person(lobby)
    async with stranger.chat(room) as client:
        for _ in range(600):  # presence is written once a second
            if "have not written yet" in here.alice.get(manage_path(room, "people/")).words:
                break
            await asyncio.sleep(0.1)
        page = here.alice.get(manage_path(room, "people/")).text
        assert client.you["id"] in page
        here.alice.manage(room, "people/", act="ban", id=client.you["id"], address="on")
        assert await client.wait_closed() == 4403
    told = stranger.enter(room).words
    assert "You are banned from this room" in told
    assert "network" not in told, "it does not teach how to come back"
    assert Person(lobby).enter(room).status == 403


async def test_long_lists_have_pages_and_a_search(site: Site, room: str) -> None:
    server = site.daphne()
    alice = Person(server)
    await said(alice, room, "hello")
    site.shell(
        "from chat.models import *\n"
        "room = Room.objects.get()\n"
        "rows = [Participant(key=f'p{n}', name=f'Person {n:03}') for n in range(120)]\n"
        "people = Participant.objects.bulk_create(rows)\n"
        "members = [Membership(room=room, participant=p, role='member') for p in people]\n"
        "Membership.objects.bulk_create(members)\n"
        "AuditEntry.objects.bulk_create("
        "AuditEntry(room=room, actor_name='alice', act='mute', target_name=f'n{n:03}') for n in range(120))"
    )
    first = alice.get(manage_path(room, "people/"))
    assert "1 / 3" in first.words
    assert "Person 119" in alice.get(manage_path(room, "people/?page=3")).words
    found = alice.get(manage_path(room, "people/?q=119")).words
    assert "Person 119" in found
    assert "Person 118" not in found
    for page in ("0", "-1", "x", "999999999999999999999"):
        assert alice.get(manage_path(room, f"people/?page={page}")).status == 200
        assert alice.get(manage_path(room, f"log/?page={page}")).status == 200
    assert "n119" in alice.get(manage_path(room, "log/")).words
    assert "n000" in alice.get(manage_path(room, "log/?page=3")).words
