"""The codes of docs/PROTOCOL.md with which something is refused, and their English texts. Pure.

A key is a code; where a code has several texts, the others' keys are the code, a dot and a word.
"""

from collections.abc import Mapping
from typing import Any, Final

from .text import Text
from .text import mark as _

ERRORS: Final[Mapping[str, str]] = {
    "ambiguous": _("Several people here have this name. Use the menu at their name instead."),
    "bad_frame": _("This is not a JSON object in a text frame."),
    "banned": _("You are banned from this room."),
    "busy": _("Too many messages at once. Wait a moment."),
    "busy.journal": _("the journal is full"),
    "busy.search": _("Too many people search at the same time. Wait a moment."),
    "busy.upload": _("This file is being sent already."),
    "busy.uploads": _("Many files are being sent now. Wait a moment."),
    "closed": _("This room is closed."),
    "conflict": _("The message has changed since you saw it."),
    "disk_full": _("The server has no room for this file now."),
    "empty": _("A message needs at least one character."),
    "empty.name": _("A name needs at least one character."),
    "empty.query": _("Type what you want to find."),
    "file_gone": _("A file of this message is no longer here. Add it again."),
    "filtered": _("This message has words that are not wanted here."),
    "forbidden": _("You may not do this here."),
    "forbidden.account_disabled": _("This account is disabled."),
    "forbidden.account_gone": _("This account is gone."),
    "forbidden.cannot_enter": _("%(name)s cannot enter this room. Let them in first."),
    "forbidden.files": _("Nobody may send files here."),
    "forbidden.files_of_guests": _("Sign in to send files."),
    "forbidden.no_ticket": _("This file may not be sent here, or no longer. Ask again."),
    "forbidden.not_your_message": _("This is not your message."),
    "forbidden.owner_leaves": _("You own this room. Hand it over first, or close it for good."),
    "forbidden.owner_not_away": _("The owner has not been away for long enough."),
    "invalid": _("A field is missing or does not fit."),
    "invalid.banned": _("%(name)s is banned from this room."),
    "invalid.characters": _("This text has characters that cannot be stored."),
    "invalid.command": _("There is no command /%(word)s. To say it, begin with two slashes."),
    "invalid.command_files": _("A command takes no files."),
    "invalid.date": _("A date is written as year, month and day, for example 2026-11-28."),
    "invalid.duration": _("How long? At least a second."),
    "invalid.emoji": _("A reaction is an emoji."),
    "invalid.file_length": _("This is not as many bytes as were announced."),
    "invalid.file_size": _("This file is empty."),
    "invalid.filter_characters": _("The words of the filter have at most %(max)d characters in all."),
    "invalid.filter_words": _("The word filter has at most %(max)d words."),
    "invalid.has": _("A message has a link or a file: has:link, has:file."),
    "invalid.mentions": _("Messages that mention you are found by mentions:me."),
    "invalid.name": _("This name has characters that cannot be shown."),
    "invalid.number": _("This is a number from %(least)d to %(most)d."),
    "invalid.oneself": _("You cannot block yourself."),
    "invalid.own_message": _("This is your own message."),
    "invalid.password": _("This password has characters that cannot be stored."),
    "invalid.password_length": _("A password has at most %(max)d characters."),
    "invalid.setting": _("There is no such setting."),
    "invalid.usage": _("It is used so: %(usage)s"),
    "invalid.whom": _("Say whom."),
    "length_required": _("The length of the file must be said in advance."),
    "muted": _("You are muted in this room."),
    "name_taken": _("Somebody with an account has this name, or one that looks like it."),
    "not_an_image": _("This image is damaged."),
    "not_found": _("There is no such message."),
    "not_found.file": _("This file is no longer awaited."),
    "not_found.offer": _("Nobody has offered you this room."),
    "not_found.person": _("There is nobody of this name here."),
    "not_found.room": _("Nobody has said anything in this room yet."),
    "quota.address": _("%(max)d MB of files came from your network within a day. Try again later."),
    "quota.participant": _("You have sent %(max)d MB of files already. Delete some first."),
    "quota.room": _("This room has %(max)d MB of files already."),
    "quota.site": _("This site has no room for more files."),
    "read_only": _("Only moderators talk in this room."),
    "slow": _("The file came too slowly."),
    "slow_mode": _("Slow mode: one message in %(seconds)d s."),
    "too_fast": _("You are too fast. Wait a moment."),
    "too_fast.uploads": _("Two files at a time. Wait a moment."),
    "too_fast.mentions": _("A minute has 30 mentions. This is sent in a moment."),
    "too_large": _("This frame is larger than 64 KiB."),
    "too_large.file": _("A file has at most %(max)d MB."),
    "too_long": _("A message has at most %(max)d characters."),
    "too_long.line": _("This has at most %(max)d characters."),
    "too_long.name": _("A name has at most %(max)d characters."),
    "too_long.query": _("A search has at most %(max)d characters."),
    "too_many.admitted": _("%(max)d people whom you let in have not come yet."),
    "too_many.blocks": _("You have blocked %(max)d people already."),
    "too_many.reactions": _("There are too many different reactions already."),
    "too_many_pixels": _("This image has too many pixels."),
    "unavailable": _("The database is away. It is tried again."),
    "unavailable.failed": _("This could not be stored. Try again."),
    "unavailable.not_now": _("This could not be stored now. It is tried again."),
    "unavailable.storage": _("Files cannot be stored now. Try again."),
    "unavailable.signed_in": _("You have signed in. This is sent again."),
    "unknown_type": _("There is no such command."),
}


def code_of(key: str) -> str:
    """The code on the wire."""
    return key.partition(".")[0]


def text_of(key: str, parameters: Mapping[str, Any] | None = None) -> Text:
    return Text(ERRORS[key], parameters or {})
