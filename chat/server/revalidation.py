"""Looks again at the sockets that are open: who may no longer be there is sent away, in every process.

A change of who may what in a room comes with the room's own changes (`Room.access_revision`), so it is
ordered and repaired like them. Sessions, accounts and bans from the whole site are asked for every 3 s, and
sooner when a page says so.
"""

import asyncio
import hmac
from typing import Final, Protocol

from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Now

from ..access.identity import Identity
from ..access.lookup import Arrival, Asked, look_up
from ..access.permissions import Standing, may_enter
from ..database.threads import DatabaseThreads
from ..infra.background import surviving
from ..models import Ban, Participant
from ..protocol import CloseCode
from ..realtime.feed import Feed

INTERVAL: Final = 3.0  # seconds
BATCH: Final = 500  # sockets a question
RECENT_ACCOUNTS: Final = 200  # accounts: more than sign up from one look to the next


class Socket(Protocol):
    """What a consumer is to this module."""

    who: Identity
    address: str
    session: "tuple[str, str] | None"
    """An account's session key and the hash of its password."""

    def close_with(self, code: CloseCode) -> None: ...


class SocketInRoom(Socket, Protocol):
    feed: Feed
    standing: Standing
    is_known: bool
    """False while the database could not say what this person is."""

    def pause_delivery(self) -> None:
        """Hear nothing until it is known that they may be here still."""

    def apply_permissions(self, arrival: Arrival) -> None:
        """Be this from now on."""

    def set_name(self, name: str) -> None: ...


class Revalidator:
    def __init__(self, threads: DatabaseThreads) -> None:
        self._threads = threads
        self._sockets: dict[str, set[SocketInRoom]] = {}
        self.without_room: set[Socket] = set()
        """Those whose sessions and accounts alone are looked at."""
        self._wake = asyncio.Event()
        self._site_bans: frozenset[tuple[str, str]] = frozenset()
        self._task = asyncio.ensure_future(self._often())

    def add(self, socket: SocketInRoom) -> None:
        self._sockets.setdefault(socket.feed.key, set()).add(socket)

    def discard(self, socket: SocketInRoom) -> None:
        if sockets := self._sockets.get(socket.feed.key):
            sockets.discard(socket)
            if not sockets:
                del self._sockets[socket.feed.key]

    @property
    def sockets(self) -> list[Socket]:
        """All that were let in."""
        return [*self._all(), *self.without_room]

    def of_person(self, key: str) -> list[SocketInRoom]:
        """The sockets of somebody, in every room."""
        return [socket for socket in self._all() if socket.who.key == key]

    def soon(self) -> None:
        """Something happened to a session or an account."""
        self._wake.set()

    def pause_outsiders(self, feed: Feed) -> None:
        """Who, as far as is known, may not be here any more, before the next message is sent: a look at the
        database takes its time. (Who has spoken lately is a member, which is not known here.)"""
        for socket in self._sockets.get(feed.key, ()):
            if not may_enter(feed.state, socket.standing):
                socket.pause_delivery()

    async def room(self, feed: Feed) -> None:
        """Who may what in this room has changed."""
        await self._look_at(list(self._sockets.get(feed.key, ())))

    async def person(self, key: str) -> None:
        await self._look_at(self.of_person(key))

    def _all(self) -> list[SocketInRoom]:
        return [socket for sockets in self._sockets.values() for socket in sockets]

    async def _often(self) -> None:
        while True:
            try:
                async with asyncio.timeout(INTERVAL):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            with surviving("The open sockets were not looked at"):
                await self._site()

    async def _site(self) -> None:
        in_rooms, sockets = self._all(), self.sockets
        if not sockets:
            return
        signed_in = [(socket, socket.session) for socket in sockets if socket.session]
        sessions = {session: socket.who.user_id for socket, session in signed_in}
        ended, bans = await self._threads.run(_ended, sessions)
        for socket, session in signed_in:
            if session in ended:
                socket.close_with(ended[session])
        guests = [socket for socket in sockets if not socket.who.user_id]
        signed_up = await self._threads.run(_signed_up_lately) if guests else set()
        for socket in guests:
            if socket.who.key in signed_up:
                socket.close_with(CloseCode.RESTART)  # it comes back as the account
        if bans != self._site_bans:
            self._site_bans = bans
            await self._look_at(in_rooms)
        else:
            await self._look_at([socket for socket in in_rooms if not socket.is_known])

    async def _look_at(self, sockets: list[SocketInRoom]) -> None:
        """Ask what these people are now, in steps, and act on it."""
        for start in range(0, len(sockets), BATCH):
            some = sockets[start : start + BATCH]
            asked = [Asked(socket.feed.key, socket.who, socket.address) for socket in some]
            lookups: list[Arrival | None] = [None] * len(some)
            with surviving("The open sockets were not looked at"):
                lookups = [*await self._threads.run(look_up, asked)]
            for socket, arrival in zip(some, lookups, strict=True):
                # Who has left meanwhile must not be seated again.
                if socket in self._sockets.get(socket.feed.key, ()):
                    with surviving("An open socket was not told what it is now"):
                        _apply(socket, arrival)


def _apply(socket: SocketInRoom, arrival: Arrival | None) -> None:
    if arrival is None:
        socket.is_known = False  # it is looked at again
    elif arrival.signed_up:
        socket.close_with(CloseCode.RESTART)  # it comes back as the account
    elif not may_enter(socket.feed.state, arrival.standing):
        socket.close_with(CloseCode.NOT_ALLOWED)
    else:
        socket.apply_permissions(arrival)


def _ended(
    sessions: dict[tuple[str, str], int | None],
) -> tuple[dict[tuple[str, str], CloseCode], frozenset[tuple[str, str]]]:
    """Which of these sessions are no longer good and how, and the bans from the whole site: one query."""
    accounts = get_user_model()
    keys = Session.objects.filter(session_key__in={key for key, _hash in sessions}, expire_date__gt=Now())
    users = accounts.objects.filter(pk__in=set(sessions.values()), is_active=True)
    bans = Ban.objects.in_force().filter(room=None)
    nothing = Value("", output_field=CharField())
    rows = keys.values_list(Value("session"), "session_key", nothing).union(
        users.values_list(Value("account"), Cast("pk", CharField()), "password"),
        bans.values_list(Value("ban"), "participant_key", "network"),
        all=True,
    )
    found: dict[str, dict[str, str]] = {"session": {}, "account": {}}
    site_bans = set()
    for kind, first, second in rows:
        if kind == "ban":
            site_bans.add((first, second))
        else:
            found[kind][first] = second
    hashes = {
        key: accounts(password=password).get_session_auth_hash() for key, password in found["account"].items()
    }
    ends = {
        session: _end(session[0] in found["session"], session[1], hashes.get(str(user_id)))
        for session, user_id in sessions.items()
    }
    return {session: code for session, code in ends.items() if code}, frozenset(site_bans)


def _end(is_kept: bool, hash_: str, current: str | None) -> CloseCode | None:
    """How a session ended, if it did. `current`: the hash of the account's password, None if there is no
    such account any more."""
    is_current = current is not None and hmac.compare_digest(current, hash_)
    if is_kept and is_current:
        return None
    # The browser in which a password is changed is given another key for its session.
    has_another_key = current is not None and not is_kept and not is_current
    return CloseCode.RESTART if has_another_key else CloseCode.SIGN_IN


def _signed_up_lately() -> set[str]:
    """The public ids of the guests who have become accounts last."""
    rows = Participant.objects.filter(user__isnull=False).order_by("-user_id")
    return set(rows.values_list("key", flat=True)[:RECENT_ACCOUNTS])
