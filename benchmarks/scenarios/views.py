"""Room pages a second: browsers that ask again as soon as they have the page, each on one connection."""

import asyncio
import time
from typing import Final

from chat.tests.harness.processes import Server

from ..contenders import Contender
from ..ground import Ground
from ..load import Crowd, percentile
from ..measurement import Measurement, noise_of
from ..processor import Stopwatch

CLIENTS: Final = 16
WARM_UP: Final = 1.5  # seconds
GZIP: Final = "Accept-Encoding: gzip, deflate\r\n"


async def page_views(
    ground: Ground, contender: Contender, server: Server, name: str, room: str, posts: float, seconds: float
) -> Measurement:
    """`posts` a second are said in the room meanwhile."""
    with server.start():
        talk = await Crowd.open(contender.dialect, [server.port], [room])
        browsers = [_Browser(server.port, room) for _ in range(CLIENTS)]
        viewing = [asyncio.create_task(browser.view()) for browser in browsers]
        try:
            await _say(talk, posts, WARM_UP)
            for browser in browsers:
                browser.times.clear()
            talk.clear()
            watch = Stopwatch([server.pid], ground.services()).start()
            await _say(talk, posts, seconds)
            watch.stop()
            times = sorted(took for browser in browsers for took in browser.times)
        finally:
            for task in viewing:
                task.cancel()
            ended = await asyncio.gather(*viewing, return_exceptions=True)
            await talk.close()
    failures = [error for error in ended if not isinstance(error, asyncio.CancelledError)]
    assert not failures, failures[0]
    figures = {
        "clients": CLIENTS,
        "posts_per_second": posts,
        "views_per_second": round(len(times) / watch.elapsed, 1),
        "cpu_ms": round(watch.server / len(times) * 1000, 3) if times else 0.0,
        "p50_ms": round(percentile(times, 0.5) / 1000, 2),
        "p99_ms": round(percentile(times, 0.99) / 1000, 2),
        "page_kb": round(browsers[0].size / 1024, 1),
        **noise_of(watch),
    }
    return Measurement(name, contender.key, figures)


async def _say(talk: Crowd, posts: float, seconds: float) -> None:
    if posts:
        await talk.say([0], posts, seconds)
    else:
        await asyncio.sleep(seconds)


class _Browser:
    """Keeps its connection and the cookie that it got with its first page."""

    def __init__(self, port: int, room: str) -> None:
        self.times: list[int] = []  # microseconds
        self.size = 0  # bytes of a page
        self._port = port
        self._head = f"GET /chat/{room}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{GZIP}"

    async def view(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
        cookie = ""
        try:
            while True:
                began = time.perf_counter_ns()
                writer.write(f"{self._head}{cookie}\r\n".encode())
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                assert " 200 " in head[:16], head
                fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:-2])
                self.size = len(await reader.readexactly(int(fields["content-length"])))
                self.times.append((time.perf_counter_ns() - began) // 1000)
                if "set-cookie" in fields:
                    cookie = f"Cookie: {_as_sent(head)}\r\n"
        finally:
            writer.transport.abort()


def _as_sent(head: str) -> str:
    """The cookies of an answer, with the letters that they had."""
    lines = [line.split(": ", 1)[1] for line in head.split("\r\n") if line.lower().startswith("set-cookie")]
    return "; ".join(line.partition(";")[0] for line in lines)
