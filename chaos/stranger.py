"""An abusive client in a process of its own: `chaos.stranger <way> <seconds> <room> <ports>`.

All of it comes from one address, which the site's limits count; the others have addresses of their own. Each
way goes on, round after round, until its time is over, and may be cut off wherever it is. It prints how much
it sent: frames, requests or connections.
"""

import asyncio
import contextlib
import itertools
import json
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final, get_args
from uuid import uuid4

import django
import msgspec
from msgspec.inspect import EnumType, IntType, ListType, StrType, Type, UnionType, UUIDType, type_info
from websockets.exceptions import WebSocketException

from chat.protocol.commands import AnyCommand, History
from chat.tests.harness.hostile import CONTINUATION, PING, TEXT, frame
from chat.tests.harness.people import Person
from chat.tests.harness.servers import Daphne, Site

from .hostile import FRAME_MAX, Hostile
from .record import now

# Of its own: what an earlier one has sent would count for the same address.
ADDRESS: Final = f"198.18.{random.randrange(256)}.{random.randrange(256)}"
HEADERS: Final = {"X-Forwarded-For": ADDRESS}
PAUSE: Final = 0.002  # seconds between two frames of what needs no full speed
HALF_SENT: Final = 150  # requests that are open at once
BODY: Final = 20 << 20  # bytes
BURST: Final = 50  # frames, after which it reads what came
BESIDE_NOTHING: Final[dict[type, set[str]]] = {History: {"after", "around"}}  # nor beside `before`
FILLINGS: Final = (*"9[\u2057\u0301\ufdfa\U0001f1e9\u200d", "1 ", "a\u0345", "name ", "/mute 1 ")


