"""The codes of docs/PROTOCOL.md with which something is refused, and their English texts. Pure.

A key is a code; where a code has several texts, the others' keys are the code, a dot and a word.
"""

from collections.abc import Mapping
from typing import Any, Final

from .text import Text
from .text import mark as _

ERRORS: Final[Mapping[str, str]] = {
    "ambiguous": _("Several people here have that name. Use the menu next to their name instead."),
    "bad_frame": _("This is not a JSON object in a text frame."),
    "banned": _("You are banned from this room."),
    "busy": _("Too many messages at once. Wait a moment."),
    "busy.journal": _("the journal is full"),
    "busy.search": _("Too many people are searching. Wait a moment."),
    "busy.upload": _("This file is already being uploaded."),
    "busy.uploads": _("Many files are being uploaded. Wait a moment."),
    "closed": _("This room is closed."),
    "conflict": _("The message has changed since you saw it."),
    "disk_full": _("The server has no space for this file right now."),
    "empty": _("A message needs at least one character."),
    "empty.name": _("A name needs at least one character."),
    "empty.query": _("Type what you want to find."),
    "file_gone": _("A file of this message is no longer stored. Add it again."),
    "filtered": _("This message contains words that are not allowed here."),
    "forbidden": _("You are not allowed to do this here."),
    "forbidden.account_disabled": _("This account is disabled."),
    "forbidden.account_gone": _("This account has been deleted."),
    "forbidden.cannot_enter": _("%(name)s cannot enter this room. Make them a member first."),
    "forbidden.files": _("Files are turned off here."),
    "forbidden.files_of_guests": _("Log in to send files."),
    "forbidden.no_ticket": _("This upload is not allowed, or it has expired. Try again."),
    "forbidden.not_your_message": _("This is not your message."),
    "forbidden.owner_leaves": _("You own this room. Hand it over first, or close it permanently."),
    "forbidden.owner_not_away": _("The owner has not been away for long enough."),
    "invalid": _("A field is missing or invalid."),
    "invalid.banned": _("%(name)s is banned from this room."),
    "invalid.characters": _("This text contains characters that cannot be stored."),
    "invalid.command": _("There is no command /%(word)s. To send it as text, start with two slashes."),
    "invalid.command_files": _("Files cannot be sent with a command."),
    "invalid.date": _("Write a date as year, month and day, for example 2026-11-28."),
    "invalid.duration": _("Give a duration of at least one second."),
    "invalid.emoji": _("A reaction has to be an emoji."),
    "invalid.file_length": _("The size of the file is not the one that was announced."),
    "invalid.file_size": _("This file is empty."),
    "invalid.filter_characters": _("The word filter can have at most %(max)d characters in all."),
    "invalid.filter_words": _("The word filter can have at most %(max)d words."),
    "invalid.has": _("Use has:link or has:file."),
    "invalid.mentions": _("Use mentions:me to find messages that mention you."),
    "invalid.name": _("This name contains characters that cannot be shown."),
    "invalid.number": _("Enter a number from %(least)d to %(most)d."),
    "invalid.oneself": _("You cannot block yourself."),
    "invalid.own_message": _("This is your own message."),
    "invalid.password": _("This password contains characters that cannot be stored."),
    "invalid.password_length": _("A password can have at most %(max)d characters."),
    "invalid.setting": _("There is no such setting."),
    "invalid.usage": _("Usage: %(usage)s"),
    "invalid.whom": _("Name a person."),
    "length_required": _("The length of the file must be given in advance."),
    "muted": _("You are muted in this room."),
    "name_taken": _("That name, or one that looks like it, belongs to an account."),
    "not_an_image": _("This image is damaged."),
    "not_found": _("There is no such message."),
    "not_found.file": _("This upload has expired."),
    "not_found.offer": _("Nobody has offered you this room."),
    "not_found.person": _("Nobody here has that name."),
    "not_found.room": _("Nobody has written in this room yet."),
    "quota.address": _("Your network has uploaded %(max)d MB of files within a day. Try again later."),
    "quota.participant": _("You have already uploaded %(max)d MB of files. Delete some first."),
    "quota.room": _("This room already has %(max)d MB of files."),
    "quota.site": _("This site has no space for more files."),
    "read_only": _("Only moderators can write in this room."),
    "slow": _("The upload was too slow."),
    "slow_mode": _("Slow mode: one message every %(seconds)d s."),
    "too_fast": _("Too fast. Wait a moment."),
    "too_fast.uploads": _("Only two files can be uploaded at a time. Wait a moment."),
    "too_fast.mentions": _("You can mention people 30 times a minute. This will be sent in a moment."),
    "too_large": _("This frame is larger than 64 KiB."),
    "too_large.file": _("A file can have at most %(max)d MB."),
    "too_long": _("A message can have at most %(max)d characters."),
    "too_long.line": _("This can have at most %(max)d characters."),
    "too_long.name": _("A name can have at most %(max)d characters."),
    "too_long.query": _("A search can have at most %(max)d characters."),
    "too_many.admitted": _("%(max)d people you added have not come yet."),
    "too_many.blocks": _("You have already blocked %(max)d people."),
    "too_many.reactions": _("This message already has too many different reactions."),
    "too_many_pixels": _("This image has too many pixels."),
    "unavailable": _("The database cannot be reached. Trying again."),
    "unavailable.failed": _("This could not be stored. Try again."),
    "unavailable.not_now": _("This could not be stored yet. Trying again."),
    "unavailable.storage": _("Files cannot be stored right now. Try again."),
    "unavailable.signed_in": _("You have logged in. Sending again."),
    "unknown_type": _("There is no such command."),
}


def code_of(key: str) -> str:
    """The code on the wire."""
    return key.partition(".")[0]


def text_of(key: str, parameters: Mapping[str, Any] | None = None) -> Text:
    return Text(ERRORS[key], parameters or {})
