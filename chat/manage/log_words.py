"""The words in which the audit log is shown."""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from ..journal.handlers.audit import BETWEEN
from ..journal.room_settings import ROOM_SETTINGS

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

VALUES: Final = {"True": _("yes"), "False": _("no"), "None": _("none")}


def words_of(act: str) -> str:
    return gettext(WORDS[act]) if act in WORDS else act


def detail_of(act: str, detail: str) -> str:
    """The detail of an act; names of settings and their values as people know them."""
    if act != "settings":
        return detail
    return BETWEEN.join(_setting(*part.partition(": ")) for part in detail.split(BETWEEN))


def _setting(name: str, colon: str, value: str) -> str:
    words = str(ROOM_SETTINGS[name].in_log) if name in ROOM_SETTINGS else name
    return words + colon + (gettext(VALUES[value]) if value in VALUES else value)
