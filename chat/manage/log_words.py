"""The audit log in its reader's language."""

from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from ..journal.handlers.audit import BETWEEN, WITH_ADDRESS
from ..journal.room_settings import ROOM_SETTINGS
from ..models import AuditEntry
from ..text.durations import code_in_words

SENTENCES: Final = {
    "mute": _("{who} muted {whom}"),
    "unmute": _("{who} unmuted {whom}"),
    "kick": _("{who} kicked {whom}"),
    "ban": _("{who} banned {whom}"),
    "unban": _("{who} unbanned {whom}"),
    "purge": _("{who} deleted all messages by {whom}"),
    "pin": _("{who} pinned a message"),
    "unpin": _("{who} unpinned a message"),
    "promote": _("{who} made {whom} a moderator"),
    "demote": _("{who} made {whom} a member again"),
    "admit": _("{who} let {whom} in"),
    "dismiss": _("{who} sent {whom} out"),
    "hand_over": _("{who} handed the room over to {whom}"),
    "offer": _("{who} offered the room to {whom}"),
    "accept": _("{who} accepted the room"),
    "decline": _("{who} ended the offer of the room"),
    "leave": _("{who} left the room"),
    "succeed": _("{who} took over as owner"),
    "delete": _("{who} deleted a message by {whom}"),
    "edit": _("{who} edited a message by {whom}"),
    "settle": _("{who} kept a reported message by {whom}"),
    "settings": _("{who} changed the settings"),
    "invite": _("{who} made an invite link"),
    "revoke": _("{who} revoked an invite link"),
}

VALUES: Final = {"True": _("yes"), "False": _("no"), "None": _("none")}


def sentence_of(entry: AuditEntry) -> SafeString:
    """Who did what to whom, as HTML."""
    sentence = gettext(SENTENCES.get(entry.act, f"{{who}}: {entry.act} {{whom}}"))
    who = entry.actor_name or gettext("The site")
    whom = entry.target_name or gettext("Deleted account")
    return format_html(sentence, who=_name(who), whom=_name(whom))


def detail_of(entry: AuditEntry) -> str:
    """The details of an act, in one line. What people wrote stays as it is."""
    first, *rest = entry.detail.split(BETWEEN)
    match entry.act:
        case "settings":
            return BETWEEN.join(_setting(*part.partition(": ")) for part in (first, *rest))
        case "mute":
            first = code_in_words(first)
        case "ban":
            time = code_in_words(first.removesuffix(WITH_ADDRESS))
            with_address = gettext("%(time)s, with the network address") % {"time": time}
            first = with_address if first.endswith(WITH_ADDRESS) else time
        case "purge" if first.isdecimal():
            count = int(first)
            first = ngettext("%(n)d message", "%(n)d messages", count) % {"n": count}
    return BETWEEN.join([first, *rest])


def _name(name: str) -> SafeString:
    return format_html('<bdi class="name">{}</bdi>', name)


def _setting(name: str, colon: str, value: str) -> str:
    words = str(ROOM_SETTINGS[name].in_log) if name in ROOM_SETTINGS else name
    return words + colon + (gettext(VALUES[value]) if value in VALUES else value)
