"""Who put an emoji under a message, asked over real sockets on both databases."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from ..harness.clients import ChatClient
from ..harness.servers import Daphne
from ..harness.sockets import Frame
from ..harness.wires import Wire

PAGE = 100
FEW = 25  # more than are named in a message
MANY = PAGE + 4


async def reacting(stack: AsyncExitStack, lobby: Daphne, room: str, count: int) -> list[ChatClient]:
    """Clients who have all put the same emoji under the first message, the last of them after all others."""
    people = [ChatClient(lobby.ws_url(room)) for _ in range(count)]
    for start in range(0, count, 20):
        await asyncio.gather(*map(stack.enter_async_context, people[start : start + 20]))
    await people[0].post("tea?")
    for some in (people[:-1], people[-1:]):
        await asyncio.gather(*(client.do("react", sequence=1, emoji="👍") for client in some))
    return people


async def ask(client: Wire, **fields: Any) -> Frame:
    return await client.ask("reactors", "reactors", **{"sequence": 1, "emoji": "👍", **fields})


async def test_everybody_who_reacted_is_told_page_by_page_also_when_some_withdraw(
    any_lobby: Daphne, room: str
) -> None:
    async with AsyncExitStack() as stack:
        people = await reacting(stack, any_lobby, room, MANY)
        dora = await stack.enter_async_context(Wire(any_lobby.ws_url(room)))
        first = await ask(dora)
        assert (len(first["people"]), first["count"], first["own"], first["more"]) == (
            PAGE,
            MANY,
            False,
            True,
        )
        by_id = {client.you["id"]: client for client in people}
        last = first["people"][-1]["id"]
        for gone in (last, first["people"][0]["id"]):
            await by_id[gone].do("react", sequence=1, emoji="👍", on=False)
        second = await ask(dora, after=last)
        assert (second["count"], second["own"]) == (MANY - 2, False)
        assert "more" not in second
        told = [person["id"] for person in first["people"] + second["people"]]
        assert sorted(told) == sorted(by_id)
        assert first["people"][-1] == by_id[last].you


async def test_oneself_is_told_also_when_one_is_not_among_those_who_are_named(
    any_lobby: Daphne, room: str
) -> None:
    async with AsyncExitStack() as stack:
        people = await reacting(stack, any_lobby, room, FEW)
        await people[0].wait_until(lambda client: client.log[1]["reactions"][0]["count"] == FEW)
        (reaction,) = people[0].log[1]["reactions"]
        assert len(reaction["ids"]) == 20
        assert people[-1].you["id"] not in reaction["ids"]
        for client in people[:1] + people[-1:]:
            await client.send({"type": "reactors", "sequence": 1, "emoji": "👍"})
            await client.wait_until(lambda client: "reactors" in [frame["type"] for frame in client.frames])
            (page,) = [frame for frame in client.frames if frame["type"] == "reactors"]
            assert (page["own"], page["count"], len(page["people"])) == (True, FEW, FEW)


async def test_where_nobody_reacted_nobody_is_told(any_lobby: Daphne, room: str) -> None:
    async with AsyncExitStack() as stack:
        await reacting(stack, any_lobby, room, 1)
        alice = await stack.enter_async_context(Wire(any_lobby.ws_url(room)))
        nothing = {"type": "reactors", "people": [], "count": 0, "own": False}
        for asked in ({"emoji": "🎉"}, {"sequence": 2}, {"emoji": "\0"}):
            assert await ask(alice, **asked) == {"sequence": 1, "emoji": "👍"} | asked | nothing
        for stranger in ("nobody", "\0"):
            assert (await ask(alice, after=stranger))["people"] == []
        bob = await stack.enter_async_context(Wire(any_lobby.ws_url(f"{room}-2")))
        assert (await ask(bob))["count"] == 0
