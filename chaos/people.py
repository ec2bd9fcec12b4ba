"""Who talks and reads while things break: `chat.v1` clients that come back, plain readers that stay."""

import asyncio
import contextlib
import itertools
import random
from collections import deque
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any, Protocol
from uuid import uuid4

from django.core import signing
from websockets.exceptions import InvalidHandshake

from chat.tests.harness.clients import ChatClient
from chat.tests.harness.clients import Refused as RefusedWrite
from chat.tests.harness.sockets import Frame, PlainClient
from chat.tests.harness.watchers import PresenceClient

from .record import NOT_ALLOWED, RESTART, Acked, Ended, Reaction, Record, now
from .uploads import upload
from .world import in_thread

AWAY = (OSError, InvalidHandshake, TimeoutError)
BACKOFF = 1.0, 15.0  # seconds at first and at most, as in browsers: between half and all of it is waited
QUICK_BACKOFF = 0.05, 0.5
TRACE = 3000  # frames that are kept to explain a failure
EVERY_STATE = 2**62  # the revision of a message in the plain dialect, which has none
REACTS = 0.2  # share of writes
REACTED_TO = 10  # newest messages
EMOJI = ("👍", "❤️", "🎉")
WITH_FILE = 0.08  # share of posts
MENTION_PAUSE = 3.0  # seconds: a minute has 30
GONE = {"conflict", "not_found", "forbidden", "file_gone"}


class Servers(Protocol):
    """Where clients can connect: servers by number."""

    def ws_url(self, server: int, room: str, *, through_proxy: bool) -> str: ...
    def living(self) -> list[int]: ...


_numbers = itertools.count(1)


def own_address() -> dict[str, str]:
    """An address that nobody else has: the limits of addresses concern `stranger.py`."""
    return {"X-Forwarded-For": str(IPv4Address("10.0.0.0") + next(_numbers))}


def guest_cookie(key: str) -> dict[str, str]:
    """The guest of this id, who stays the same over all connections."""
    return {"guest": signing.get_cookie_signer(salt="lobby.guest").sign(key)}


def ended(person: "Person | PlainReader") -> Ended:
    assert person._socket
    why = str(person._socket.protocol.close_exc)
    return Ended(person.name, person.server, person.close_codes[-1], now(), why)


