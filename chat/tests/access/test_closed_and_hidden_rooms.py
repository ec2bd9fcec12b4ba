"""Rooms that are closed for good, and rooms that are in no list."""

from ..harness.people import Person, manage_path
from ..harness.servers import Daphne
from ..harness.wires import Wire


async def test_a_closed_room_can_be_read_and_nobody_talks_there(lobby: Daphne, room: str) -> None:
    alice, bob = Person(lobby), Person(lobby)
    async with alice.chat(room) as a:
        await a.post("the last word")
        assert "That is not the room" in alice.send(manage_path(room), do="close", name="another").text
        alice.manage(room, do="close", name=room)
        await a.wait_until(lambda a: a.room.get("closed"))
    wire = Wire(lobby.ws_url(room), cookies=bob.cookies)
    async with wire:
        await wire.ask("resume", "changes")
        assert (await wire.answer_to(await wire.post("hello")))["code"] == "closed"
    assert bob.enter(room).status == 200
    assert room not in bob.get("/chat/").text


async def test_a_hidden_room_is_open_to_who_knows_its_address(lobby: Daphne, room: str) -> None:
    alice, bob = Person(lobby), Person(lobby)
    async with alice.chat(room) as a:
        await a.post("hello")
    alice.set(room, is_hidden="on")
    assert room not in bob.get("/chat/").text
    assert room in alice.get("/chat/").text
    assert bob.enter(room).status == 200