class Stranger:
    def __init__(self, room: str, ports: list[int]) -> None:
        self.room = room
        self.own_room = f"{room}-stranger"
        self.sent = 0
        self._ports = ports

    @property
    def port(self) -> int:
        return random.choice(self._ports)

    @contextlib.asynccontextmanager
    async def socket(self, room: str) -> AsyncIterator[Hostile]:
        client = Hostile(f"ws://127.0.0.1:{self.port}/ws/chat/{room}/", headers=HEADERS)
        try:
            await client.connect()
            self.sent += 1
            yield client
        finally:
            client.close()

    async def send(self, client: Hostile, *wires: bytes, reads: bool = True) -> None:
        for wire in wires:
            await client.send(wire)
            self.sent += 1
        if reads:
            client.read_a_little()

    async def request(self, head: str, body: Iterable[bytes] = ()) -> None:
        """One on a connection of its own, and some of its answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(f"{head}\r\nHost: localhost\r\nX-Forwarded-For: {ADDRESS}\r\n\r\n".encode())
            self.sent += 1
            for part in body:
                writer.write(part)
                await writer.drain()
            await reader.read(65536)
        finally:
            writer.transport.abort()


def largest_frames() -> Iterator[bytes]:
    """Of every command one of 64 KiB for each filling: its texts as long as they may be, the rest unknown."""
    for command, filling in itertools.product(get_args(AnyCommand), FILLINGS):
        fields = {"type": command.__struct_config__.tag, "unknown": ""}
        fields |= {
            field.encode_name: _value(type_info(field.type), filling)
            for field in msgspec.structs.fields(command)
            if field.name not in BESIDE_NOTHING.get(command, ())
        }
        text = "message" if "message" in fields else "unknown"
        fields[text] = ""
        left = FRAME_MAX - len(json.dumps(fields, ensure_ascii=False).encode())
        fields[text] = filling * (left // len(filling.encode()))
        yield json.dumps(fields, ensure_ascii=False).encode()


def _value(kind: Type, filling: str) -> Any:
    match kind:
        case UnionType(types=(first, *_)):
            return _value(first, filling)
        case UUIDType():
            return str(uuid4())
        case ListType(item_type=item, max_length=most):
            return [_value(item, filling) for _ in range(most or 1)]
        case StrType(pattern=str()):  # the id of a file
            return token_urlsafe(16)
        case StrType(max_length=most):
            return (filling * 500)[: most or 500]
        case IntType(ge=least):
            return least
        case EnumType(cls=cls):
            return random.choice(list(cls)).value
        case _:
            return True


def post(text: str) -> bytes:
    return frame(TEXT, json.dumps({"type": "post", "client_id": str(uuid4()), "message": text}).encode())


# --- The ways, each one round of it; the report shows what they say of themselves ---


async def frames(stranger: Stranger) -> None:
    """Frames of 64 KiB of every command, with texts that are dear to parse or fold."""
    async with stranger.socket(stranger.own_room) as client:
        for payload in largest_frames():
            await stranger.send(client, frame(TEXT, payload))
            await asyncio.sleep(PAUSE)


async def slash_commands(stranger: Stranger) -> None:
    """Slash commands of 64 KiB, likewise."""
    from chat.protocol.slash_commands import COMMANDS

    async with stranger.socket(stranger.own_room) as client:
        for word, filling in itertools.product(COMMANDS, FILLINGS):
            text = f"/{word} " + filling * (FRAME_MAX // 7 // len(filling))  # JSON writes it with six bytes
            await stranger.send(client, post(text))
            await asyncio.sleep(PAUSE)


async def control_frames(stranger: Stranger) -> None:
    """A message of empty pieces that never ends, and pings between them, at full speed."""
    async with stranger.socket(stranger.room) as client:
        await stranger.send(client, frame(TEXT, b"{", final=False))
        while True:
            pieces = frame(CONTINUATION, b"", final=False) + frame(PING, b"x" * 125)
            await stranger.send(client, *[pieces * 20] * BURST)
            await asyncio.sleep(0)


async def unread_pongs(stranger: Stranger) -> None:
    """Pings without end, none of whose pongs are read."""
    async with stranger.socket(stranger.room) as client:
        while True:
            await stranger.send(client, frame(PING, b"x" * 125) * 20, reads=False)


async def half_sent(stranger: Stranger) -> None:
    """150 requests whose headers, bodies and handshakes never end, a byte twice a second each."""
    starts: tuple[bytes, ...] = (
        b"GET /chat/ HTTP/1.1\r\nHost: ",
        b"POST /chat/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999\r\n\r\n",
    )
    starts += (b"GET /ws/chat/x/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nSec-Web",)
    async with asyncio.timeout(30), contextlib.AsyncExitStack() as stack:
        writers = []
        for start in itertools.islice(itertools.cycle(starts), HALF_SENT):
            _, writer = await asyncio.open_connection("127.0.0.1", stranger.port)
            stack.callback(writer.transport.abort)
            writer.write(start)
            writers.append(writer)
            stranger.sent += 1
        while True:
            await asyncio.sleep(0.5)
            for writer in writers:
                writer.write(b"x")


async def page_views(stranger: Stranger) -> None:
    """Pages, ten at a time."""
    paths = [
        "/chat/",
        f"/chat/{stranger.own_room}/",
        "/nowhere/",
        "/accounts/log-in/",
        "/chat/?q=" + "%F0%9F" * 500,
    ]
    views = [stranger.request(f"GET {path} HTTP/1.1") for path in paths * 2]
    await asyncio.gather(*views, return_exceptions=True)


async def large_bodies(stranger: Stranger) -> None:
    """Bodies of 20 MiB, declared and chunked."""
    piece = bytes(1 << 16)
    declared = f"POST /accounts/log-in/ HTTP/1.1\r\nContent-Length: {BODY}"
    chunked = "POST /chat/ HTTP/1.1\r\nTransfer-Encoding: chunked"
    chunk = b"%x\r\n%b\r\n" % (len(piece), piece)
    count = BODY // len(piece)
    await asyncio.gather(
        *(stranger.request(declared, itertools.repeat(piece, count)) for _ in range(2)),
        *(stranger.request(chunked, itertools.repeat(chunk, count)) for _ in range(2)),
        return_exceptions=True,
    )


async def new_rooms(stranger: Stranger) -> None:
    """New rooms, one after another."""
    async with stranger.socket(f"{stranger.own_room}-{stranger.sent}") as client:
        await stranger.send(client, post("first"))
        await asyncio.sleep(PAUSE)


async def posts(stranger: Stranger) -> None:
    """Messages without end."""
    async with stranger.socket(stranger.own_room) as client:
        for number in itertools.count():
            await stranger.send(client, post(f"buy {number}"))
            await asyncio.sleep(PAUSE / BURST)


async def renames(stranger: Stranger) -> None:
    """Renames without end."""
    async with stranger.socket(stranger.own_room) as client:
        for number in itertools.count():
            rename = {"type": "rename", "client_id": str(uuid4()), "name": f"name {number}" + "\u0301" * 30}
            await stranger.send(client, frame(TEXT, json.dumps(rename).encode()))
            await asyncio.sleep(PAUSE / BURST)


async def comings_and_goings(stranger: Stranger) -> None:
    """Connects and hangs up, eight at a time."""
    await asyncio.gather(*(_come_and_go(stranger) for _ in range(8)), return_exceptions=True)


async def _come_and_go(stranger: Stranger) -> None:
    async with stranger.socket(stranger.room):
        pass


async def word_filter(stranger: Stranger) -> None:
    """A room of their own whose word filter is dear to fold, and such texts in it."""
    unused = Site("", directory=Path())
    owner = Person(Daphne(unused, {}, stranger.port), headers=HEADERS)
    words = "\n".join(("\u2057" * 60, "\ufdfa" * 60, *(f"{n}" + "\u2057" * 50 for n in range(498))))
    room = f"{stranger.own_room}-{stranger.sent}"
    async with owner.chat(room) as client:
        await client.post("mine")
        stranger.sent += 1
        await asyncio.to_thread(owner.set, room, filter_words=words, filter_action="mask")
        while True:
            await client.send({"type": "post", "client_id": str(uuid4()), "message": "\u2057" * 4000})
            stranger.sent += 1
            await asyncio.sleep(PAUSE)


Way = Callable[[Stranger], Awaitable[None]]
WAYS: Final[dict[str, Way]] = {
    way.__name__: way
    for way in (
        frames,
        slash_commands,
        control_frames,
        unread_pongs,
        half_sent,
        page_views,
        large_bodies,
        new_rooms,
        posts,
        renames,
        comings_and_goings,
        word_filter,
    )
}


async def misbehave(way: Way, seconds: float, stranger: Stranger) -> None:
    until = now() + seconds
    while now() < until:
        with contextlib.suppress(OSError, TimeoutError, WebSocketException, AssertionError):
            async with asyncio.timeout(until - now()):
                await way(stranger)
        await asyncio.sleep(PAUSE)


def main(way: str, seconds: str, room: str, *ports: str) -> None:
    django.setup()  # slash commands know models; its time begins when it is ready
    stranger = Stranger(room, [int(port) for port in ports])
    asyncio.run(misbehave(WAYS[way], float(seconds), stranger))
    sys.stdout.write(str(stranger.sent))


if __name__ == "__main__":
    main(*sys.argv[1:])
