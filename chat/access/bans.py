"""Whom a ban concerns: the one rule that sockets, pages and the journal share.

A ban in force (by the database's clock) is of one room or of the whole site. It keeps out the person whom it
names by public id, and everybody whose address is in its network. Moderators and owners are exempt from the
networks banned in their own room, but not from those banned from the site. (`permissions` exempts staff.)
The journal knows no addresses, so it asks for public ids alone; networks are kept out by closing sockets.
"""

from collections.abc import Collection
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from ..database.statements import marks, now
from ..models import Ban
from ..protocol.roles import Role
from .client_address import network as network_named


class BanRule(NamedTuple):
    room_key: str | None
    """None: the whole site."""
    participant_key: str
    network: str

    def concerns(self, key: str, role: Role, address: str, room_key: str) -> bool:
        """Whether it keeps this person (public id, role there, address) out of the room."""
        if self.room_key not in (None, room_key):
            return False
        if self.participant_key and self.participant_key == key:
            return True
        is_exempt = self.room_key is not None and role in (Role.MODERATOR, Role.OWNER)
        return not is_exempt and is_in(address, self.network)

    @classmethod
    def of(cls, ban: Ban) -> "BanRule":
        return cls(ban.room.key if ban.room else None, ban.participant_key, ban.network)


def concerns_people_sql(keys: Collection[str]) -> str:
    """Whether a ban `b` may concern one of these people: an SQL condition, with a placeholder for each id."""
    return f"{_in_force_sql()} AND (b.participant_key IN ({marks(keys)}) OR b.network <> '')"


def names_person_sql(key: str, room_id: str) -> str:
    """The rule for a public id alone, as an SQL condition on these SQL expressions."""
    return (
        f"EXISTS (SELECT 1 FROM chat_ban b WHERE b.participant_key = {key}"  # noqa: S608  the callers' constants
        f" AND (b.room_id = {room_id} OR b.room_id IS NULL) AND {_in_force_sql()})"
    )


def _in_force_sql() -> str:
    return f"(b.until IS NULL OR b.until > {now()})"


def is_in(address: str, network: str) -> bool:
    """Whether the address is of the network; not if either is empty or malformed."""
    try:
        return bool(network and address) and _address(address) in network_named(network)
    except ValueError:
        return False


# A thousand who connect at once are compared with every banned network: parsing is most of the work.
_address = lru_cache(1024)(ip_address)
