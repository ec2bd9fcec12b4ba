"""Whom a post or an edit names: who of the room is meant, and for whom it counts."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from django.db.models import Q
from msgspec import to_builtins

from ... import protocol
from ...access.lookup import Person
from ...access.permissions import may_enter
from ...access.rate_limits import mention_limiter
from ...models import Ban, Block, Connection, Mention, Message, Participant, Room
from ...models.mention import Kind
from ...protocol.limits import MENTIONS_MAX
from ...protocol.roles import Role
from ...text.mentions import HERE, folded
from ..bodies import Body
from ..mentions import NewMention
from ..types import Refused, refused
from .actions import Action

HERE_PAUSE: Final = datetime.timedelta(minutes=1)  # between two `@here` of a room


class Found(NamedTuple):
    shown: tuple[protocol.Mention, ...] = ()
    kinds: Mapping[int, Kind] = {}
    """By participant (id): how it counts for them."""

    @property
    def column(self) -> Any:
        """As the message's row keeps what is shown."""
        return to_builtins(self.shown) or None

    @property
    def of_here(self) -> bool:
        return any(mention.id is None for mention in self.shown)

    def rows(self, room_id: int, sequence: int) -> list[NewMention]:
        return [NewMention(room_id, sequence, person, kind) for person, kind in self.kinds.items()]


def find_mentions(action: Action[Any], body: Body, before: Message | None = None) -> Found | Refused:
    """Whom the text names, of those who may read the room: at most 10, and `@here`. `before`: the message
    that is edited; whom it names already stays named, under the name that was written. Refusal:
    `too_fast`."""
    if not body.places:
        return Found()
    old = {entry.get("id"): entry["name"] for entry in (before and before.mentions) or []}
    readers, names = _readers(action, body, old)
    added = sum(person.key not in old for person in readers)
    if added and (wait := mention_limiter.wait(action.author.key, added)):
        return refused("too_fast.mentions", retry_after=wait)
    mention_limiter.record(action.author.key, added)
    here = _here(action, body, before, was_here=None in old)
    kinds = {person.id: Kind.NAME for person in readers}
    if here and before is None:
        kinds = dict.fromkeys(_present(action), Kind.HERE) | kinds
    if kinds:
        blockers = Block.objects.filter(participant__in=kinds, blocked_key=action.author.key)
        kinds |= dict.fromkeys(blockers.values_list("participant_id", flat=True), Kind.SILENT)
    shown = [protocol.Mention(names[person.key], person.key) for person in readers]
    return Found((*shown, protocol.Mention(here)) if here else tuple(shown), kinds)


def _readers(
    action: Action[Any], body: Body, old: Mapping[str | None, str]
) -> tuple[list[Person], dict[str, str]]:
    """The people whom the text names, and the names that were written, by public id."""
    names = dict[str, str]()
    for key, name in _meant(action, body, old):
        if key != action.author.key and len(names) < MENTIONS_MAX:
            names.setdefault(key, name)
    if not names:
        return [], names
    transaction, room = action.transaction, action.room
    guests = transaction.people_named(room).guests
    people = transaction.find_people(room, list(names), {key: guests[key] for key in names if key in guests})
    return [p for p in people if may_enter(room.state, transaction.permissions_of(room, p))], names


def _meant(action: Action[Any], body: Body, old: Mapping[str | None, str]) -> Iterator[tuple[str, str]]:
    """Public ids with the names under which they are written. At each place the longest name wins; a name
    that several people have means none of them."""
    wanted = action.command.mentions
    named = action.transaction.people_named(action.room).names
    kept = {folded(name): key for key, name in old.items() if key}
    for place in body.places:
        for name in place:
            keys = set(named.get(name.folded, ()))
            if (key := kept.get(name.folded)) and (wanted is None or key in wanted):
                keys = {key}
            if wanted is not None:
                keys &= {*wanted}
            if keys:
                if len(keys) == 1 and f"@{name.written}" in body.text:
                    yield keys.pop(), name.written
                break


def _here(action: Action[Any], body: Body, before: Message | None, *, was_here: bool) -> str | None:
    """`here` as it was written, where it names those who are present: in a moderator's post, once a minute
    in a room. An edit may only keep it."""
    words = (name.written for place in body.places for name in place if name.folded == HERE)
    written = next(words, None)
    if not written or f"@{written}" not in body.text:
        return None
    if before:
        return written if was_here else None
    if not action.permissions.moderates:
        return None
    now = action.room.now
    allowed = Q(here_at=None) | Q(here_at__lte=now - HERE_PAUSE)
    is_first = Room.objects.filter(allowed, pk=action.room.row.id).update(here_at=now)
    return written if is_first else None


def _present(action: Action[Any]) -> list[int]:
    """The participants (ids) who are here now and may read the room, but for the author."""
    room = action.room.row
    here = Connection.objects.live().filter(room_key=room.key)
    banned = Ban.objects.in_force().filter(Q(room=room.id) | Q(room=None))
    people = Participant.objects.filter(key__in=here.values("participant_key")).exclude(
        Q(pk=action.author.id) | Q(key__in=banned.values("participant_key"))
    )
    if room.is_private or room.password:
        people = people.filter(
            memberships__room=room.id, memberships__role__in=(Role.MEMBER, Role.MODERATOR, Role.OWNER)
        )
    return list(people.values_list("pk", flat=True))


def replace_mentions(action: Action[Any], message: Message, found: Found) -> None:
    """Those of a message that is edited: what it names no more is withdrawn."""
    gone = Mention.objects.filter(message=message).exclude(participant__in=found.kinds)
    (gone.exclude(kind=Kind.HERE) if found.of_here else gone).delete()
    action.transaction.mention(found.rows(action.room.row.id, message.sequence))
    message.mentions = found.column
