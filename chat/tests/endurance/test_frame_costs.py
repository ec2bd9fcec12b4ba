"""What one frame of any client costs the event loop, on which all others wait."""

import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any
from unittest.mock import AsyncMock, MagicMock
from uuid import uuid4

import pytest

from chat.access.identity import Identity
from chat.access.permissions import RoomPermissions
from chat.consumers import ChatConsumer
from chat.journal.changes import Page
from chat.presence.roster import SHOWN_MAX, Roster
from chat.protocol import PeoplePage, Person, RoomState
from chat.protocol.limits import FRAME_MAX

from ..harness.strange_frames import COMMAND_TYPES, TEXTS, largest_frames

COST_MAX = 0.005  # seconds of the processor
NOISE = 0.001  # seconds: below this two costs are not compared
RUNS = 8  # before a cost is believed to be too high


def crowded_room() -> Any:
    """The answer to `people` where a thousand are present."""
    roster = Roster()
    for number in range(1000):
        roster.put("", Person(uuid4().hex, f"{number} {'a' * 30}"))

    def search(_room: str, query: str) -> PeoplePage:
        found = roster.search(query)
        return PeoplePage(query, found[:SHOWN_MAX], len(found))

    return search


@pytest.fixture(params=["chat.v1", "plain"])
def consumer(request: pytest.FixtureRequest) -> ChatConsumer:
    """A socket in a room. What it passes on to threads is not run."""
    made = ChatConsumer()
    made.plain, made.key, made.language = request.param == "plain", "tea", "en"
    made.who, made.address = Identity("mallory", "Mallory"), "192.0.2.1"
    made.permissions, made.is_paused, made.in_flight, made.early_mark = RoomPermissions(), False, 0, 0
    made.subscriber = MagicMock(closing=False)
    reads = {name: AsyncMock(return_value=b"") for name in ("resume", "history", "reactors", "earlier")}
    made.feed = MagicMock(sequence=1, state=RoomState("tea", ""), **reads)
    made.runtime = MagicMock()
    made.runtime.presence.search = crowded_room()
    made.runtime.threads.run = AsyncMock(return_value=Page([], more=False))
    made.runtime.search_thread.run = AsyncMock(return_value=b"")
    made.runtime.submit.return_value = False
    return made


async def cost_of(do: Callable[[], Coroutine[Any, Any, None]], limit: float) -> float:
    """Seconds of the processor that it takes at best; the search ends below `limit`."""
    least = float("inf")
    for _ in range(RUNS):
        start = time.thread_time()
        await do()
        least = min(least, time.thread_time() - start)
        if least <= limit:
            break
    return least


async def test_the_largest_frame_of_every_command_costs_the_loop_little(consumer: ChatConsumer) -> None:
    """Less than 5 ms, and not much more than twice what half of it costs."""
    for largest, half in zip(largest_frames(FRAME_MAX), largest_frames(FRAME_MAX // 2), strict=True):
        cost = await cost_of(partial(consumer.receive, largest.text), NOISE)
        assert cost < COST_MAX, f"{largest.name}: {cost * 1000:.1f} ms"
        if cost > NOISE:
            before = await cost_of(partial(consumer.receive, half.text), 0)
            assert cost <= 3 * max(before, NOISE), f"{largest.name}: {before} s, then {cost} s"


def test_the_largest_frames_are_as_large_as_may_be_and_of_every_command() -> None:
    frames = list(largest_frames(FRAME_MAX))
    assert {frame.name.split(".")[0] for frame in frames} >= COMMAND_TYPES.keys()
    assert all(FRAME_MAX - 5000 < len(frame.text.encode()) <= FRAME_MAX for frame in frames)


async def test_the_name_of_a_room_in_an_address_costs_the_loop_little(consumer: ChatConsumer) -> None:
    async def look(name: str) -> None:
        consumer.scope = {"url_route": {"kwargs": {"room_name": name}}}
        consumer.parse_path()

    for unit in TEXTS:
        for length in (80, 81, 320, 321, FRAME_MAX):
            cost = await cost_of(partial(look, (unit * length)[:length]), NOISE)
            assert cost < COST_MAX, f"{length} of {unit!a}: {cost * 1000:.1f} ms"
