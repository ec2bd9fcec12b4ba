"""What a message's text looks like on a page."""

import re
from typing import Final

from django.utils.html import Urlizer, escape


class LinksInNewTabs(Urlizer):
    url_template = '<a href="{href}" target="_blank" rel="nofollow noopener">{url}</a>'


links = LinksInNewTabs()
# Every link and address has one of these inside a word; most messages have none and are spared the search.
MAY_BE_LINK: Final = re.compile(r"[^\s.]\.[^\s.]|://|@")


def render(text: str) -> str:
    """HTML that is safe to put into a page: escaped text with line breaks and links."""
    if MAY_BE_LINK.search(text):
        html: str = links(text, nofollow=True, autoescape=True)
    else:
        html = escape(text)
    return html.replace("\n", "<br>")
