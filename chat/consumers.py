"""The sockets: one in a room, one for the list of rooms. They parse, call and reply."""

from functools import partial
from typing import Any
from uuid import uuid4

from django.utils import timezone

from . import protocol
from .access.permissions import meets, refusal_to_post
from .access.rate_limits import Kind, guest_name_taken, kind_of, rates
from .journal.bodies import with_body
from .journal.types import Done, Outcome, Refused, Renamed, Stored, WriteRequest
from .protocol import CloseCode, ProtocolError
from .protocol.limits import IN_FLIGHT_MAX
from .protocol.slash_commands import Help, meaning_of
from .realtime.room_list import Viewer
from .server.base_consumer import BUSY_PAUSE, SocketConsumer
from .server.questions import answer_to, found_rooms, search
from .server.room_socket import RoomSocket
from .text.translation import help_text, translated


class ChatConsumer(RoomSocket):
    """Speaks the plain dialect or `chat.v1` (docs/PROTOCOL.md)."""

    in_flight = 0
    may_create_room = False  # whether it has been counted against the limit of new rooms
    early_mark = 0  # the read mark, until the first write makes the row that it is stored with

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
                notice = help_text(lambda needs: meets(needs, self.permissions), self.language)
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
                await self.answer(self.feed.resume(epoch, after))
            case protocol.History() | protocol.Reactors() | protocol.Earlier() | protocol.FindRooms():
                await self.answer(
                    answer_to(command, self.key, self.who, self.permissions, self.runtime.threads)
                )
            case protocol.Search() if not self.is_paused:
                await self.answer(
                    search(command, self.key, self.who, self.address, self.runtime.search_thread)
                )
            case protocol.People(query=query) if not self.is_paused:
                self.reply(self.runtime.presence.search(self.feed.key, query))
            case protocol.WatchRooms(on=on):
                self.watch_rooms(on)
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
        if wait := guest_name_taken(command, self.address, is_guest=not self.who.user_id):
            self.ask_to_wait(wait, command.client_id)
            return
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
                words = translated(notice, self.language) if notice else None
                self.reply(protocol.Ack(command.client_id, notice=words))
                if isinstance(command, protocol.Block) or getattr(command, "act", None) is protocol.Act.LEAVE:
                    self.runtime.revalidate_person(self.who.key)
            case Stored(sequence=sequence, revision=revision) if not self.plain:
                self.reply(protocol.Ack(command.client_id, sequence, revision))


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
        """It takes one command."""
        if self.subscriber.closing:
            return
        if wait := rates.take(Kind.ASK, self.address, self.who.key):
            self.ask_to_wait(wait)
            return
        try:
            command = self.parse(text_data)
        except ProtocolError as error:
            code = "unknown_type" if error.code == "invalid" else error.code
            self.refuse(code, client_id=error.client_id)
        else:
            if isinstance(command, protocol.FindRooms):
                await self.answer(found_rooms(command.query, self.runtime.threads))
            else:
                self.refuse("unknown_type", client_id=getattr(command, "client_id", None))
