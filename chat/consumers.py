"""The sockets: one in a room, one for the list of rooms. They parse, call and reply."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, Final
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from . import protocol
from .access.client_address import network_of
from .access.lookup import AccessQuery, AccessResult
from .access.permissions import RoomPermissions, may_enter, meets, refusal_to_post
from .access.rate_limits import Kind, guest_names, kind_of, rates
from .journal.bodies import with_body
from .journal.types import Done, Outcome, Refused, Renamed, Stored, WriteRequest
from .protocol import CloseCode, ProtocolError
from .protocol.limits import FRAME_MAX, IN_FLIGHT_MAX, NAME_MAX, TEXT_MAX
from .protocol.slash_commands import Help, help_lines, meaning_of
from .realtime.room_list import Viewer
from .server.base_consumer import SocketConsumer
from .server.questions import answer_to, search
from .text.cleaning import clean_room_name, fold_room_name
from .text.translation import translated

READY_TIMEOUT: Final = 2.0  # seconds a handshake waits for its room, after 2 for the lookup (daphne allows 5)
ANSWER_TIMEOUT: Final = 10.0  # seconds a read waits for the database
BUSY_PAUSE: Final = 1.0  # seconds after which a client may try again
LIMITS: Final = protocol.Limits(message=TEXT_MAX, name=NAME_MAX, frame=FRAME_MAX, in_flight=IN_FLIGHT_MAX)


class ChatConsumer(SocketConsumer):
    """Speaks the plain dialect or `chat.v1` (docs/PROTOCOL.md)."""

    def parse_path(self) -> bool:
        try:
            self.name = clean_room_name(self.scope["url_route"]["kwargs"]["room_name"])
        except ValidationError:
            return False
        return True

    async def run(self, receive: Any) -> None:
        self.in_flight = 0
        self.permissions = RoomPermissions()
        self.is_known = False
        self.is_present = False
        self.may_create_room = False  # whether it has been counted against the limit of new rooms
        self.is_paused = False
        self.early_mark = 0  # the read mark, until the first write makes the row that it is stored with
        self.key = fold_room_name(self.name)
        # Before the feed is opened: the time it takes would show an outsider whether the room is in use.
        result = await self._look_up()
        if result and not result.may_enter:
            await self._reject(CloseCode.NOT_ALLOWED)
            return
        self.feed = self.runtime.feed(self.name, self.key)
        try:
            await self.connect(result)
            await self.listen(receive)
        finally:
            self._leave()

    async def connect(self, result: AccessResult | None) -> None:
        """Accept once the feed has read the room and permissions are known: an open socket misses nothing.
        While the database is away it is accepted all the same, and waits."""
        looking_up = asyncio.ensure_future(self._look_up_person(result))
        try:
            await asyncio.wait([looking_up], timeout=READY_TIMEOUT)
            await self.accept_dialect()
            await looking_up
        finally:
            looking_up.cancel()
        if self.runtime.draining:
            self.subscriber.close(CloseCode.RESTART)
        elif may_enter(self.feed.state, self.permissions):
            self._enter()
        else:
            # While permissions are unknown, nobody enters a room that they may not be allowed in.
            self.subscriber.close(CloseCode.NOT_ALLOWED if self.is_known else CloseCode.RESTART)

    async def _look_up(self) -> AccessResult | None:
        return await self.runtime.lookups.look_up(AccessQuery(self.key, self.who, self.address))

    async def _look_up_person(self, result: AccessResult | None) -> None:
        """Look up identity and permissions, again if the room's rules changed meanwhile."""
        await self.feed.ready.wait()
        access = -1
        if result:
            access = result.policy.access if result.policy else 0
        while access != self.feed.state.access:
            access = self.feed.state.access
            result = await self._look_up() or result
        if result:
            self.who, self.permissions, self.is_known = result.who, result.permissions, True

    def _enter(self) -> None:
        self.feed.fanout.join(self.subscriber)
        self.runtime.revalidator.add(self)
        self.runtime.presence.enter(self.feed.key, self._person, self.address)
        self.is_present = True
        if not self.plain:
            self._welcome()

    def _leave(self) -> None:
        self.runtime.release(self.feed, self.subscriber)
        if self.is_present:
            self.runtime.revalidator.discard(self)
            self.runtime.typing.stopped(self.feed, self.who.key)
            self.runtime.presence.leave(self.feed.key, self.who.key)

    @property
    def _person(self) -> protocol.Person:
        who = self.who
        return protocol.Person(who.key, who.name, who.user_id is not None, self.permissions.role.value)

    def _welcome(self) -> None:
        feed = self.feed
        present, count = self.runtime.presence.here(feed.key)
        welcome = protocol.Welcome(
            room=feed.name,
            epoch=feed.sequencer.epoch,
            revision=feed.sequencer.revision,
            sequence=feed.sequence,
            you=self.who.author,
            present=present,
            count=count,
            standing=self.permissions.event_at(timezone.now()),
            limits=LIMITS,
        )
        self.reply(welcome)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A write is queued and answered later; a read is answered before the next frame is taken."""
        if self.subscriber.closing:
            return
        try:
            command = self._parsed(text_data)
        except ProtocolError as error:
            if not self._is_too_fast(Kind.ASK, error.client_id):
                self.refuse(error.code, error.text, error.client_id)
            return
        if self._is_too_fast(kind_of(command), getattr(command, "client_id", None)):
            return
        match command:
            case protocol.Say(message=message):
                self._write(protocol.Post(uuid4(), message))
            case Help(client_id=client_id):
                lines = help_lines(lambda needs: meets(needs, self.permissions))
                notice = "\n".join(f"{usage} – {translated(text)}" for usage, text in lines)
                self.reply(protocol.Ack(client_id, notice=notice))
            case protocol.Post():
                self.runtime.typing.stopped(self.feed, self.who.key)
                self._write(command)
            case protocol.Write():
                self._write(command)
            case _:
                await self._answer_command(command)

    def _parsed(self, text: str | None) -> protocol.Command | protocol.Say | Help:
        command = self.parse(text)
        return meaning_of(command) if isinstance(command, protocol.Post) else command

    async def _answer_command(self, command: protocol.Command) -> None:
        """Commands that write no change: reads, typing, read marks."""
        match command:
            case protocol.Resume(epoch=epoch, after=after):
                await self._answer(self.feed.resume(epoch, after))
            case protocol.History() | protocol.Reactors() | protocol.Earlier():
                await self._answer(
                    answer_to(command, self.key, self.who, self.permissions, self.runtime.threads)
                )
            case protocol.Search() if not self.is_paused:
                await self._answer(
                    search(command, self.key, self.who, self.address, self.runtime.search_thread)
                )
            case protocol.People(query=query) if not self.is_paused:
                self.reply(self.runtime.presence.search(self.feed.key, query))
            case protocol.Typing(on=False):
                self.runtime.typing.stopped(self.feed, self.who.key)
            case protocol.Typing() if not refusal_to_post(self.feed.state, self.permissions, timezone.now()):
                self.runtime.typing.typed(self.feed, self.who)
            case protocol.Seen(sequence=sequence):
                mark = min(sequence, self.feed.sequence)
                self.runtime.read_marks.move(self.feed.key, self.who.key, mark)
                self.early_mark = max(self.early_mark, mark)
                reads = self.feed.mentioned.reads(self.who.key, mark)
                if reads or any(place <= mark for place in self.permissions.mentions):
                    self.runtime.mention_seen(self.feed, self.who.key, mark)

    def _is_too_fast(self, kind: Kind, client_id: Any = None) -> bool:
        """Whether a rate limit is exceeded; the answer then says when to try again."""
        wait = rates.take(kind, self.address, self.who.key)
        if not wait and kind is Kind.MESSAGE and not (self.feed.sequence or self.may_create_room):
            wait = rates.take(Kind.NEW_ROOM, self.address)
            self.may_create_room = not wait
        if wait:
            self.ask_to_wait(wait, client_id)
        return bool(wait)

    # --- Writes ---

    def _write(self, command: protocol.Write) -> None:
        place = network_of(self.address)
        if place and isinstance(command, protocol.Rename) and not self.who.user_id:
            if wait := guest_names.wait(place):
                self.ask_to_wait(wait, command.client_id)
                return
            guest_names.record(place)
        request = with_body(WriteRequest(self.feed.name, self.feed.key, self.who, command))
        if self.in_flight < IN_FLIGHT_MAX and self.runtime.submit(request, partial(self._written, command)):
            self.in_flight += 1
        else:
            self.refuse("busy", client_id=command.client_id, retry_after=BUSY_PAUSE)

    def _written(self, command: protocol.Write, outcome: Outcome) -> None:
        """After the commit. In the plain dialect a message is its own ack."""
        self.in_flight -= 1
        if self.early_mark and not isinstance(outcome, Refused):
            self.runtime.read_marks.move(self.feed.key, self.who.key, self.early_mark)
            self.early_mark = 0
        match outcome:
            case Refused(code=code, text=text, retry_after=retry_after):
                self.refuse(code, text, command.client_id, retry_after)
            case Renamed(you=you):
                self.reply(protocol.Ack(command.client_id, you=you))
            case Done(notice=notice):
                self.reply(protocol.Ack(command.client_id, notice=translated(notice) if notice else None))
                if isinstance(command, protocol.Block) or getattr(command, "act", None) is protocol.Act.LEAVE:
                    self.runtime.revalidate_person(self.who.key)
            case Stored(sequence=sequence, revision=revision) if not self.plain:
                self.reply(protocol.Ack(command.client_id, sequence, revision))

    # --- Called by the revalidator and the runtime ---

    def apply_permissions(self, result: AccessResult) -> None:
        """Take over identity and permissions (a role, a mute, a name), and resume delivery."""
        before = self._person, self.permissions
        self.who, self.permissions, self.is_known = result.who, result.permissions, True
        if self.is_paused:
            self.is_paused = False
            self.feed.fanout.resume_delivery(self.subscriber)
        if self.who.key != before[0].id:  # the database was away when they came
            self.runtime.presence.leave(self.feed.key, before[0].id)
            self.runtime.presence.enter(self.feed.key, self._person, self.address)
        elif self._person != before[0]:
            self.runtime.presence.change(self.feed.key, self._person)
        self._permissions_changed(before[1])

    def pause_delivery(self) -> None:
        """This socket may no longer be allowed here: send it nothing until that is known."""
        if not self.is_paused:
            self.is_paused = True
            self.feed.fanout.pause_delivery(self.subscriber)

    def close_with(self, code: CloseCode) -> None:
        if self.is_paused and not self.plain:
            self.reply(self.feed.state_for_outsiders)
        super().close_with(code)

    def set_name(self, name: str) -> None:
        self.who = replace(self.who, name=name)

    def read_up_to(self, sequence: int) -> None:
        before, self.permissions = self.permissions, self.permissions.read_up_to(sequence)
        self._permissions_changed(before)

    def _permissions_changed(self, before: RoomPermissions) -> None:
        if self.permissions != before and not (self.plain or self.is_paused):
            self.reply(self.permissions.event_at(timezone.now()))

    # --- Reads ---

    async def _answer(self, read: Any) -> None:
        with suppress(DatabaseError, InterfaceError, TimeoutError):
            async with asyncio.timeout(ANSWER_TIMEOUT):
                answer = await read
            if not self.is_paused:
                if isinstance(answer, Refused):
                    self.refuse(answer.code, answer.text, retry_after=answer.retry_after)
                else:
                    self.subscriber.reply(answer)
                return
        self.refuse("unavailable", retry_after=BUSY_PAUSE)


class IndexConsumer(SocketConsumer):
    """Sends `rooms`, in both dialects the same, and `your_rooms` in `chat.v1`."""

    async def run(self, receive: Any) -> None:
        await self.accept_dialect()
        self.runtime.room_list.join(self.subscriber, None if self.plain else Viewer(self.who, self.address))
        self.runtime.revalidator.without_room.add(self)
        if self.runtime.draining:
            self.subscriber.close(CloseCode.RESTART)
        try:
            await self.listen(receive)
        finally:
            self.runtime.revalidator.without_room.discard(self)
            self.runtime.room_list.leave(self.subscriber)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Every command is refused."""
        if self.subscriber.closing:
            return
        if wait := rates.take(Kind.ASK, self.address):
            self.ask_to_wait(wait)
            return
        try:
            command = self.parse(text_data)
        except ProtocolError as error:
            code = "unknown_type" if error.code == "invalid" else error.code
            self.refuse(code, client_id=error.client_id)
        else:
            self.refuse("unknown_type", client_id=getattr(command, "client_id", None))
