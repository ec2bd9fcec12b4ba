"""What is written fast is found soon, while the index follows behind."""

import asyncio
import time
from functools import partial
from uuid import uuid4

from ..harness.clients import ChatClient
from ..harness.servers import Daphne
from ..harness.wires import Wire
from .measuring import assert_at_most

TICK = 0.1  # seconds
A_TICK = 20  # messages: 200 a second
SECONDS = 15
PROBED_EVERY = 0.5  # seconds
FOUND_WITHIN = 2.0  # seconds after the ack


async def test_at_200_messages_a_second_each_is_found_within_two_seconds(
    any_lobby: Daphne, room: str
) -> None:
    async with ChatClient(any_lobby.ws_url(room)) as alice, Wire(any_lobby.ws_url(room)) as bob:
        await assert_at_most(FOUND_WITHIN, partial(slowest_to_be_found, alice, bob), "found after, seconds")


async def slowest_to_be_found(alice: ChatClient, bob: Wire) -> float:
    talking = asyncio.ensure_future(talk(alice))
    slowest, asked = 0.0, 0
    while not talking.done():
        word = uuid4().hex
        await alice.post(f"the word is {word}")
        acked_at = time.monotonic()
        while not (await bob.ask("search", "found", query=word))["hits"]:
            pass
        slowest = max(slowest, time.monotonic() - acked_at)
        asked += 1
        await asyncio.sleep(PROBED_EVERY)
    await talking
    assert asked > SECONDS / PROBED_EVERY / 2
    return slowest


async def talk(alice: ChatClient) -> None:
    """All of it is acked in the end."""
    answers = []
    begun = time.monotonic()
    for tick in range(round(SECONDS / TICK)):
        answers += [alice.post_nowait(f"number {tick} {n} of many") for n in range(A_TICK)]
        await asyncio.sleep(max(0.0, begun + (tick + 1) * TICK - time.monotonic()))
    await asyncio.gather(*answers)
