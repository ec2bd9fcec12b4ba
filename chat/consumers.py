"""One socket in one room: parse, call, reply."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any, Final
from uuid import uuid4

from channels.generic.websocket import AsyncWebsocketConsumer
from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError

from . import protocol, reads
from .backpressure import Member, Send
from .drafts import Draft, Identity, Outcome, Refused, Renamed, Stored
from .errors import explain
from .guard import RAW_SEND
from .hub import Hub, current_hub
from .identity import identity_of
from .limits import FRAME_MAX, IN_FLIGHT_MAX, NAME_MAX, TEXT_MAX
from .models.room import clean_room_name, fold_room_name
from .protocol import CloseCode, ProtocolError

READY_PATIENCE: Final = 3.0  # seconds a handshake waits for a database that is away (daphne allows 5)
ANSWER_PATIENCE: Final = 10.0  # seconds a question waits for the database
BUSY_PAUSE: Final = 1.0  # seconds: when to try again
LIMITS: Final = protocol.Limits(message=TEXT_MAX, name=NAME_MAX, frame=FRAME_MAX, in_flight=IN_FLIGHT_MAX)


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Speaks the plain dialect or `chat.v1` (docs/PROTOCOL.md).

    Its receive loop is its own: Channels' hops to a thread before every event, and gives each socket a
    channel on the layer, which the feed makes needless.
    """

    hub: Hub
    member: Member
    who: Identity

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        self.scope = scope
        self.base_send = send
        await receive()  # websocket.connect
        try:
            name = clean_room_name(scope["url_route"]["kwargs"]["room_name"])
        except ValidationError:
            await self.accept()
            await self.close(int(CloseCode.NO_SUCH_PLACE))
            return
        self.hub = current_hub()
        if self.hub.draining:
            await self.accept()
            await self.close(int(CloseCode.RESTART))
            return
        self.plain = protocol.SUBPROTOCOL not in scope["subprotocols"]
        self.in_flight = 0
        self.member = Member(scope[RAW_SEND], plain=self.plain)
        self.feed = self.hub.feed(name, fold_room_name(name))
        try:
            await self.connect()
            await self._listen(receive)
        finally:
            self.hub.release(self.feed, self.member)

    async def connect(self) -> None:
        """Accept once the feed has read the room: from then on the socket misses nothing."""
        self.who = identity_of(self.scope["user"], self.scope["cookies"])
        ready = asyncio.ensure_future(self.feed.ready.wait())
        await asyncio.wait([ready], timeout=READY_PATIENCE)
        await self.accept(None if self.plain else protocol.SUBPROTOCOL)
        await ready
        if not self.plain and (name := await self.hub.names.of(self.who.key)):
            self.who = replace(self.who, name=name)
        if self.hub.draining:
            self.member.close(CloseCode.RESTART)
            return
        self.feed.fanout.join(self.member)
        if not self.plain:
            self._welcome()

    def _welcome(self) -> None:
        feed = self.feed
        self._reply(
            protocol.Welcome(
                room=feed.name,
                epoch=feed.ordering.epoch,
                revision=feed.ordering.revision,
                sequence=feed.sequence,
                you=self.who.author,
                limits=LIMITS,
            )
        )

    async def _listen(self, receive: Any) -> None:
        while (message := await receive())["type"] == "websocket.receive":
            await self.receive(message.get("text"))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A write is queued and answered later; a question is answered before the next frame is taken."""
        if self.member.closing:
            return
        try:
            command = protocol.parse_plain(text_data) if self.plain else protocol.parse(text_data)
        except ProtocolError as error:
            self._refuse(error.code, client_id=error.client_id)
            return
        match command:
            case protocol.Say(message=message):
                self._write(protocol.Post(uuid4(), message))
            case protocol.Write():
                self._write(command)
            case protocol.Resume(epoch=epoch, after=after):
                await self._answer(self.feed.resume(epoch, after))
            case protocol.History():
                await self._answer(self._history(command))

    # --- Writes ---

    def _write(self, command: protocol.Write) -> None:
        draft = Draft(self.feed.name, self.feed.key, self.who, command)
        if self.in_flight < IN_FLIGHT_MAX and self.hub.submit(draft, partial(self._written, command)):
            self.in_flight += 1
        else:
            self._refuse("busy", client_id=command.client_id, retry_after=BUSY_PAUSE)

    def _written(self, command: protocol.Write, outcome: Outcome) -> None:
        """After the commit. In the plain dialect a message is its own ack."""
        self.in_flight -= 1
        match outcome:
            case Refused(code=code, reason=reason):
                self._refuse(code, reason, command.client_id)
            case Renamed(you=you):
                self.who = replace(self.who, name=you.name)
                self._reply(protocol.Ack(command.client_id, you=you))
            case Stored(sequence=sequence, revision=revision) if not self.plain:
                self._reply(protocol.Ack(command.client_id, sequence, revision))

    # --- Questions ---

    async def _answer(self, question: Any) -> None:
        try:
            async with asyncio.timeout(ANSWER_PATIENCE):
                self.member.reply(await question)
        except (DatabaseError, InterfaceError, TimeoutError):
            self._refuse("unavailable", retry_after=BUSY_PAUSE)

    async def _history(self, command: protocol.History) -> bytes:
        before = command.before or self.feed.sequence + 1
        page = await self.hub.threads.run(reads.page_before, self.feed.key, before, command.limit)
        return protocol.encode(protocol.HistoryPage([change.wire for change in page.changes], page.more))

    # --- Replies ---

    def _reply(self, event: protocol.Event) -> None:
        self.member.reply(protocol.encode(event))

    def _refuse(
        self,
        code: str,
        reason: str = "",
        client_id: Any = None,
        retry_after: float | None = None,
    ) -> None:
        reason = reason or explain(code)
        if self.plain:
            self.member.reply(protocol.encode(protocol.Refusal(code, reason)))
        else:
            self._reply(protocol.Error(code, reason, client_id, retry_after))
