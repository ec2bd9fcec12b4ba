"""Slash commands: what a message that begins with a slash and a word means. Pure."""

import re
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Final, NamedTuple
from uuid import UUID

from msgspec.structs import replace

from .codec import ProtocolError
from .commands import Act, Configure, Moderate, Post, Rename, Write
from .limits import TEXT_MAX
from .text import Text
from .text import mark as _

# `/etc/passwd` and `/ hello` are messages.
COMMAND: Final = re.compile(r"/([^\W\d_]+)(?:\s+(.*))?", re.DOTALL)
QUOTED: Final = re.compile(r'["“”„](.+?)["“”](?:\s+(.*))?', re.DOTALL)
MINUTES_MAX: Final = 10 * 366 * 24 * 60
PLACE_MAX: Final = 2**63 - 1
REASON_MAX: Final = 500
WORD_SHOWN: Final = 40  # characters of a word that is no command
ON: Final = frozenset({"on", "yes", "1"})
OFF: Final = frozenset({"off", "no", "0"})

Parse = Callable[[UUID, str], Write | None]
"""From the arguments to the command, with the post's client_id; None when they do not fit."""


class Needs(Enum):
    """What one must be to give a command (`access.permissions.meets`)."""

    ANYBODY = auto()
    MEMBERSHIP = auto()
    """A member or a moderator: an owner cannot leave."""
    MODERATOR = auto()
    OWNER = auto()
    OFFER = auto()
    """The owner has offered them the room."""
    OFFER_OR_OWNER = auto()


class SlashCommand(NamedTuple):
    parse: Parse
    usage: str
    help: str
    """In English; to be translated."""
    needs: Needs = Needs.MODERATOR


class Help(NamedTuple):
    client_id: UUID


def meaning_of(post: Post) -> Write | Help:
    """The command that a message gives, else the message itself; of two slashes at its beginning one is
    removed. `/me` is a message, and to its readers markup, which a backslash prevents. Raises ProtocolError
    (`invalid`) for an unknown command and for arguments that do not fit."""
    text = post.message.strip()
    # The journal refuses a text that is too long: it is not parsed.
    match = COMMAND.fullmatch(text) if len(text) <= TEXT_MAX else None
    if match is None:
        if not text.startswith("//"):
            return post
        return replace(post, message="\\" * text.startswith("//me ") + text[1:])
    word, arguments = match[1].lower(), (match[2] or "").strip()
    if post.files and word != "me":
        raise ProtocolError("invalid.command_files", post.client_id)
    if word == "help":
        return Help(post.client_id)
    command = COMMANDS.get(word)
    if command is None:
        raise ProtocolError("invalid.command", post.client_id, word=match[1][:WORD_SHOWN])
    meant = command.parse(post.client_id, arguments)
    if meant is None:
        raise ProtocolError("invalid.usage", post.client_id, usage=command.usage)
    if isinstance(meant, Post):
        return replace(post, message=meant.message)
    if isinstance(meant, Moderate) and meant.act is Act.PIN and meant.sequence is None:
        return replace(meant, sequence=post.reply_to)
    return meant


def help_lines(may_give: Callable[[Needs], bool]) -> list[tuple[str, Text]]:
    """The commands that one may give: how each is used, and what it does."""
    known = [(one.usage, Text(one.help)) for one in COMMANDS.values() if may_give(one.needs)]
    return [*known, ("//word", Text(_("say “/word”")))]


# --- Arguments ---


def _with_name(act: Act) -> Parse:
    """The rest of the line is a name, in quotation marks or not."""

    def parse(client_id: UUID, arguments: str) -> Write | None:
        name, behind = _quoted(arguments)
        if behind:
            return None
        return Moderate(client_id, act, name=name or arguments) if arguments else None

    return parse


def _with_minutes(act: Act) -> Parse:
    """A name, then minutes, then a reason. Without quotation marks the name ends before the last number of
    the first group of numbers: a name may have one itself."""

    def parse(client_id: UUID, arguments: str) -> Write | None:
        name, behind = _quoted(arguments)
        if not name:
            name, behind = _split_at_minutes(arguments)
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


def _quoted(arguments: str) -> tuple[str, str]:
    """A name in quotation marks and what follows it; empty without one."""
    match = QUOTED.fullmatch(arguments)
    return (match[1].strip(), (match[2] or "").strip()) if match else ("", "")


