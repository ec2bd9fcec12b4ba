"""Checks whether open sockets are still allowed, and closes those that are not.

A change of permissions in a room comes with the room's own changes (`Room.access_revision`), so it is ordered
and repaired like them. Sessions, accounts and bans from the whole site are read every 3 s, and at once when a
page announces a change.
"""

import asyncio
import hmac
from typing import Final, Protocol

from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Now

from ..access.identity import Identity
from ..access.lookup import AccessQuery, AccessResult, look_up
from ..access.permissions import RoomPermissions, may_enter
from ..database.threads import DatabaseThreads
from ..infra.background import surviving
from ..models import Ban, Participant
from ..protocol import CloseCode
from ..realtime.feed import Feed

INTERVAL: Final = 3.0  # seconds
BATCH: Final = 500  # sockets a query
RECENT_ACCOUNTS: Final = 200  # more than sign up from one check to the next


class Socket(Protocol):
    """The part of a consumer that this module uses."""

    who: Identity
    address: str
    session: "tuple[str, str] | None"
    """An account's session key and the hash of its password."""

    def close_with(self, code: CloseCode) -> None: ...


class SocketInRoom(Socket, Protocol):
    feed: Feed
    permissions: RoomPermissions
    is_known: bool
    """False while the database could not be read for this participant."""

    def pause_delivery(self) -> None:
        """Send nothing until the participant's permissions are known."""

    def apply_permissions(self, result: AccessResult) -> None:
        """Take over identity and permissions, and resume delivery."""

    def set_name(self, name: str) -> None: ...

    def read_up_to(self, sequence: int) -> None: ...


class Revalidator:
    def __init__(self, threads: DatabaseThreads) -> None:
        self._threads = threads
        self._sockets: dict[str, set[SocketInRoom]] = {}
        self.without_room: set[Socket] = set()
        """Sockets of the list of rooms: only their sessions and accounts are checked."""
        self._wake = asyncio.Event()
        self._site_bans: frozenset[tuple[str, str]] = frozenset()
        self._task = asyncio.ensure_future(self._run())

    def add(self, socket: SocketInRoom) -> None:
        self._sockets.setdefault(socket.feed.key, set()).add(socket)

    def discard(self, socket: SocketInRoom) -> None:
        if sockets := self._sockets.get(socket.feed.key):
            sockets.discard(socket)
            if not sockets:
                del self._sockets[socket.feed.key]

    @property
    def sockets(self) -> list[Socket]:
        """All that were admitted."""
        return [*self._all(), *self.without_room]

    def of_person(self, key: str) -> list[SocketInRoom]:
        """The participant's sockets in all rooms."""
        return [socket for socket in self._all() if socket.who.key == key]

    def read_up_to(self, room_key: str, person: str, sequence: int) -> None:
        """The participant's sockets in this room learn how far they have read."""
        for socket in self._sockets.get(room_key, ()):
            if socket.who.key == person:
                socket.read_up_to(sequence)

    def check_site_soon(self) -> None:
        """A session or an account has changed."""
        self._wake.set()

    def pause_outsiders(self, feed: Feed) -> None:
        """Pause, before the next message is sent, each socket that seems no longer allowed: the check in the
        database comes later. (A participant who has posted since is a member, which is not known here.)"""
        for socket in self._sockets.get(feed.key, ()):
            if not may_enter(feed.state, socket.permissions):
                socket.pause_delivery()

    async def check_room(self, feed: Feed) -> None:
        """Permissions in this room have changed."""
        await self._refresh(list(self._sockets.get(feed.key, ())))

    async def check_person(self, key: str) -> None:
        await self._refresh(self.of_person(key))

    def _all(self) -> list[SocketInRoom]:
        return [socket for sockets in self._sockets.values() for socket in sockets]

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(INTERVAL):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            with surviving("The open sockets were not checked"):
                await self._check_site()

    async def _check_site(self) -> None:
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
            await self._refresh(in_rooms)
        else:
            await self._refresh([socket for socket in in_rooms if not socket.is_known])

    async def _refresh(self, sockets: list[SocketInRoom]) -> None:
        """Read the current permissions of these sockets, 500 at a time, and apply them."""
        for start in range(0, len(sockets), BATCH):
            some = sockets[start : start + BATCH]
            asked = [AccessQuery(socket.feed.key, socket.who, socket.address) for socket in some]
            lookups: list[AccessResult | None] = [None] * len(some)
            with surviving("The open sockets were not checked"):
                lookups = [*await self._threads.run(look_up, asked)]
            for socket, result in zip(some, lookups, strict=True):
                # A socket that has closed meanwhile must not be counted as present again.
                if socket in self._sockets.get(socket.feed.key, ()):
                    with surviving("Permissions could not be applied to an open socket"):
                        _apply(socket, result)


def _apply(socket: SocketInRoom, result: AccessResult | None) -> None:
    if result is None:
        socket.is_known = False  # it is checked again
    elif result.signed_up:
        socket.close_with(CloseCode.RESTART)  # it comes back as the account
    elif not may_enter(socket.feed.state, result.permissions):
        socket.close_with(CloseCode.NOT_ALLOWED)
    else:
        socket.apply_permissions(result)


def _ended(
    sessions: dict[tuple[str, str], int | None],
) -> tuple[dict[tuple[str, str], CloseCode], frozenset[tuple[str, str]]]:
    """The close codes of those sessions that have ended, and the bans from the whole site: one query."""
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
    """The close code of a session that has ended, else None. `current`: the hash of the account's password,
    None if the account is gone or disabled."""
    is_current = current is not None and hmac.compare_digest(current, hash_)
    if is_kept and is_current:
        return None
    # The browser in which the password was changed has been given another session key.
    has_another_key = current is not None and not is_kept and not is_current
    return CloseCode.RESTART if has_another_key else CloseCode.SIGN_IN


def _signed_up_lately() -> set[str]:
    """The public ids of the 200 accounts that signed up last."""
    rows = Participant.objects.filter(user__isnull=False).order_by("-user_id")
    return set(rows.values_list("key", flat=True)[:RECENT_ACCOUNTS])
