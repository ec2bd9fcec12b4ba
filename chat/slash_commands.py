"""Slash commands: a message that begins with a slash and a word is an act. Pure but for translations."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec.structs import replace

from .access.permissions import Standing
from .journal.types import Refused, refused
from .models import Role
from .protocol.commands import Act, Configure, Moderate, Post, Rename, Write
from .protocol.limits import TEXT_MAX

# `/etc/passwd` and `/ hello` are messages.
COMMAND: Final = re.compile(r"/([^\W\d_]+)(?:\s+(.*))?", re.DOTALL)
QUOTED: Final = re.compile(r'["“”„](.+?)["“”](?:\s+(.*))?', re.DOTALL)
MINUTES_MAX: Final = 10 * 366 * 24 * 60
PLACE_MAX: Final = 2**63 - 1
REASON_MAX: Final = 500
ON: Final = frozenset({"on", "yes", "1"})
OFF: Final = frozenset({"off", "no", "0"})

Parse = Callable[[UUID, str], Write | None]
"""From what stands behind the word to the act, with the post's client_id; None when it does not fit."""


@dataclass(frozen=True, slots=True)
class SlashCommand:
    parse: Parse
    usage: str
    help: Promise | str


def act_of(post: Post, standing: Standing) -> Write | Refused | str | None:
    """The command that a message stands for, a text for its author, or None: it is a message."""
    text = post.message.strip()
    # What is too long to be said is not looked into: the journal refuses it.
    match = COMMAND.fullmatch(text) if len(text) <= TEXT_MAX else None
    if match is None:
        return None
    word, rest = match[1].lower(), (match[2] or "").strip()
    if word == "help":
        return _help(standing)
    command = COMMANDS.get(word)
    if command is None:
        return refused("invalid.command", word=match[1][:40])
    act = command.parse(post.client_id, rest)
    if act is None:
        return refused("invalid.usage", usage=command.usage)
    is_answer_pinned = isinstance(act, Moderate) and act.act is Act.PIN and act.sequence is None
    return replace(act, sequence=post.reply_to) if is_answer_pinned else act


def unescaped(post: Post) -> Post:
    """A message that begins with two slashes is said with one."""
    text = post.message.lstrip()
    return replace(post, message=text[1:]) if text.startswith("//") else post


def _help(standing: Standing) -> str:
    """The commands that one may give."""
    known = [command for word, command in COMMANDS.items() if NEEDS.get(word, _moderates)(standing)]
    lines = [f"{command.usage} – {command.help}" for command in known]
    return "\n".join([*lines, _("//word – say “/word”")])


# --- What stands behind the word ---


def _with_name(act: Act) -> Parse:
    """The rest of the line is a name, in quotation marks or not."""

    def parse(client_id: UUID, rest: str) -> Write | None:
        name, behind = _quoted(rest)
        if behind:
            return None
        return Moderate(client_id, act, name=name or rest) if rest else None

    return parse


def _with_minutes(act: Act) -> Parse:
    """A name, then minutes, then a reason. Without quotation marks the name ends before the last number of
    the first group of numbers: a name may have one itself."""

    def parse(client_id: UUID, rest: str) -> Write | None:
        name, behind = _quoted(rest)
        if not name:
            name, behind = _split_at_minutes(rest)
        if not name:
            return None
        number, _space, reason = (behind or "").partition(" ")
        if not _is_number(number):
            return Moderate(client_id, act, name=name, reason=(behind or "")[:REASON_MAX])
        minutes = int(number)
        if not 0 < minutes <= MINUTES_MAX:
            return None
        return Moderate(client_id, act, name=name, seconds=60 * minutes, reason=reason.strip()[:REASON_MAX])

    return parse


def _quoted(rest: str) -> tuple[str, str]:
    """A name in quotation marks and what stands behind it; empty without one."""
    match = QUOTED.fullmatch(rest)
    return (match[1].strip(), (match[2] or "").strip()) if match else ("", "")


def _split_at_minutes(rest: str) -> tuple[str, str]:
    words = rest.split()
    last = next((place for place in range(1, len(words)) if _is_number(words[place])), len(words))
    while last + 1 < len(words) and _is_number(words[last + 1]):
        last += 1
    return " ".join(words[:last]), " ".join(words[last:])


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= len(str(PLACE_MAX))


