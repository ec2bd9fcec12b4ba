"""Texts for people in the language of whoever reads them."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.http import parse_cookie
from django.utils.translation import get_language, gettext, override
from django.utils.translation.trans_real import parse_accept_lang_header

from ..protocol.slash_commands import Needs, help_lines
from ..protocol.text import Text


def language_of(cookies: Mapping[str, str], accepted: str) -> str:
    """The language of our texts for a visitor: the one that they chose, else the site's if it has one, else
    the first that their browser accepts (`Accept-Language`), else English. A site whose language is none of
    ours is in English."""
    ours = dict(settings.LANGUAGES)
    chosen = cookies.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in ours:
        return chosen
    if site := settings.SITE_LANGUAGE:
        return site if site.split("-")[0] in ours else "en"
    asked = (code.split("-")[0] for code, _quality in parse_accept_lang_header(accepted))
    return next((code for code in asked if code in ours), "en")


def language_of_headers(headers: Mapping[bytes, bytes]) -> str:
    """The same for a request that no middleware has seen; names in small letters."""
    cookie, accepted = (headers.get(name, b"").decode("latin-1") for name in (b"cookie", b"accept-language"))
    return language_of(parse_cookie(cookie), accepted)


def translated(text: Text, language: str | None = None) -> str:
    """In a language, or in the one that is active now."""
    with override(language or get_language()):
        words = gettext(text.english)
        return words % text.parameters if text.parameters else words


def help_text(may_give: Callable[[Needs], bool], language: str | None = None) -> str:
    """The answer to `/help`: the commands that one may give, a line each."""
    return "\n".join(f"{usage} – {translated(text, language)}" for usage, text in help_lines(may_give))