class Person(PresenceClient, ChatClient):
    """A `chat.v1` client with a name that connects to any running server when its own is gone. `key`: its
    guest id, where it is another tab of somebody."""

    def __init__(
        self,
        name: str,
        room: str,
        servers: Servers,
        record: Record,
        home: int,
        *,
        proxied: bool = False,
        key: str = "",
    ) -> None:
        self.key = key or uuid4().hex
        super().__init__(
            servers.ws_url(home, room, through_proxy=proxied),
            reconnect=True,
            cookies=guest_cookie(self.key),
            headers=own_address(),
        )
        self.name = name
        self.place = room
        self.server = home
        self.since = 0.0
        self._servers = servers
        self._record = record
        self._proxied = proxied
        self._leaving = False
        self._let_go: object = None  # the connection that it dropped itself
        self._heard: float | None = None  # when its last frame came
        self._blackout_since: float | None = None  # when its last frame before a restart came
        self.forgiving: Callable[[], bool] = lambda: False  # whether the database was put back
        self.trace: deque[tuple[float, Frame]] = deque(maxlen=TRACE)
        self.asleep = asyncio.Event()  # while it is set, it does not come back

    async def arrive(self) -> None:
        """Connect, however often that takes, and resume."""
        while True:
            with contextlib.suppress(*AWAY):
                return await self.open()
            self._choose()
            await asyncio.sleep(0.1)

    async def leave(self) -> None:
        self._leaving = True
        await self.close()

    async def drop(self) -> None:
        """Lose the connection by a fault of its own side."""
        self._let_go = self._socket
        await super().drop()

    @property
    def is_gone(self) -> bool:
        """Whether it was closed for good, or will not come back by itself."""
        return self.asleep.is_set() or (not self.connected and self.close_codes[-1:] == [NOT_ALLOWED])

    def highest_hole(self) -> int | None:
        """The highest place below the newest message of which nothing is known, though it is kept."""
        places = range(max(self.log, default=0), self.purged_through, -1)
        return next((place for place in places if place not in self.log), None)

    def _choose(self) -> None:
        living = self._servers.living()
        self.server = random.choice(living) if living else self.server
        self.url = self._servers.ws_url(self.server, self.place, through_proxy=self._proxied)

    async def _connect(self) -> None:
        await super()._connect()
        self.since = now()

    async def _come_back(self) -> None:
        """Through a balancer that knows who is alive. A browser's backoff after a restart, whose blackout is
        measured; else far faster."""
        delay, most = BACKOFF if self.close_codes[-1] == RESTART else QUICK_BACKOFF
        while True:
            await asyncio.sleep(delay * random.uniform(0.5, 1))
            if self.asleep.is_set():
                continue
            self._choose()
            try:
                return await self._connect()
            except AWAY:
                delay = min(delay * 2, most)

    async def _read_one_connection(self) -> None:
        await super()._read_one_connection()
        if not self._leaving and self._socket is not self._let_go:
            self._record.ended.append(ended(self))
            if self.close_codes[-1] == RESTART:
                self._blackout_since = self._heard

    async def received(self, frame: Frame) -> None:
        self._heard = heard = now()
        self.trace.append((heard, frame))
        if frame["type"] == "changes":
            self._sees_again(heard)
            if frame.get("more"):
                first = min(message["sequence"] for message in frame["messages"])
                self._record.started_afresh(self.name, first, frame["revision"])
            for message in frame["messages"]:
                self._record.saw(self.name, message["sequence"], message["revision"], self.since)
        elif frame["type"] == "ack":
            self._note_ack(frame)
        await super().received(frame)

    def _sees_again(self, heard: float) -> None:
        if self._blackout_since is not None:
            self._record.blackouts.append((self.place, heard - self._blackout_since))
            self._blackout_since = None

    def _note_ack(self, ack: Frame) -> None:
        sent, before = self._outbox.get(ack["client_id"]), self.acks.get(ack["client_id"])
        if before and before.get("sequence") != ack.get("sequence") and not self.forgiving():
            self._record.problem(f"{self.name}: a resend got another place: {before} then {ack}")
        if sent and "sequence" in ack:
            self._record.acked.append(
                Acked(
                    room=self.place,
                    writer=self.name,
                    kind=sent["type"],
                    client_id=ack["client_id"],
                    sequence=ack["sequence"],
                    revision=ack["revision"],
                    text=sent.get("message"),
                    at=now(),
                    reaction=self.reaction_of(sent) if sent["type"] == "react" else None,
                    files=tuple(sent.get("files", ())),
                )
            )

    def reaction_of(self, sent: Frame) -> Reaction:
        return Reaction(sent["sequence"], sent["emoji"], self.key)