def _split_at_minutes(arguments: str) -> tuple[str, str]:
    words = arguments.split()
    last = next((place for place in range(1, len(words)) if _is_number(words[place])), len(words))
    while last + 1 < len(words) and _is_number(words[last + 1]):
        last += 1
    return " ".join(words[:last]), " ".join(words[last:])


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= len(str(PLACE_MAX))


def _topic(client_id: UUID, arguments: str) -> Write | None:
    topic = "" if arguments.lower() == "off" else arguments
    return Configure(client_id, topic=topic) if arguments else None


def _slow(client_id: UUID, arguments: str) -> Write | None:
    if arguments.lower() in OFF:
        return Configure(client_id, slow_mode=0)
    fits = _is_number(arguments) and int(arguments) <= 60 * MINUTES_MAX
    return Configure(client_id, slow_mode=int(arguments)) if fits else None


def _readonly(client_id: UUID, arguments: str) -> Write | None:
    if arguments.lower() not in ON | OFF:
        return None
    return Configure(client_id, read_only=arguments.lower() in ON)


def _me(client_id: UUID, arguments: str) -> Write | None:
    return Post(client_id, f"/me {arguments}") if arguments else None


def _nick(client_id: UUID, arguments: str) -> Write | None:
    return Rename(client_id, arguments) if arguments else None


def _pin(client_id: UUID, arguments: str) -> Write | None:
    """By its number too, which the audit log shows."""
    if not arguments:
        return Moderate(client_id, Act.PIN)
    number = arguments.removeprefix("#")
    fits = _is_number(number) and 0 < int(number) <= PLACE_MAX
    return Moderate(client_id, Act.PIN, sequence=int(number)) if fits else None


def _alone(act: Act) -> Parse:
    return lambda client_id, arguments: None if arguments else Moderate(client_id, act)


COMMANDS: Final[Mapping[str, SlashCommand]] = {
    "me": SlashCommand(_me, "/me text", _("say what you do, “* Alice waves”"), Needs.ANYBODY),
    "nick": SlashCommand(_nick, "/nick name", _("take another name"), Needs.ANYBODY),
    "topic": SlashCommand(_topic, "/topic text|off", _("what this room is about")),
    "slow": SlashCommand(_slow, "/slow seconds|off", _("seconds between two messages of a person")),
    "readonly": SlashCommand(_readonly, "/readonly on|off", _("only moderators can write")),
    "pin": SlashCommand(_pin, "/pin", _("pin the message you reply to, or else the last one")),
    "unpin": SlashCommand(_alone(Act.UNPIN), "/unpin", _("unpin the pinned message")),
    "mute": SlashCommand(_with_minutes(Act.MUTE), "/mute name [minutes]", _("mute somebody")),
    "unmute": SlashCommand(_with_name(Act.UNMUTE), "/unmute name", _("unmute them")),
    "kick": SlashCommand(_with_name(Act.KICK), "/kick name", _("kick somebody out for a minute")),
    "ban": SlashCommand(_with_minutes(Act.BAN), "/ban name [minutes [reason]]", _("ban somebody")),
    "unban": SlashCommand(_with_name(Act.UNBAN), "/unban name", _("unban them")),
    "purge": SlashCommand(_with_name(Act.PURGE), "/purge name", _("delete all messages by somebody")),
    "admit": SlashCommand(_with_name(Act.ADMIT), "/admit name", _("make somebody a member")),
    "dismiss": SlashCommand(_with_name(Act.DISMISS), "/dismiss name", _("remove somebody as member")),
    "mod": SlashCommand(_with_name(Act.PROMOTE), "/mod name", _("make somebody a moderator"), Needs.OWNER),
    "unmod": SlashCommand(
        _with_name(Act.DEMOTE), "/unmod name", _("remove somebody as moderator"), Needs.OWNER
    ),
    "handover": SlashCommand(
        _with_name(Act.HAND_OVER), "/handover name", _("offer somebody the room"), Needs.OWNER
    ),
    "accept": SlashCommand(
        _alone(Act.ACCEPT), "/accept", _("become the owner of the room you are offered"), Needs.OFFER
    ),
    "decline": SlashCommand(
        _alone(Act.DECLINE), "/decline", _("decline the room, or withdraw your offer"), Needs.OFFER_OR_OWNER
    ),
    "leave": SlashCommand(
        _alone(Act.LEAVE), "/leave", _("stop being a member of the room"), Needs.MEMBERSHIP
    ),
}
