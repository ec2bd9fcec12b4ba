"""Whatever one client sends over sockets, as fast as they can: memory stays, and others are answered."""

import asyncio
import contextlib
import threading

import pytest

from ..conftest import MakeSite
from ..harness.hostile import CONTINUATION, TEXT, frame, memory, open_socket, read_all, send_all
from ..harness.servers import ServerProcess
from ..harness.wires import Wire
from ..realtime.test_transports import Start, both_servers
from ..server.test_socket_frames import FLOODS
from .measuring import assert_at_most, p95_of, prompt_limit

ONE_FLOOD = 60_000_000  # bytes, as often as there is a socket to send them on
BEGIN = frame(TEXT, final=False)
MESSAGES = {
    "empty messages": frame(TEXT),
    "questions": frame(TEXT, b'{"type":"history"}'),
    "large messages": frame(TEXT, b"x" * 65_000),
    "pieces of a message without an end": frame(CONTINUATION, b"x" * 1000, final=False),
}


class Stranger(threading.Thread):
    """Sends one kind of frame on and on, and opens another socket when one is closed. It reads nothing until
    then, so it may not hear why."""

    def __init__(self, server: ServerProcess, room: str, frames: bytes, *, begin: bytes) -> None:
        super().__init__(daemon=True)
        self.server, self.room, self.frames, self.begin = server, room, frames, begin
        self.ended, self.closed = threading.Event(), threading.Event()

    def run(self) -> None:
        block = self.frames * max(1, 65_536 // len(self.frames))
        while not self.ended.is_set():
            with (
                contextlib.suppress(ConnectionError, TimeoutError),
                contextlib.closing(open_socket(self.server, self.room, "127.0.0.2")) as wire,
            ):
                wire.sendall(self.begin)
                send_all(wire, (block for _ in range(ONE_FLOOD // len(block)) if not self.ended.is_set()))
                if not self.ended.is_set():
                    read_all(wire)
                    self.closed.set()


@both_servers
@pytest.mark.parametrize("kind", [*FLOODS, *MESSAGES])
async def test_one_stranger_costs_no_memory_and_delays_nobody(
    make_site: MakeSite, room: str, start: Start, kind: str
) -> None:
    server = start(make_site(RATE_LIMITS="on", RATE_QUESTIONS="400/10s,4000/10s"))
    async with Wire(server.ws_url(f"{room}-quiet")) as alice:

        async def ask() -> None:
            await alice.ask("history", "history")
            await asyncio.sleep(0.02)

        limit = prompt_limit(await p95_of(ask))
        before = memory(server)
        begin = BEGIN if "pieces" in kind else b""
        stranger = Stranger(server, room, {**FLOODS, **MESSAGES}[kind], begin=begin)
        stranger.start()
        try:
            await assert_at_most(limit, lambda: p95_of(ask), f"an answer while there are {kind}, in seconds")
            assert memory(server) - before < 20_000_000
            assert await asyncio.to_thread(stranger.closed.wait, 60), "nothing ended the flood"
        finally:
            stranger.ended.set()
            await asyncio.to_thread(stranger.join)
    server.assert_no_traceback()
