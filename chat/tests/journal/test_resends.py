"""An edit, a deletion or a reaction whose answer was lost is sent again, and answered as the first time."""

from uuid import uuid4

from ..harness.clients import ChatClient, Frame
from ..harness.servers import Daphne


async def answer(person: ChatClient, frame: Frame) -> Frame:
    """Send a write; gives what the server answers this time."""

    def answers(_: ChatClient) -> list[Frame]:
        return [one for one in person.frames if one.get("client_id") == frame["client_id"]]

    before = len(answers(person))
    await person.send(frame)
    await person.wait_until(lambda person: len(answers(person)) > before, what="an answer")
    return answers(person)[-1]


async def test_a_resend_is_answered_as_the_first_time_whatever_came_between(
    any_lobby: Daphne, room: str
) -> None:
    async with ChatClient(any_lobby.ws_url(room)) as alice, ChatClient(any_lobby.ws_url(room)) as bob:
        await alice.post("mine")
        seen = (await bob.post("helo"))["revision"]
        place = {"sequence": 2}
        react: Frame = {"type": "react", "client_id": str(uuid4()), "emoji": "👍", "on": True} | place
        edit: Frame = {
            "type": "edit",
            "client_id": str(uuid4()),
            "message": "hello",
            "revision": seen,
        } | place
        delete: Frame = {"type": "delete", "client_id": str(uuid4())} | place
        assert (await answer(bob, react))["type"] == "ack"
        edited = await answer(bob, edit)
        assert edited["type"] == "ack", "a reaction has changed no text"
        await alice.do("react", sequence=2, emoji="🎉")
        await alice.do("moderate", act="mute", id=bob.you["id"])
        assert await answer(bob, edit) == edited
        assert (await answer(bob, react))["type"] == "ack"
        await bob.wait_until(lambda bob: len(bob.log.get(2, {}).get("reactions", [])) == 2)
        assert [one["ids"] for one in bob.log[2]["reactions"]] == [[bob.you["id"]], [alice.you["id"]]]
        deleted = await answer(bob, delete)
        assert deleted["type"] == "ack"
        assert await answer(bob, delete) == deleted
        assert await answer(bob, edit) == edited
        await alice.wait_until(lambda alice: alice.log.get(2, {}).get("deleted"))


async def test_an_edit_that_is_sent_again_does_not_undo_a_later_one(any_lobby: Daphne, room: str) -> None:
    async with ChatClient(any_lobby.ws_url(room)) as alice:
        seen = (await alice.post("one"))["revision"]
        edit: Frame = {"type": "edit", "client_id": str(uuid4()), "sequence": 1, "message": "two"}
        edited = await answer(alice, edit | {"revision": seen})
        await alice.edit(1, "three", revision=edited["revision"])
        assert (await answer(alice, edit | {"revision": seen}))["code"] == "conflict"
        await alice.wait_until(lambda alice: alice.texts == ["three"])