def _topic(client_id: UUID, rest: str) -> Write | None:
    """`/topic off` takes it away."""
    topic = "" if rest.lower() == "off" else rest
    return Configure(client_id, topic=topic) if rest else None


def _slow(client_id: UUID, rest: str) -> Write | None:
    if rest.lower() in OFF:
        return Configure(client_id, slow_mode=0)
    fits = _is_number(rest) and int(rest) <= 60 * MINUTES_MAX
    return Configure(client_id, slow_mode=int(rest)) if fits else None


def _readonly(client_id: UUID, rest: str) -> Write | None:
    if rest.lower() not in ON | OFF:
        return None
    return Configure(client_id, read_only=rest.lower() in ON)


def _nick(client_id: UUID, rest: str) -> Write | None:
    return Rename(client_id, rest) if rest else None


def _pin(client_id: UUID, rest: str) -> Write | None:
    """By its number too, which the audit log shows."""
    if not rest:
        return Moderate(client_id, Act.PIN)
    number = rest.removeprefix("#")
    fits = _is_number(number) and 0 < int(number) <= PLACE_MAX
    return Moderate(client_id, Act.PIN, sequence=int(number)) if fits else None


def _alone(act: Act) -> Parse:
    """Nothing stands behind the word."""
    return lambda client_id, rest: None if rest else Moderate(client_id, act)


COMMANDS: Final[Mapping[str, SlashCommand]] = {
    "nick": SlashCommand(_nick, "/nick name", gettext_lazy("take another name")),
    "topic": SlashCommand(_topic, "/topic text|off", gettext_lazy("what this room is about")),
    "slow": SlashCommand(_slow, "/slow seconds|off", gettext_lazy("one message a person in so many seconds")),
    "readonly": SlashCommand(_readonly, "/readonly on|off", gettext_lazy("only moderators talk")),
    "pin": SlashCommand(_pin, "/pin", gettext_lazy("pin the message you reply to, or else the last one")),
    "unpin": SlashCommand(_alone(Act.UNPIN), "/unpin", gettext_lazy("take the pinned message down")),
    "mute": SlashCommand(
        _with_minutes(Act.MUTE), "/mute name [minutes]", gettext_lazy("let somebody read and not talk")
    ),
    "unmute": SlashCommand(_with_name(Act.UNMUTE), "/unmute name", gettext_lazy("let them talk again")),
    "kick": SlashCommand(_with_name(Act.KICK), "/kick name", gettext_lazy("send somebody out for a minute")),
    "ban": SlashCommand(
        _with_minutes(Act.BAN), "/ban name [minutes [reason]]", gettext_lazy("keep somebody out")
    ),
    "unban": SlashCommand(_with_name(Act.UNBAN), "/unban name", gettext_lazy("let them come back")),
    "purge": SlashCommand(
        _with_name(Act.PURGE), "/purge name", gettext_lazy("delete everything that somebody said here")
    ),
    "admit": SlashCommand(_with_name(Act.ADMIT), "/admit name", gettext_lazy("make somebody a member")),
    "dismiss": SlashCommand(
        _with_name(Act.DISMISS), "/dismiss name", gettext_lazy("end somebody's membership")
    ),
    "mod": SlashCommand(_with_name(Act.PROMOTE), "/mod name", gettext_lazy("make somebody a moderator")),
    "unmod": SlashCommand(_with_name(Act.DEMOTE), "/unmod name", gettext_lazy("take that back")),
    "handover": SlashCommand(
        _with_name(Act.HAND_OVER), "/handover name", gettext_lazy("offer somebody the room")
    ),
    "accept": SlashCommand(
        _alone(Act.ACCEPT), "/accept", gettext_lazy("become the owner of the room that you are offered")
    ),
    "decline": SlashCommand(
        _alone(Act.DECLINE), "/decline", gettext_lazy("decline the room, or take your offer back")
    ),
    "leave": SlashCommand(_alone(Act.LEAVE), "/leave", gettext_lazy("stop being a member of the room")),
}

_moderates = attrgetter("moderates")
_owns = attrgetter("owns")
NEEDS: Final[Mapping[str, Callable[[Standing], bool]]] = {
    "nick": lambda standing: True,
    **dict.fromkeys(("mod", "unmod", "handover"), _owns),
    "accept": attrgetter("offered"),
    "decline": lambda standing: standing.offered or standing.owns,
    "leave": lambda standing: standing.role in (Role.MEMBER, Role.MODERATOR),
}
"""Who may give a command; the others are for moderators."""
