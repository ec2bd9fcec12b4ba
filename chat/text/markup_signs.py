"""Where a text may have markup, found fast, and what it would cost to read it. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from .links import ENDINGS

SIGNS: Final = ("*", "_", "~~", "`", "||", "[", "\\", "@")
SHORTCODE: Final = re.compile(r":([a-z0-9_+-]{1,40}):")
COLON: Final = re.compile(rf":(?=//|{SHORTCODE.pattern[1:]})")
DOMAIN: Final = re.compile(rf"\.(?={ENDINGS})")

# Where an inline rule may take over. A character comes first, which a search looks for fastest.
PLACE: Final = re.compile(
    rf"[*_~`|\[\]\\@:.](?:(?<=[*_`\[\]\\@])|(?<=[~|])(?=[~|])|(?<=:)(?=//|{SHORTCODE.pattern[1:]})"
    rf"|(?<=\.)(?={ENDINGS})|(?<=www\.))"
)

# A heading and the first item of a list need a letter behind their sign, a quote needs words:
# `# 1 in the charts`, `- 5 °C` and `>:(` are no markup. Other signs may stand before the letter.
LETTER: Final = r"[*_~`|\[]*[^\W\d_]"
HEADING: Final = re.compile(rf"#{{1,3}} +{LETTER}")
ITEM: Final = re.compile(rf"(?:[-*+]|\d{{1,3}}[.)]) +{LETTER}")
QUOTE: Final = re.compile(r">(?:[> ]*(?:```.*)?$|[> ]* [^\w\n]{0,9}\w|[*_~`|\[]*[^\W_])", re.MULTILINE)
BLOCK: Final = re.compile(
    rf"(?:{HEADING.pattern}|{QUOTE.pattern}| {{0,3}}{ITEM.pattern}|```|[|:]*[- ]*-[-:|]*\|)", re.MULTILINE
)
FENCE: Final = re.compile("(`{3,})[^`]*")
COLUMNS: Final = re.compile(r"[\s>|:-]*-[\s|:-]*")
LATER_BLOCK: Final = re.compile(f"\n{BLOCK.pattern}", re.MULTILINE)


def has_blocks(text: str) -> bool:
    return bool(BLOCK.match(text) or LATER_BLOCK.search(text))


def has_inline(text: str) -> bool:
    return (
        any(sign in text for sign in SIGNS)
        or (":" in text and COLON.search(text) is not None)
        or "www." in text
        or ("." in text and DOMAIN.search(text) is not None)
    )


def cost(text: str, *, is_in_blocks: bool) -> int:
    """What it takes to read the text, in signs of emphasis. What is fenced as code takes nothing."""
    lines = list(_outside_code(text)) if is_in_blocks else [text]
    text = "\n".join(lines)
    signs = sum(map(text.count, ("*", "_", "~", "`", "\\", "||"))) + text.count("|") // 4
    dear = (
        len(COLON.findall(text))
        + len(DOMAIN.findall(text))
        + sum(map(text.count, "[]@"))
        + text.count("www.")
    )
    if is_in_blocks:
        signs += len(lines) + 2 * len(LATER_BLOCK.findall(text)) + _cells(lines)
    return signs + 3 * dear


def _cells(lines: list[str]) -> int:
    """As many as the tables there may have: short rows are filled up."""
    columns = max((line.count("|") + 1 for line in lines if COLUMNS.fullmatch(line)), default=0)
    return columns * sum("|" in line for line in lines)


def _outside_code(text: str) -> Iterator[str]:
    fence = ""
    for line in text.split("\n"):
        begins = FENCE.fullmatch(line)
        if not fence:
            yield line
            fence = begins[1] if begins else ""
        elif begins and len(begins[1]) >= len(fence) and begins[0].rstrip() == begins[1]:
            fence = ""
