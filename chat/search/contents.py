"""What is searched of a message: its text as it is read."""

import re
from html import unescape
from typing import Final

LINE_ENDS: Final = re.compile("<br>|</(?:p|div|h[3-6]|li|pre|td|th|blockquote)>")
TAGS: Final = re.compile("<[^>]*>")


def text_of(html: str) -> str:
    """The words of a message's stored HTML."""
    if "<" not in html and "&" not in html:
        return html
    return unescape(TAGS.sub("", LINE_ENDS.sub("\n", html))).strip()


def has_link(html: str) -> bool:
    return "<a " in html