class Writer(Person):
    """Posts, edits and deletes what is its own and reacts to anything; sends things twice; disconnects before
    the ack."""

    def __init__(
        self, *arguments: Any, pace: float, lossy: float, rng: random.Random, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self._pace = pace  # writes a second
        self._lossy = lossy  # share of writes after which the connection is lost
        self._rng = rng
        self._mine: dict[int, int] = {}  # messages to edit or delete, with the revision last acked
        self._count = 0
        self._mentioned_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def talk(self, until: asyncio.Event) -> None:
        while not until.is_set():
            if len(self._tasks) < 12:
                task = asyncio.create_task(self._write_one())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            if self._rng.random() < self._lossy:
                await asyncio.sleep(self._rng.choice([0.0, 0.002, 0.01]))
                await self.drop()
            await asyncio.sleep(self._rng.expovariate(self._pace))

    async def finish(self, patience: float) -> None:
        """Wait for the answers that are still due."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience)
        for task in self._tasks:
            task.cancel()
            self._record.problem(f"{self.name}: a write was not answered within {patience:.0f} s of the end")

    async def _write_one(self) -> None:
        if self.log and self._rng.random() < REACTS:
            return await self._react()
        choice = self._rng.random()
        sequence = self._rng.choice(sorted(self._mine)) if self._mine and choice < 0.3 else None
        revision = self._mine.pop(sequence) if sequence else 0
        self._count += 1
        text = f"{self.name} says {self._count}" + "!" * self._rng.randrange(40)
        mentions = self._mentions()
        text += "".join(f" @{name}" for name in mentions.values())
        try:
            if sequence is None:
                await self._post(text, list(mentions), await self._uploaded())
            elif choice < 0.1:
                await self._write({"type": "delete", "sequence": sequence})
            else:
                frame = {"type": "edit", "sequence": sequence, "message": text, "revision": revision}
                frame["mentions"] = list(mentions)
                ack = await self._write(frame)
                self._mine[sequence] = ack["revision"]
        except RefusedWrite as refused:
            if refused.code not in GONE or not self.forgiving():
                self._record.problem(f"{self.name}: {refused.code} for what was its own message {sequence}")
        except ConnectionError as error:
            self._record.problem(f"{self.name}: {error}")

    async def _react(self) -> None:
        sequence = self._rng.choice(sorted(self.log)[-REACTED_TO:])
        frame = {"type": "react", "sequence": sequence, "emoji": self._rng.choice(EMOJI), "on": True}
        if self._rng.random() < 0.3:
            frame["on"] = False
            self._record.withdrawn.add(self.reaction_of(frame))
        try:
            await self._write(frame)
        except RefusedWrite as refused:
            if refused.code not in GONE:
                self._record.problem(f"{self.name}: {refused.code} for a reaction to {sequence}")
        except ConnectionError as error:
            self._record.problem(f"{self.name}: {error}")

    def _mentions(self) -> dict[str, str]:
        """Names of somebody who is here by their id, or of nobody."""
        if now() - self._mentioned_at < MENTION_PAUSE or not self.people:
            return {}
        self._mentioned_at = now()
        somebody = self._rng.choice(sorted(self.people))
        return {somebody: self.people[somebody]["name"]}

    async def _uploaded(self) -> list[str]:
        """The id of a file for a message, in some of them. While something is broken it is sent in vain."""
        if self._rng.random() >= WITH_FILE:
            return []
        sent = await in_thread(upload, self, random.Random(self._rng.random()))
        if sent is None:
            return []
        key, content = sent
        if content is not None:
            self._record.files[key] = content
        return [key]

    async def _post(self, text: str, mentions: list[str], files: list[str]) -> None:
        waiting = self._write({"type": "post", "message": text, "mentions": mentions, "files": files})
        client_id, frame = list(self._outbox.items())[-1]
        if self._rng.random() < 0.15:
            self._later(self._rng.uniform(0, 0.05), client_id)  # the same again before the ack
        ack = await waiting
        self._mine[ack["sequence"]] = ack["revision"]
        if self._rng.random() < 0.1 and self.connected:
            with contextlib.suppress(*AWAY):
                await self.send(frame)  # and once more after it


class PlainReader(PlainClient):
    """Stays on one server and never comes back."""

    def __init__(self, name: str, room: str, servers: Servers, record: Record, server: int) -> None:
        self.key = uuid4().hex
        url = servers.ws_url(server, room, through_proxy=False)
        super().__init__(url, cookies=guest_cookie(self.key), headers=own_address())
        self.name = name
        self.place = room
        self.server = server
        self.since = 0.0
        self.until: float | None = None
        self.seen: list[int] = []
        self._record = record
        self._leaving = False

    async def arrive(self) -> None:
        await self.open()
        self.since = now()

    async def leave(self) -> None:
        self._leaving = True
        await self.close()

    async def _read_one_connection(self) -> None:
        await super()._read_one_connection()
        if not self._leaving:
            self.until = now()
            self._record.ended.append(ended(self))

    async def received(self, frame: Frame) -> None:
        if "sequence" in frame:
            self.seen.append(frame["sequence"])
            self._record.saw(self.name, frame["sequence"], EVERY_STATE, self.since)
