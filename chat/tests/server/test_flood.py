"""Clients that send too much are asked to wait, then closed; nobody else notices."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from ..conftest import MakeSite
from ..harness.clients import ChatClient, PlainClient
from ..harness.hostile import TEXT, close_frame, open_socket, read_to_its_end
from ..harness.hostile import frame as wire_frame
from ..harness.servers import Daphne
from ..harness.talk import never_left
from ..harness.wires import Wire

FLOODING = 4429


class WaitingWire(Wire):
    """Sends again what was refused, after the time that the refusal named."""

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

        await self.wait_until(lambda _: answers())
        return answers()[0]


@pytest.fixture(scope="module")
def server(new_sqlite_site: MakeSite) -> Iterator[Daphne]:
    """A site with the default limits. All clients have one address."""
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

        async def flood(say: Callable[[str], Awaitable[object]]) -> None:
            with contextlib.suppress(ConnectionClosed):
                for number in range(2_000):
                    await say(f"buy {number}")
                    await asyncio.sleep(0)  # hears why a socket is closed before it sends on

        async def talk() -> None:
            for number in range(10):
                await alice.post(f"alice {number}")
                await bob.post(f"bob {number}")

        flooding = asyncio.gather(flood(mallory.post), flood(trudy.say))
        await talk()
        assert await mallory.wait_closed() == FLOODING
        assert await trudy.wait_closed() == FLOODING
        await flooding
        await bob.wait_until(lambda bob: len(bob.texts) == 20)
        assert never_left(alice, bob)
        assert alice.errors == bob.errors == []
        told = [frame for frame in mallory.errors if frame["code"] == "too_fast"]
        assert told
        assert all(frame["retry_after"] > 0 and frame["message"] for frame in told)
        assert trudy.errors[-1]["error"] == "too_fast"
    assert 0 < len(server.site.texts(room)) < 1_000
    server.assert_no_traceback()


async def test_a_client_that_waits_as_asked_sends_everything_over_one_socket(
    make_site: MakeSite, room: str
) -> None:
    server = make_site(RATE_LIMITS="on", RATE_MESSAGES="10/s,400/s").daphne()
    texts = [f"written in the train {number}" for number in range(60)]
    async with WaitingWire(server.ws_url(room)) as alice:
        await alice.say_all(texts)
        assert never_left(alice)
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
async def test_any_frame_that_is_sent_too_often_ends_the_socket(
    server: Daphne, room: str, frame: str
) -> None:
    async with Wire(server.ws_url(room)) as mallory:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(4_000):
                await mallory.send_raw(frame)
                await asyncio.sleep(0)  # hears why the socket is closed before it sends on
        assert await mallory.wait_closed() == FLOODING
    server.assert_no_traceback()


def test_a_flooder_that_reads_late_gets_the_close_code_and_is_not_cut_off(server: Daphne, room: str) -> None:
    with contextlib.closing(open_socket(server, room)) as wire:
        wire.sendall(wire_frame(TEXT, b"nonsense") * 20_000)
        assert read_to_its_end(wire).endswith(close_frame(FLOODING))
    server.assert_no_traceback()


async def gets_in(url: str, headers: dict[str, str]) -> None:
    """Connects, at the latest when the server has noticed the end of an earlier socket."""
    async with asyncio.timeout(60):
        while True:
            async with Wire(url, headers=headers) as wire:
                await wire.wait_until(lambda wire: wire.frames or not wire.connected)
                if wire.connected:
                    return
                assert wire.close_code == FLOODING
            await asyncio.sleep(0.1)


async def is_closed(wire: Wire) -> None:
    await wire.close()


async def is_cut_off(wire: Wire) -> None:
    await wire.drop()


async def sends_too_large_a_frame(wire: Wire) -> None:
    with contextlib.suppress(ConnectionClosed):
        await wire.send_raw("x" * 2**21)
    await wire.wait_closed()


async def floods(wire: Wire) -> None:
    with contextlib.suppress(ConnectionClosed):
        for _ in range(400):
            await wire.send_raw("nonsense")
    assert await wire.wait_closed() == FLOODING


async def test_an_address_has_a_limited_number_of_sockets_and_each_end_frees_one(
    make_site: MakeSite, room: str
) -> None:
    server = make_site(
        RATE_LIMITS="on", SOCKETS_PER_ADDRESS="2", RATE_QUESTIONS="50/10s,50/1s", TRUSTED_PROXIES="1"
    ).daphne()
    url = server.ws_url(room)
    list_of_rooms = server.ws_url("x").removesuffix("x/")
    here, elsewhere = {"X-Forwarded-For": "6.6.6.6, 192.0.2.1"}, {"X-Forwarded-For": "192.0.2.1, 192.0.2.2"}
    async with Wire(list_of_rooms, headers=here):
        for ends in (is_closed, is_cut_off, sends_too_large_a_frame, floods):
            async with Wire(url, headers=here) as second:
                await second.wait_until(lambda wire: wire.of("welcome"))
                async with Wire(url, headers={"X-Forwarded-For": "7.7.7.7, 192.0.2.1"}) as third:
                    assert await third.wait_closed() == FLOODING
                async with Wire(url, headers=elsewhere) as other:
                    await other.wait_until(lambda wire: wire.of("welcome"))
                await ends(second)
                await gets_in(url, here)
    server.assert_no_traceback()


async def test_an_address_that_connects_too_often_is_closed_with_a_code(
    make_site: MakeSite, room: str
) -> None:
    server = make_site(RATE_LIMITS="on", RATE_CONNECTS="3/1h").daphne()
    for _ in range(3):
        async with Wire(server.ws_url(room)) as wire:
            await wire.ask("history", "history")
    async with Wire(server.ws_url(room)) as fourth:
        assert await fourth.wait_closed() == FLOODING
    server.assert_no_traceback()


async def test_an_address_makes_a_limited_number_of_rooms_and_can_still_post_in_those(
    make_site: MakeSite, room: str
) -> None:
    """Slash commands create no room: they count as the commands that they give."""
    site = make_site(RATE_LIMITS="on", RATE_NEW_ROOMS="2/1h", RATE_ACTS="2/1h,100/1h")
    server = site.daphne()
    async with Wire(server.ws_url(f"{room}-1")) as one, Wire(server.ws_url(f"{room}-2")) as two:
        for wire in (one, two):
            assert (await wire.answer_to(await wire.post("the first")))["type"] == "ack"
            await wire.wait_until(lambda wire: wire.of("changes"))
        async with Wire(server.ws_url(f"{room}-3")) as three:
            assert (await three.answer_to(await three.post("/dance")))["code"] == "invalid"
            for text in ("/help", "/nick Three", "/nick Third"):
                assert (await three.answer_to(await three.post(text)))["type"] == "ack", text
            assert (await three.answer_to(await three.post("/nick Once more")))["code"] == "too_fast"
            refusal = await three.answer_to(await three.post("no more"))
            assert refusal["code"] == "too_fast"
            assert refusal["retry_after"] > 60
        assert (await one.answer_to(await one.post("the second")))["type"] == "ack"
    assert site.count("chat_room") == 2


async def test_each_kind_of_write_is_counted_for_the_person_and_for_the_address(
    make_site: MakeSite, room: str
) -> None:
    kinds = ("MESSAGES", "EDITS", "REACTIONS", "ACTS")
    limits = {f"RATE_{kind}": "1/1h,2/1h" for kind in kinds}
    server = make_site(RATE_LIMITS="on", **limits).daphne()
    once: list[dict[str, Any]] = [
        {"type": "post", "message": "hello"},
        {"type": "edit", "sequence": 1, "message": "hello!", "revision": 1},
        {"type": "react", "sequence": 1, "emoji": "👍"},
        {"type": "block", "id": "somebody"},
    ]
    again = [*once, {"type": "delete", "sequence": 1}, {"type": "rename", "name": "Alice"}]

    async def codes(wire: Wire, frames: list[dict[str, Any]]) -> list[str]:
        """What each is answered: the code of a refusal, or `ack`."""
        heard = []
        for frame in frames:
            client_id = str(uuid4())
            await wire.send({**frame, "client_id": client_id})
            answer = await wire.answer_to(client_id)
            heard.append(answer.get("code", "ack"))
        return heard

    url = server.ws_url(room)
    async with Wire(url) as alice, Wire(url) as bob, Wire(url) as charlie:
        assert await codes(alice, once) == ["ack"] * 4
        assert await codes(alice, again) == ["too_fast"] * 6
        assert await codes(bob, once) == ["ack", "forbidden", "ack", "ack"]
        assert await codes(charlie, again) == ["too_fast"] * 6


@pytest.mark.parametrize(
    ("name", "value"), [("RATE_MESSAGES", "lots"), ("TRUSTED_PROXIES", "-1"), ("SOCKETS_PER_ADDRESS", "many")]
)
def test_a_limit_that_cannot_be_read_stops_the_start_with_its_name(
    make_site: MakeSite, name: str, value: str
) -> None:
    with pytest.raises(RuntimeError, match=f"ImproperlyConfigured: {name}='{value}': "):
        make_site(**{"RATE_LIMITS": "on", name: value}).daphne()
