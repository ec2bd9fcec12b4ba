"""A socket in a room: how it enters, and how its permissions change while it is open."""

import asyncio
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils import timezone
from msgspec.structs import replace

from .. import protocol
from ..access.lookup import AccessQuery, AccessResult
from ..access.permissions import RoomPermissions, may_enter
from ..protocol import CloseCode
from ..protocol.limits import FRAME_MAX, IN_FLIGHT_MAX, NAME_MAX, TEXT_MAX
from ..realtime.room_list import Viewer
from ..text.cleaning import clean_room_name, fold_room_name
from .base_consumer import SocketConsumer

READY_TIMEOUT: Final = 2.0  # seconds a handshake waits for its room, after 2 for the lookup (daphne allows 5)
LIMITS: Final = protocol.Limits(message=TEXT_MAX, name=NAME_MAX, frame=FRAME_MAX, in_flight=IN_FLIGHT_MAX)


class RoomSocket(SocketConsumer):
    """Is sent what happens in the room while it may be there. What it asks for is the consumer's."""

    def parse_path(self) -> bool:
        try:
            self.name = clean_room_name(self.scope["url_route"]["kwargs"]["room_name"])
        except ValidationError:
            return False
        return True

    async def run(self, receive: Any) -> None:
        self.permissions = RoomPermissions()
        self.is_known = False
        self.is_present = False
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
        self.watch_rooms(False)
        if self.is_present:
            self.runtime.revalidator.discard(self)
            self.runtime.typing.stopped(self.feed, self.who.key)
            self.runtime.presence.leave(self.feed.key, self.who.key)

    def watch_rooms(self, on: bool) -> None:
        """Send the list of rooms too, from its next change on whole, or no longer."""
        if on:
            self.runtime.room_list.join(self.subscriber, Viewer(self.who, self.address))
        else:
            self.runtime.room_list.leave(self.subscriber)

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
