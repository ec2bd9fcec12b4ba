"""What somebody types to find messages, as what is looked for. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo

from ..protocol.limits import QUERY_MAX
from ..text.cleaning import fold_room_name, unfit
from ..text.folding import fold

Has = Literal["link", "file"]

SIGNS: Final = str.maketrans({**dict.fromkeys("“”„«»＂", '"'), "\0": " "})
"""What keyboards put in the place of a straight quotation mark, and what PostgreSQL cannot compare."""
PART: Final = re.compile(
    r"""(?:(?P<filter>from|in|before|after|has|mentions)[:：](?=\S))?(?:"(?P<phrase>[^"]*)"?|(?P<word>\S+))""",
    re.IGNORECASE,
)
DATE: Final = re.compile(r"(19[7-9]\d|[2-9]\d\d\d)-(\d\d)-(\d\d)", re.ASCII)
FOLDED_MAX: Final = 4 * QUERY_MAX  # code points of all terms: a sign can fold to 18 of them


@dataclass(frozen=True, slots=True)
class Query:
    """All of it must be true of a message. Texts are folded (`text/folding.py`), rooms are keys.

    Each term stands somewhere in the text. Of several authors or rooms one is enough. `after` is the first
    moment that is meant, `before` the first one that no longer is."""

    terms: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    before: datetime | None = None
    after: datetime | None = None
    has: frozenset[Has] = frozenset()
    mentions_me: bool = False


def zone_of(name: str | None, default: tzinfo) -> tzinfo:
    """The time zone of this name (IANA); the default where there is none."""
    try:
        return ZoneInfo(name) if name else default
    except (KeyError, ValueError, OSError):  # unknown, no name of a zone, the name of a folder
        return default


def parse(text: str, zone: tzinfo) -> Query:
    """The query of a text of at most 200 characters; ValidationError (codes `too_long`, `empty`, `invalid`)
    for one that cannot be meant.

    Words and "phrases in quotation marks" are terms. `from:` `in:` `before:` `after:` `has:` `mentions:` are
    filters, whose value may be quoted; any other word with a colon is a term. Dates are days in the zone, and
    `before` and `after` leave out the day itself.
    """
    if len(text) > QUERY_MAX:
        raise unfit("too_long.query", max=QUERY_MAX)
    found = _Parts(zone)
    for part in PART.finditer(text.translate(SIGNS)):
        value = part["phrase"] if part["word"] is None else part["word"]
        found.add((part["filter"] or "").lower(), value)
    if sum(map(len, found.terms)) > FOLDED_MAX:
        raise unfit("too_long.query", max=QUERY_MAX)
    query = found.query
    if query == Query():
        raise unfit("empty.query")
    return query


class _Parts:
    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self.terms: list[str] = []
        self._authors: list[str] = []
        self._rooms: list[str] = []
        self._before: list[datetime] = []
        self._after: list[datetime] = []
        self._has: set[Has] = set()
        self._mentions_me = False

    def add(self, name: str, value: str) -> None:
        folded = fold(value).strip()
        match name:
            case "from" if folded:
                self._authors.append(folded)
            case "in" if key := fold_room_name(value.strip()):
                self._rooms.append(key)
            case "before":
                self._before.append(self._midnight(_day(folded)))
            case "after":
                self._after.append(self._midnight(_day(folded) + timedelta(days=1)))
            case "has" if folded in ("link", "file"):
                self._has.add("link" if folded == "link" else "file")
            case "has":
                raise unfit("invalid.has")
            case "mentions" if folded == "me":
                self._mentions_me = True
            case "mentions":
                raise unfit("invalid.mentions")
            case "" if folded and folded not in self.terms:
                self.terms.append(folded)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    @property
    def query(self) -> Query:
        return Query(
            tuple(self.terms),
            tuple(self._authors),
            tuple(self._rooms),
            min(self._before, default=None),
            max(self._after, default=None),
            frozenset(self._has),
            self._mentions_me,
        )


def _day(text: str) -> date:
    found = DATE.fullmatch(text)
    try:
        if found and text < "9999-12-30":
            return date(*map(int, found.groups()))
    except ValueError:
        pass
    raise unfit("invalid.date")
