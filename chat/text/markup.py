"""What a message's text looks like to its readers: markup as HTML that is safe to put into a page. Pure.

Any 4,000 characters are rendered within 5 ms, since everybody waits meanwhile. A text with more signs than
people use is shown as it was typed, and so is one that grows too much or of which nothing would be seen.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from html import escape
from typing import Final, NamedTuple

from markdown_it.token import Token

from .invisible import is_blank
from .markup_rules import reader
from .markup_signs import cost, has_blocks, has_inline

VERSION: Final = 1
"""Of the renderer. What an older one rendered is rendered anew when it is read."""

PLAIN: Final = 0
"""The format of the messages from before there was markup, and of those that a word filter changed."""
MARKUP: Final = 1

ACTION: Final = "/me "
HTML_MAX: Final = 15_970  # characters, and those of the element of an action
COST_MAX: Final = 200  # at some 15 µs a sign
LANGUAGE: Final = re.compile(r"[a-z0-9+#-]{1,20}", re.ASCII | re.IGNORECASE)
ALIGNMENT: Final = re.compile(r"text-align:(center|right)")

_READER: Final = reader()


class Rendered(NamedTuple):
    html: str
    visible: str
    """What is read on the page, without markup."""
    prose: str = ""
    """The same without code and links, where it has an `@`: what may name somebody."""


def render(text: str) -> Rendered:
    """HTML of our own tags and classes. Where the text has markup that has 16,000 characters at most.

    `/me waves` is an action, in an element of its own, as in XMPP (XEP-0245); a backslash prevents that.
    """
    if text.startswith(ACTION):
        html, *words = _render(text.removeprefix(ACTION))
        return Rendered(f'<div class="action">{html}</div>', *words)
    return _render(text.removeprefix("\\") if text.startswith(f"\\{ACTION}") else text)


def _render(text: str) -> Rendered:
    is_in_blocks = has_blocks(text)
    if (is_in_blocks or has_inline(text)) and cost(text, is_in_blocks=is_in_blocks) <= COST_MAX:
        tokens = list(_with_gaps(_READER.parse(text)) if is_in_blocks else _READER.parseInline(text))
        prose = "".join(_prose(tokens)) if "@" in text else ""
        rendered = Rendered("".join(_html(tokens)), "".join(_visible(tokens)).strip("\n"), prose)
        if len(rendered.html) <= HTML_MAX and not is_blank(rendered.visible):
            return rendered
    return Rendered(plain_html(text), text, text)


rendered_anew: Final = lru_cache(maxsize=2000)(render)
"""For readers of what an older version rendered."""


def plain_html(text: str) -> str:
    """The text as it was typed."""
    return escape(text, quote=False).replace("\n", "<br>")


def _with_gaps(tokens: Iterable[Token]) -> Iterator[Token]:
    """The blocks, with the empty lines between them but for one, which their margins show."""
    end = 0
    for token in tokens:
        if token.level == 0 and token.map:
            if end and token.map[0] > end + 1:
                yield Token("text", "", 0, content="\n" * (token.map[0] - end - 1))
            end = token.map[1]
        yield token


def _html(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children:
            yield from _html(token.children)
        elif not token.hidden:
            yield _tag(token)


def _tag(token: Token) -> str:
    if own := TAGS.get(token.type):
        return own(token)
    return f"</{token.tag}>" if token.nesting < 0 else f"<{token.tag}>"


def _fence(token: Token) -> str:
    info = token.info.strip()
    named = f' class="language-{info.lower()}"' if LANGUAGE.fullmatch(info) else ""
    return f"<pre><code{named}>{escape(_code(token).removesuffix(chr(10)), quote=False)}</code></pre>"


def _code(token: Token) -> str:
    """With what stands beside the fence, where that is no language of some code."""
    info = token.info.strip()
    is_language = not info or (token.content and LANGUAGE.fullmatch(info))
    return token.content if is_language else f"{info}\n{token.content}"


def _link(token: Token) -> str:
    return f'<a href="{escape(str(token.attrs["href"]))}" target="_blank" rel="nofollow noopener">'


def _heading(token: Token) -> str:
    return f"<{'/' * (token.nesting < 0)}h{int(token.tag[1]) + 2}>"  # h1 and h2 are the page's


def _list(token: Token) -> str:
    start = token.attrs.get("start")
    return "<ol>" if start is None else f'<ol start="{start}">'


def _cell(token: Token) -> str:
    aligned = ALIGNMENT.match(str(token.attrs.get("style")))
    return f'<{token.tag} class="{aligned[1]}">' if aligned else f"<{token.tag}>"


TAGS: Final[Mapping[str, Callable[[Token], str]]] = {
    "text": lambda token: plain_html(token.content),
    "at_sign": lambda token: token.content,
    "inline": lambda token: "",
    "code_inline": lambda token: f"<code>{escape(token.content, quote=False)}</code>",
    "fence": _fence,
    "link_open": _link,
    "spoiler_open": lambda token: '<span class="spoiler">',
    "heading_open": _heading,
    "heading_close": _heading,
    "ordered_list_open": _list,
    "table_open": lambda token: '<div class="table"><table>',
    "table_close": lambda token: "</table></div>",
    "th_open": _cell,
    "td_open": _cell,
}
"""How the tokens are written whose tag is not their name alone."""


def _visible(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children:
            yield from _visible(token.children)
        elif token.type in ("text", "at_sign", "code_inline"):
            yield token.content
        elif token.type == "fence":
            yield _code(token)
        elif token.block and token.nesting < 0:
            yield "\n"


def _prose(tokens: Iterable[Token]) -> Iterator[str]:
    """Where anything else stands between two texts, with a new line: no name goes on behind it."""
    links = 0
    for token in tokens:
        links += token.nesting * token.type.startswith("link_")
        if token.children:
            yield from _prose(token.children)
        elif token.type == "text" and not links:
            yield token.content
        else:
            yield "\n"
