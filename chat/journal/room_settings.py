"""The settings of a room, in one table for the journal, the form under /manage/ and the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ..access.permissions import RANK, STAFF_RANK
from ..models import FilterAction, Room
from ..protocol.roles import Role
from ..text.cleaning import clean_line, unfit
from ..text.word_filter import CHARACTERS_MAX, WORD_MAX, WORDS_MAX, folded_words

PASSWORD_MAX: Final = 128  # characters


class Kind(Protocol):
    """What a value may be."""

    def clean(self, value: Any) -> Any:
        """The value as it is stored. Raises the ValidationError of `unfit`, or ValueError."""


@dataclass(frozen=True, slots=True)
class Switch:
    def clean(self, value: Any) -> bool:
        return bool(value)


@dataclass(frozen=True, slots=True)
class Line:
    longest: int  # characters

    def clean(self, value: str) -> str:
        return clean_line(value, self.longest)


@dataclass(frozen=True, slots=True)
class Number:
    least: int
    most: int
    may_be_none: bool = False

    def clean(self, value: int | None) -> int | None:
        if value is None and self.may_be_none:
            return None
        if value is None or not self.least <= value <= self.most:
            raise unfit("invalid.number", least=self.least, most=self.most)
        return int(value)


@dataclass(frozen=True, slots=True)
class Words:
    """Words or phrases, one a line, each once."""

    def clean(self, value: str) -> str:
        lines = [Line(WORD_MAX).clean(line) for line in value[: 4 * CHARACTERS_MAX].splitlines()]
        words = list(dict.fromkeys(line for line in lines if line))
        if len(words) > WORDS_MAX:
            raise unfit("invalid.filter_words", max=WORDS_MAX)
        text = "\n".join(words)
        if len(value) > 4 * CHARACTERS_MAX or sum(map(len, folded_words(text))) > CHARACTERS_MAX:
            raise unfit("invalid.filter_characters", max=CHARACTERS_MAX)
        return text


@dataclass(frozen=True, slots=True)
class Choice:
    choices: type[FilterAction]

    def clean(self, value: str) -> str:
        return self.choices(value).value


@dataclass(frozen=True, slots=True)
class Secret:
    """A password, hashed before it comes here."""

    def clean(self, value: str) -> str:
        return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSetting:
    """`label` and `help_text` are shown on the form, `in_log` in the audit log. All three are lazily
    translated."""

    kind: Kind
    label: Any
    in_log: Any
    help_text: Any = ""
    rank: int = RANK[Role.OWNER]
    """The rank that one needs to decide it."""
    decides_access: bool = False
    """After a change the permissions of everybody in the room are checked again."""
    is_secret: bool = False
    """The audit log says that it was changed, but not to what."""
    has_own_form: bool = False


_OF_MODERATORS: Final = RANK[Role.MODERATOR]


def _column(name: str, kind: Kind, **values: Any) -> RoomSetting:
    """A setting in the words of its column of `Room`, where no others are given."""
    field: Any = Room._meta.get_field(name)
    words = {
        "label": capfirst(field.verbose_name),
        "in_log": field.verbose_name,
        "help_text": field.help_text,
    }
    return RoomSetting(kind=kind, **words | values)


ROOM_SETTINGS: Final[Mapping[str, RoomSetting]] = {
    "topic": _column("topic", Line(250), rank=_OF_MODERATORS),
    "is_private": _column(
        "is_private",
        Switch(),
        help_text=_(
            "People enter with an invite link. Anyone who has written here is a member and stays; everyone"
            " else has to leave."
        ),
        decides_access=True,
    ),
    "is_hidden": _column("is_hidden", Switch()),
    "is_indexed": _column("is_indexed", Switch()),
    "is_read_only": _column("is_read_only", Switch(), rank=_OF_MODERATORS, decides_access=True),
    "uploads": _column("uploads", Switch(), rank=_OF_MODERATORS),
    "slow_mode": _column(
        "slow_mode",
        Number(0, 86_400),  # seconds
        help_text=_("Seconds that a person has to wait between two messages. 0 turns it off."),
        rank=_OF_MODERATORS,
    ),
    "retention_days": RoomSetting(
        kind=Number(1, 3650, may_be_none=True),
        label=_("Keep messages for"),
        in_log=_("days until a message is removed"),
        help_text=_(
            "Messages older than this many days are deleted permanently, those already here included."
            " Everyone in the room can see this setting. Leave it empty to keep messages."
        ),
    ),
    "filter_words": _column("filter_words", Words(), in_log=_("words of the filter"), is_secret=True),
    "filter_action": _column("filter_action", Choice(FilterAction)),
    "succession_days": _column(
        "succession_days",
        Number(0, 3650, may_be_none=True),
        in_log=_("days until a moderator may succeed"),
        rank=STAFF_RANK,
    ),
    "password": RoomSetting(
        kind=Secret(),
        label=_("New password"),
        in_log=_("password"),
        decides_access=True,
        is_secret=True,
        has_own_form=True,
    ),
    "closed": RoomSetting(
        kind=Switch(), label="", in_log=_("closed"), decides_access=True, has_own_form=True
    ),
}
"""By the name of the column of `Room`; `closed` is stored as `closed_at`."""
