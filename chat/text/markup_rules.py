"""How markup is read: the rules of CommonMark (markdown-it-py), less what people type without meaning it.

A rule has markdown-it's signature: it looks at a place and says whether it took it. Pure.
"""

import re
from collections.abc import Callable
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.helpers import parseLinkLabel
from markdown_it.rules_block import StateBlock, heading, list_block
from markdown_it.rules_block.blockquote import blockquote
from markdown_it.rules_inline import StateInline, link
from markdown_it.rules_inline.emphasis import tokenize as emphasis

from .emoji_names import emoji_named
from .invisible import is_blank
from .links import address_around, host_of, is_safe, misleads
from .markup_signs import BLOCK, HEADING, ITEM, PLACE, QUOTE, SHORTCODE

NESTING_MAX: Final = 8  # quotes, lists and emphasis in one another
LINK_ATTEMPTS_MAX: Final = 40  # a bracket that begins no link costs a look at all that follows
NOWHERE: Final = re.compile(r"\(\s*\)")


def reader() -> MarkdownIt:
    """A parser with these rules and CommonMark's for fences, tables, code and strike. Newlines are text. Left
    out are images, HTML, entities, references, indented code and rules."""
    md = MarkdownIt("zero", {"maxNesting": NESTING_MAX + 2})  # what is deeper would be left out
    md.enable(["blockquote", "fence", "heading", "list", "table"])
    md.enable(["backticks", "emphasis", "escape", "link", "strikethrough"])
    blocks, inline = md.block.ruler, md.inline.ruler
    blocks.at("heading", _if_line(HEADING, heading), {"alt": ["paragraph", "blockquote"]})
    blocks.at("list", _if_line(ITEM, list_block, indent=3), {"alt": ["paragraph", "blockquote"]})
    blocks.at("blockquote", _if_line(QUOTE, blockquote), {"alt": ["paragraph", "blockquote", "list"]})
    blocks.push("without_sign", _without_sign, {"alt": ["blockquote"]})
    blocks.at("paragraph", _paragraph)
    inline.at("text", _text)
    inline.at("escape", _escape)
    inline.at("emphasis", _emphasis)
    inline.at("link", _link)
    inline.before("escape", "address", _address)
    inline.before("escape", "shortcode", _shortcode)
    inline.before("escape", "spoiler", _spoiler)
    md.validateLink = is_safe  # type: ignore[assignment,method-assign]  # markdown-it's way to say it
    md.normalizeLink = str  # type: ignore[assignment,method-assign]  # a browser encodes what has to be
    return md


BlockRule = Callable[[StateBlock, int, int, bool], bool]


