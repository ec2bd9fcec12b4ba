"""What stands in the audit log, in people's words."""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from ..journal.handlers.audit import BETWEEN

WORDS: Final = {
    "mute": _("muted"),
    "unmute": _("let speak again"),
    "kick": _("kicked"),
    "ban": _("banned"),
    "unban": _("lifted the ban of"),
    "purge": _("deleted every message of"),
    "pin": _("pinned a message"),
    "unpin": _("took the pinned message down"),
    "promote": _("made a moderator of"),
    "demote": _("made a member again of"),
    "admit": _("let in"),
    "dismiss": _("sent out"),
    "hand_over": _("handed the room over to"),
    "offer": _("offered the room to"),
    "accept": _("accepted the room"),
    "decline": _("ended the offer of the room"),
    "leave": _("left the room"),
    "succeed": _("succeeded the owner"),
    "delete": _("deleted a message of"),
    "edit": _("changed a message of"),
    "settle": _("left a reported message of"),
    "settings": _("changed the settings"),
    "invite": _("made an invite link"),
    "revoke": _("revoked an invite link"),
}


SETTINGS: Final = {
    "topic": _("topic"),
    "is_private": _("private"),
    "password": _("password"),
    "is_read_only": _("read-only"),
    "slow_mode": _("slow mode"),
    "retention_days": _("days until a message is removed"),
    "is_hidden": _("hidden"),
    "closed": _("closed"),
    "filter_words": _("words of the filter"),
    "filter_action": _("what the filter does"),
    "succession_days": _("days until a moderator may succeed"),
}
VALUES: Final = {"True": _("yes"), "False": _("no"), "None": _("none")}


def words_of(act: str) -> str:
    return gettext(WORDS[act]) if act in WORDS else act


def detail_of(act: str, detail: str) -> str:
    """The settings under the names that people know."""
    if act != "settings":
        return detail
    return BETWEEN.join(_setting(*part.partition(": ")) for part in detail.split(BETWEEN))


def _setting(name: str, colon: str, value: str) -> str:
    name = gettext(SETTINGS[name]) if name in SETTINGS else name
    return name + colon + (gettext(VALUES[value]) if value in VALUES else value)
