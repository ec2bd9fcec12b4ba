"""Rules of a room that hold whichever process one talks to."""

import asyncio
from uuid import uuid4

from ..conftest import Pair
from ..harness.people import Person, said
from ..harness.wires import Wire


async def test_of_all_who_post_first_at_once_one_owns_the_room(any_pair: Pair, room: str) -> None:
    one, other = any_pair
    wires = [Wire(server.ws_url(room)) for server in (one, other) * 4]
    try:
        await asyncio.gather(*(wire.open() for wire in wires))
        await asyncio.gather(*(wire.wait_until(lambda wire: wire.of("welcome")) for wire in wires))
        ids = [await wire.post("first!") for wire in wires]
        acks = [await wire.answer_to(client_id) for wire, client_id in zip(wires, ids, strict=True)]
    finally:
        await asyncio.gather(*(wire.close() for wire in wires))
    assert sorted(ack["sequence"] for ack in acks) == list(range(1, 9))
    (first,) = [wire for wire, ack in zip(wires, acks, strict=True) if ack["sequence"] == 1]
    owners = one.site.sql(
        "SELECT p.key FROM chat_membership m JOIN chat_participant p ON p.id = m.participant_id"
        " JOIN chat_room r ON r.id = m.room_id WHERE m.role = 'owner' AND r.name = %s",
        room,
    )
    assert owners == [(first.of("welcome")[0]["you"]["id"],)]


async def test_slow_mode_counts_across_processes_and_not_what_is_sent_again(
    any_pair: Pair, room: str
) -> None:
    one, other = any_pair
    alice, bob = Person(one), Person(one)
    await said(alice, room, "hello")
    alice.set(room, slow_mode="600")
    bob.enter(room)
    async with (
        Wire(one.ws_url(room), cookies=bob.cookies) as here,
        Wire(other.ws_url(room), cookies=bob.cookies) as there,
    ):
        client_id = str(uuid4())
        first = await here.answer_to(await here.post("mine", client_id))
        assert first["type"] == "ack"
        for wire in (there, here):
            refused = await wire.answer_to(await wire.post("and more"))
            assert refused["code"] == "slow_mode"
            assert 0 < refused["retry_after"] <= 600
        again = await there.answer_to(await there.post("mine", client_id))
        assert again == first