def _if_line(sign: re.Pattern[str], rule: BlockRule, indent: int = 0) -> BlockRule:
    """The rule for lines that begin with the sign, at most so many spaces further in than they must. What is
    nested deeper than `NESTING_MAX` is text."""

    def guarded(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        start = state.bMarks[line] + state.tShift[line]
        is_later_item = sign is ITEM and state.blkIndent > 0
        is_begun = state.sCount[line] - state.blkIndent <= indent and sign.match(state.src, start)
        is_taken = bool(is_later_item or is_begun) and state.level < NESTING_MAX
        return is_taken and rule(state, line, end, silent)

    return guarded


def _without_sign(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A line without `>` is an answer to the quote, and one without `|` no row of the table."""
    if state.parentType == "table":
        return silent and "|" not in state.src[state.bMarks[line] : state.eMarks[line]]
    return silent and state.parentType == "blockquote"


def _paragraph(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Lines up to an empty one or another block, with their spaces."""
    ends = state.md.block.ruler.getRules("paragraph")
    outer, state.parentType = state.parentType, "paragraph"
    last = line + 1
    while last < state.lineMax and not state.isEmpty(last):
        if state.sCount[last] >= 0 and any(rule(state, last, state.lineMax, True) for rule in ends):
            break
        last += 1
    state.parentType = outer
    state.line = last
    state.push("paragraph_open", "p", 1).map = [line, last]
    token = state.push("inline", "", 0)
    token.content = state.getLines(line, last, state.blkIndent, False).rstrip()
    token.map, token.children = [line, last], []
    state.push("paragraph_close", "p", -1)
    return True


def _text(state: StateInline, silent: bool) -> bool:
    sign = PLACE.search(state.src, state.pos, state.posMax)
    end = sign.start() if sign else state.posMax
    if end == state.pos:
        return False
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def _address(state: StateInline, silent: bool) -> bool:
    """What is written as an address becomes a link, outside of other links."""
    if state.src[state.pos] not in ":.@" or state.linkLevel:
        return False
    address = address_around(state.src, state.pos, state.posMax)
    if not address:
        return False
    if not silent:
        before = state.src[address.start : state.pos]
        if not state.pending.endswith(before):
            return False
        state.pending = state.pending.removesuffix(before)
        state.push("link_open", "a", 1).attrs = {"href": address.href}
        state.append_pending(state.src[address.start : address.end])
        state.push("link_close", "a", -1)
        if misleads("", address.href):
            state.append_pending(f" ({host_of(address.href)})")
    state.pos = address.end
    return True


def _shortcode(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != ":":
        return False
    match = SHORTCODE.match(state.src, state.pos, state.posMax)
    emoji = match and emoji_named(match[1])
    if not match or not emoji:
        return False
    if not silent:
        state.append_pending(emoji)
    state.pos = match.end()
    return True


def _spoiler(state: StateInline, silent: bool) -> bool:
    """`||words||`, without a space inside the bars: `a || b || c` is none."""
    start, maximum = state.pos + 2, state.posMax
    if not state.src.startswith("||", state.pos):
        return False
    end = state.src.find("||", start, maximum)
    if end <= start or state.src[start].isspace() or state.src[end - 1].isspace():
        if not silent:
            state.append_pending("||")
        state.pos = start
        return True
    if not silent:
        state.push("spoiler_open", "span", 1).attrs = {"class": "spoiler"}
        state.pos, state.posMax = start, end
        state.md.inline.tokenize(state)
        state.push("spoiler_close", "span", -1)
    state.pos, state.posMax = end + 2, maximum
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:
    """`2*3*4` is a product."""
    end = state.pos
    while end < state.posMax and state.src[end] == "*":
        end += 1
    if end == state.pos or not (
        state.src[state.pos - 1 : state.pos].isdigit() and state.src[end : end + 1].isdigit()
    ):
        return emphasis(state, silent)
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def _link(state: StateInline, silent: bool) -> bool:
    """A link has words and an address: `list[i]()` is none."""
    if state.src[state.pos] != "[":
        return False
    attempts = state.env.get("links", 0)
    if attempts >= LINK_ATTEMPTS_MAX:
        return False
    state.env["links"] = attempts + 1
    end = parseLinkLabel(state, state.pos, True)
    if is_blank(state.src[state.pos + 1 : end]) or NOWHERE.match(state.src, end + 1):
        return False
    opened = len(state.tokens) + bool(state.pending)
    if not link(state, silent):
        return False
    if not silent:
        href = str(state.tokens[opened].attrs["href"])
        if misleads("".join(token.content for token in state.tokens[opened:]), href):
            state.append_pending(f" ({host_of(href)})")
    return True


def _escape(state: StateInline, silent: bool) -> bool:
    """A sign behind a backslash is itself. The backslash is shown unless the sign would be markup."""
    pos, text = state.pos, state.src
    sign = text[pos + 1 : min(pos + 2, state.posMax)]
    if text[pos] != "\\" or not sign or sign not in "*_~`|[]@:#>+-.)":
        return False
    if not silent:
        if sign == "@" and _would_be_markup(text, pos, sign):
            state.push("at_sign", "", 0).content = sign  # it names nobody
        else:
            state.append_pending(sign if _would_be_markup(text, pos, sign) else f"\\{sign}")
    state.pos = pos + 2
    return True


def _would_be_markup(text: str, pos: int, sign: str) -> bool:
    """Whether the sign behind the backslash at `pos` would be, as far as can be seen without reading all."""
    before, after = text[:pos], text[pos + 2 :]
    match sign:
        case "*" | "_" | "~" | "`":
            opens = (after[:1].isalnum() or after[:1] == sign) and sign in after
            return opens or ((before[-1:].isalnum() or before[-1:] == sign) and sign in before)
        case "|":
            return after.startswith("|") or before.endswith("\\|")
        case "[" | "]":
            return "](" in after
        case "@":
            return after[:1].isalnum()
        case ":":
            return SHORTCODE.match(sign + after) is not None
    start = before.rpartition("\n")[2].strip()
    return (not start or start.isdigit()) and BLOCK.match(f"{start}{sign}{after}") is not None
