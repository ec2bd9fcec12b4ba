"""Addresses in a text: where one begins and ends, and which host it leads to. Pure."""

import re
import unicodedata
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from .invisible import without_ignorable

# A browser reads a backslash as a slash and drops control characters: an address with one of them would lead
# elsewhere than it says.
SAFE: Final = re.compile(r"(?:https?://[^\s/\\<>\"\x00-\x1f]|mailto:)[^\s\\<>\"\x00-\x1f]*", re.IGNORECASE)
REST: Final = re.compile(r"[^\s\\<>\"\x00-\x1f\[\]]*")
LABEL: Final = r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?)"
DOMAIN: Final = re.compile(rf"(?:{LABEL}\.){{1,8}}[^\W\d_]{{2,24}}(?![\w-])")
ENDINGS: Final = r"(?:com|edu|gov|int|mil|net|org)(?![\w-])"
"""The domains that are links without `https://`, as in Django's `urlize`."""

SCHEME_BEFORE: Final = re.compile(r"(?<![^\W_])https?\Z", re.IGNORECASE)
NAME_BEFORE: Final = re.compile(r"(?<![\w.+@/-])[\w.+-]{1,64}\Z")
HOST_BEFORE: Final = re.compile(rf"(?<![\w@./-]){LABEL}(?:\.{LABEL}){{0,5}}\Z")
BETWEEN: Final = re.compile(r"[^\w.-]+|\.(?![\w-])")
HOST_MAX: Final = 253  # characters
BEFORE_MAX: Final = 100  # characters of a host or a name that are looked at

DIRECTION: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
PAIRS: Final = ((")", "("), ("}", "{"))


class Address(NamedTuple):
    start: int
    end: int
    href: str


def is_safe(href: str) -> bool:
    """Whether a link may lead there: http, https or mailto, and to where it seems to."""
    return SAFE.fullmatch(href) is not None and host_of(href) is not None


def host_of(href: str) -> str | None:
    """The host of an address, of a mail address too; None where there is none."""
    try:
        parts = urlsplit(href)
        host = parts.path.rpartition("@")[2] if parts.scheme == "mailto" else parts.hostname
    except ValueError:  # half of an IPv6 address
        return None
    return host.lower() if host else None


def address_around(text: str, place: int, end: int) -> Address | None:
    """The address, up to `end`, whose `:` (of `://`), `.` (of `www.` or before an ending) or `@` is there."""
    match text[place]:
        case ":":
            return _with_scheme(text, place, end)
        case "@":
            return _mail(text, place, end)
    return _domain(text, place, end)


def _with_scheme(text: str, place: int, end: int) -> Address | None:
    before = SCHEME_BEFORE.search(text, max(place - 5, 0), place)
    if not before:
        return None
    return _address(text, before.start(), _trimmed(text, place + 3, REST.match(text, place, end)))


def _mail(text: str, place: int, end: int) -> Address | None:
    before = NAME_BEFORE.search(text, max(place - BEFORE_MAX, 0), place)
    domain = DOMAIN.match(text, place + 1, end)
    if not before or not domain:
        return None
    return Address(before.start(), domain.end(), f"mailto:{text[before.start() : domain.end()]}")


def _domain(text: str, place: int, end: int) -> Address | None:
    before = HOST_BEFORE.search(text, max(place - BEFORE_MAX, 0), place)
    if not before:
        return None
    end = _trimmed(text, place + 2, REST.match(text, place, end))
    return _address(text, before.start(), end, "https://")


def _address(text: str, start: int, end: int, scheme: str = "") -> Address | None:
    href = scheme + text[start:end]
    return Address(start, end, href) if is_safe(href) else None


def _trimmed(text: str, start: int, rest: re.Match[str] | None) -> int:
    """Where an address ends: without the punctuation behind it and a bracket that it does not open."""
    end = rest.end() if rest else start
    surplus = {
        closer: text.count(closer, start, end) - text.count(opens, start, end) for closer, opens in PAIRS
    }
    while end > start:
        last = text[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in ".,:;!?'*_~`|…。、！？":
            break
        end -= 1
    return end


def misleads(words: str, href: str) -> bool:
    """Whether a link's words look like another address than the one it leads to."""
    host = host_of(href)
    if "@" in urlsplit(href).netloc or DIRECTION.search(words):
        return True
    named = BETWEEN.split(unicodedata.normalize("NFKC", without_ignorable(words)).lower())
    return any(name not in (host, f"www.{host}") for name in named if DOMAIN.fullmatch(name[:HOST_MAX]))
