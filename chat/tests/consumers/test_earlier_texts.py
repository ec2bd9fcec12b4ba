"""What a message said before it was edited, asked over real sockets on both databases."""

from typing import Any

from ..harness.admin_pages import AdminPages
from ..harness.clients import ChatClient
from ..harness.pages import new_guest
from ..harness.people import room_people
from ..harness.servers import Daphne
from ..harness.sockets import Frame
from ..harness.wires import Wire


async def ask(client: Wire, answer: str = "earlier", **fields: Any) -> Frame:
    await client.wait_until(lambda client: client.of("welcome"))
    return await client.ask("earlier", answer, **{"sequence": 2, **fields})


async def test_the_author_moderators_and_staff_read_them_and_others_are_refused(
    any_lobby: Daphne, room: str
) -> None:
    here = await room_people(any_lobby, room)
    async with here.bob.chat(room) as bob:
        await bob.edit(2, "**bob** is a lamb", revision=100)
        await bob.edit(2, "bob is back", revision=100)
    staff = AdminPages(any_lobby.site, any_lobby)
    for cookies in (here.alice.cookies, here.bob.cookies, here.dora.cookies, staff.cookies):
        async with Wire(any_lobby.ws_url(room), cookies=cookies) as reader:
            page = await ask(reader)
            told = [(text["number"], text["message"], text["html"]) for text in page["texts"]]
            assert told == [
                (2, "**bob** is a lamb", "<strong>bob</strong> is a lamb"),
                (1, "bob is here", "bob is here"),
            ]
            assert "more" not in page
    async with Wire(any_lobby.ws_url(room), cookies=here.dora.cookies) as dora:
        assert (await ask(dora, sequence=1))["texts"] == []
        assert (await ask(dora, "error", sequence=99))["code"] == "not_found"
    async with Wire(any_lobby.ws_url(room)) as stranger:
        assert (await ask(stranger, "error"))["code"] == "forbidden"
        await stranger.send({"type": "resume"})
        await stranger.wait_until(lambda stranger: stranger.of("changes"))
        assert "lamb" not in str(stranger.frames)
    async with here.bob.chat(room) as bob:
        await bob.delete(2)
    async with Wire(any_lobby.ws_url(room), cookies=here.bob.cookies) as reader:
        assert (await ask(reader, "error"))["code"] == "not_found"
    any_lobby.assert_no_traceback()


async def test_the_20_last_ones_come_in_pages(any_lobby: Daphne, room: str) -> None:
    cookies = new_guest()
    async with ChatClient(any_lobby.ws_url(room), cookies=cookies) as alice:
        await alice.post("0")
        for n in range(1, 23):
            await alice.edit(1, f"{n}", revision=100)
    async with Wire(any_lobby.ws_url(room), cookies=cookies) as reader:
        pages = [await ask(reader, sequence=1)]
        while pages[-1].get("more"):
            pages.append(await ask(reader, sequence=1, before=pages[-1]["texts"][-1]["number"]))
    assert [len(page["texts"]) for page in pages] == [5] * 4
    told = [text["message"] for page in pages for text in page["texts"]]
    assert told == [f"{n}" for n in range(21, 1, -1)]


async def test_a_process_of_the_release_before_deletes_messages_that_have_some(
    any_lobby: Daphne, room: str
) -> None:
    """It does not know their table."""
    async with ChatClient(any_lobby.ws_url(room)) as alice:
        await alice.post("tee?")
        await alice.edit(1, "tea?", revision=100)
    (message,) = any_lobby.site.sql(
        "SELECT m.id FROM chat_message m JOIN chat_room r ON r.id = m.room_id WHERE r.name = %s", room
    )
    any_lobby.site.sql("DELETE FROM chat_message WHERE id = %s", *message)
    assert any_lobby.site.texts(room) == []
