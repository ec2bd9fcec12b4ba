"""The page of those whom one has blocked."""

import asyncio

from ..harness.people import Person, said
from ..harness.servers import Daphne


async def test_whom_one_has_blocked_is_listed_by_name_and_can_be_read_again(lobby: Daphne, room: str) -> None:
    alice, bob, _charlie = people = [Person(lobby) for _ in range(3)]
    ids = [await said(person, room, "hello") for person in people]
    async with alice.chat(room) as tab, bob.chat(room) as other:
        await other.rename("<b>Bob</b>")
        for id_ in ids[1:]:
            await tab.do("block", id=id_)
    page = alice.get("/blocked/")
    assert "&lt;b&gt;Bob&lt;/b&gt;" in page.text
    assert page.text.count('name="id"') == 2
    assert "You have not blocked anyone" in bob.send("/accounts/log-in/", to="/blocked/", id=ids[2]).words
    assert ids[1] not in alice.send("/blocked/", id=ids[1]).text
    async with alice.chat(room) as tab:
        await tab.wait_until(lambda tab: tab.frames)
        [welcome] = [frame for frame in tab.frames if frame["type"] == "welcome"]
        assert welcome["standing"]["blocked"] == [ids[2]]
    for id_ in ("", "nobody", "a\0b", "x" * 5000):
        assert alice.send("/blocked/", id=id_).status == 200
    assert "You have not blocked anyone" in Person(lobby).get("/blocked/").words
    lobby.assert_no_traceback()


async def test_somebody_who_has_signed_up_reads_a_person_again(lobby: Daphne, room: str) -> None:
    alice, bob = Person(lobby), Person(lobby)
    [_, of_bob] = [await said(person, room, "hello") for person in (alice, bob)]
    await asyncio.to_thread(alice.sign_up)
    async with alice.chat(room) as tab:
        await tab.do("block", id=of_bob)
    assert of_bob in alice.get("/blocked/").text
    assert "You have not blocked anyone" in alice.send("/blocked/", id=of_bob).words
    lobby.assert_no_traceback()
