"""Those who send too much: slowed with words, then shut out; and nobody else notices."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from .clients import ChatClient, PlainClient
from .conftest import MakeSite
from .servers import Daphne
from .wires import Wire

FLOODING = 4429


class PoliteWire(Wire):
    """Sends what was refused again, when it was told to."""

    async def say_all(self, texts: list[str], in_flight: int = 32, timeout: float = 60.0) -> None:
        room_for = asyncio.Semaphore(in_flight)

        async def say(text: str) -> None:
            client_id = None
            while True:
                async with room_for:
                    heard = len(self.frames)
                    client_id = await self.post(text, client_id)
                    answer = await self._answer(client_id, heard)
                if answer["type"] == "ack":
                    return
                assert answer["code"] in ("too_fast", "busy"), answer
                await asyncio.sleep(answer["retry_after"])

        async with asyncio.timeout(timeout):
            await asyncio.gather(*(say(text) for text in texts))

    async def _answer(self, client_id: str, heard: int) -> dict[str, Any]:
        def answers() -> list[dict[str, Any]]:
            of_it = (frame for frame in list(self.frames)[heard:] if frame.get("client_id") == client_id)
            return [frame for frame in of_it if frame["type"] in ("ack", "error")]

        await self.wait_until(lambda _: answers(), 20)
        return answers()[0]


@pytest.fixture(scope="module")
def server(new_sqlite_site: MakeSite) -> Iterator[Daphne]:
    """With the limits that a new site has. All people are behind one address."""
    site = new_sqlite_site(RATE_LIMITS="on")
    yield site.daphne()
    site.close()


async def test_a_flood_in_one_room_is_ended_and_costs_another_nothing(server: Daphne, room: str) -> None:
    quiet = server.ws_url(f"{room}-quiet")
    async with (
        ChatClient(quiet) as alice,
        ChatClient(quiet) as bob,
        Wire(server.ws_url(room)) as mallory,
        PlainClient(server.ws_url(room)) as trudy,
    ):

        async def flood() -> None:
            for number in range(2_000):
                if mallory.connected:
                    await mallory.post(f"buy {number}")
                if trudy.connected:
                    await trudy.say(f"sell {number}")

        async def talk() -> None:
            for number in range(10):
                await alice.post(f"alice {number}")
                await bob.post(f"bob {number}")

        flooding = asyncio.gather(flood(), return_exceptions=True)
        await talk()
        assert await mallory.wait_closed(20) == FLOODING
        assert await trudy.wait_closed(20) == FLOODING
        await flooding
        await bob.wait_until(lambda bob: len(bob.texts) == 20)
        assert (alice.connections, bob.connections) == (1, 1)
        assert alice.errors == bob.errors == []
        told = [frame for frame in mallory.errors if frame["code"] == "too_fast"]
        assert told
        assert all(frame["retry_after"] > 0 and frame["message"] for frame in told)
        assert trudy.errors[-1]["error"] == "too_fast"
    assert 0 < len(server.site.texts(room)) < 1_000
    server.assert_no_traceback()


async def test_who_waits_as_told_gets_everything_through_on_one_socket(
    make_site: MakeSite, room: str
) -> None:
    server = make_site(RATE_LIMITS="on", RATE_MESSAGES="40/s,400/s").daphne()
    texts = [f"written in the train {number}" for number in range(200)]
    async with PoliteWire(server.ws_url(room)) as alice:
        await alice.say_all(texts)
        assert alice.connections == 1
        assert [frame["code"] for frame in alice.errors if frame["code"] != "too_fast"] == []
        assert alice.errors
    assert sorted(server.site.texts(room)) == sorted(texts)


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"history"}',
        '{"type":"resume"}',
        '{"type":"typing"}',
        '{"type":"dance"}',
        "nonsense",
        '{"type":"rename","client_id":"5b3a2c1e-0000-4000-8000-000000000000","name":"x"}',
    ],
)
async def test_any_frame_that_is_sent_on_and_on_ends_the_socket(
    server: Daphne, room: str, frame: str
) -> None:
    async with Wire(server.ws_url(room)) as mallory:
        for _ in range(400):
            if not mallory.connected:
                break
            await mallory.send_raw(frame)
        assert await mallory.wait_closed(20) == FLOODING
    server.assert_no_traceback()


async def test_an_address_opens_so_many_sockets_and_closing_one_makes_room(
    make_site: MakeSite, room: str
) -> None:
    server = make_site(RATE_LIMITS="on", SOCKETS_PER_ADDRESS="2", TRUSTED_PROXIES="1").daphne()
    url = server.ws_url(room)
    here, elsewhere = {"X-Forwarded-For": "6.6.6.6, 192.0.2.1"}, {"X-Forwarded-For": "192.0.2.1, 192.0.2.2"}
    async with Wire(url, headers=here) as first, Wire(url, headers=here):
        async with Wire(url, headers={"X-Forwarded-For": "7.7.7.7, 192.0.2.1"}) as third:
            assert await third.wait_closed() == FLOODING
        async with Wire(url, headers=elsewhere) as other:
            await other.ask("history", "history")
        await first.close()
        async with asyncio.timeout(10):
            while True:
                async with Wire(url, headers=here) as again:
                    try:
                        await again.ask("history", "history", timeout=1)
                        break
                    except AssertionError:
                        assert again.close_code == FLOODING
    server.assert_no_traceback()


async def test_an_address_that_connects_on_and_on_is_told_so_with_a_code(
    make_site: MakeSite, room: str
) -> None:
    server = make_site(RATE_LIMITS="on", RATE_CONNECTS="3/1h").daphne()
    for _ in range(3):
        async with Wire(server.ws_url(room)) as wire:
            await wire.ask("history", "history")
    async with Wire(server.ws_url(room)) as fourth:
        assert await fourth.wait_closed() == FLOODING
    server.assert_no_traceback()


async def test_an_address_makes_so_many_rooms_and_talks_on_in_those_that_are_there(
    make_site: MakeSite, room: str
) -> None:
    site = make_site(RATE_LIMITS="on", RATE_NEW_ROOMS="2/1h")
    server = site.daphne()
    async with Wire(server.ws_url(f"{room}-1")) as one, Wire(server.ws_url(f"{room}-2")) as two:
        for wire in (one, two):
            assert (await wire.answer_to(await wire.post("the first")))["type"] == "ack"
            await wire.wait_until(lambda wire: wire.of("changes"))
        async with Wire(server.ws_url(f"{room}-3")) as three:
            refusal = await three.answer_to(await three.post("no more"))
            assert refusal["code"] == "too_fast"
            assert refusal["retry_after"] > 60
        assert (await one.answer_to(await one.post("the second")))["type"] == "ack"
    assert site.count("chat_room") == 2


@pytest.mark.parametrize(
    ("name", "value"), [("RATE_MESSAGES", "lots"), ("TRUSTED_PROXIES", "-1"), ("SOCKETS_PER_ADDRESS", "many")]
)
def test_a_limit_that_cannot_be_read_stops_the_start_with_its_name(
    make_site: MakeSite, name: str, value: str
) -> None:
    with pytest.raises(RuntimeError, match=f"ImproperlyConfigured: {name}='{value}': "):
        make_site(**{"RATE_LIMITS": "on", name: value}).daphne()
