"""Everyone comes back at once: a thousand sockets connect and resume from a hundred changes behind.

The server has just been started: nothing of the room is in its memory.
"""

import asyncio
import json
import time

from chat.tests.harness.servers import ServerProcess, Site

from ..contenders import COUNT_PATH, CountingDaphne, LobbyDaphne, lobby
from ..dialects import ChatV1, Welcomed, text_of
from ..ground import Ground
from ..load import open_socket
from ..measurement import Measurement, noise_of
from ..processor import Stopwatch
from ..sockets import Socket
from ..wire import client_frame

ROOM = "resumes"
SAID = 300  # messages in the room
BEHIND = 100  # changes
IN_FLIGHT = 20  # posts
LIMIT = 60.0  # seconds
COOKIES = """
from uuid import uuid4
from django.http import HttpResponse
from chat.access.identity import COOKIE, remember_guest
for _ in range({count}):
    remember_guest(response := HttpResponse(), uuid4().hex)
    print(COOKIE + "=" + response.cookies[COOKIE].value)
"""


async def resumes(ground: Ground, name: str, count: int) -> Measurement:
    site = ground.site()
    cookies = site.shell(COOKIES.format(count=count)).split()
    epoch = await _fill(site)
    resume = {"type": "resume", "epoch": epoch, "after": SAID - BEHIND}
    frame = client_frame(json.dumps(resume).encode())
    with lobby(CountingDaphne, site).start() as server:
        await _first_visitor(server)
        asked = _queries(server)
        watch = Stopwatch([server.pid], ground.services()).start()
        sockets = await asyncio.wait_for(_connect(server.port, cookies), LIMIT)
        connected = Stopwatch([server.pid]).start()
        began = time.monotonic()
        for socket in sockets:
            socket.transport.write(frame)
        answered = await _answered(sockets)
        took = time.monotonic() - began
        connected.stop()
        watch.stop()
        queries = _queries(server) - asked
        for socket in sockets:
            socket.transport.abort()
    figures = {
        "sockets": count,
        "answered": answered,
        "cpu_ms_each": round(watch.server / count * 1000, 3),
        "cpu_ms_connect": round((watch.server - connected.server) / count * 1000, 3),
        "cpu_ms_resume": round(connected.server / count * 1000, 3),
        "queries": queries,
        "resume_seconds": round(took, 2),
        **noise_of(watch),
    }
    return Measurement(name, "daphne", figures)


async def _fill(site: Site) -> str:
    """Say something in the room, end the server; gives the room's epoch."""
    with lobby(LobbyDaphne, site).start() as server:
        dialect = ChatV1()
        socket = await open_socket(dialect, server.port, ROOM)
        await socket.ready
        for number in range(SAID):
            socket.say(text_of(number, 0))
            await _received([socket], number + 1 - IN_FLIGHT)
        await _received([socket], SAID)
        socket.transport.abort()
    [[epoch]] = site.sql("SELECT epoch FROM chat_room")
    return str(epoch)


async def _first_visitor(server: ServerProcess) -> None:
    """Someone in another room: a process imports some of its code with its first socket."""
    socket = await open_socket(ChatV1(), server.port, "another")
    await socket.ready
    socket.transport.abort()


async def _connect(port: int, cookies: list[str]) -> list[Socket]:
    dialect = Welcomed()

    async def come_back(cookie: str) -> Socket:
        socket = await open_socket(dialect, port, ROOM, cookie=cookie)
        await socket.ready
        return socket

    return list(await asyncio.gather(*map(come_back, cookies)))


async def _answered(sockets: list[Socket]) -> int:
    """How many have got what they missed, all of it."""
    await _received(sockets, BEHIND)
    return sum(socket.frames.count == BEHIND for socket in sockets)


async def _received(sockets: list[Socket], messages: int) -> None:
    """Return when each has so many, or after a minute."""
    end = time.monotonic() + LIMIT
    waiting = sockets
    while waiting := [socket for socket in waiting if socket.frames.count < messages]:
        if time.monotonic() > end:
            break
        await asyncio.sleep(0.005)


def _queries(server: ServerProcess) -> int:
    return int(server.get(COUNT_PATH).text)
