"""What may be a reaction to a message: an emoji, or a few symbols. Pure."""

import re
import unicodedata
from typing import Final

# Every character is one of these kinds; an emoji is a pattern of kinds (Unicode UTS 51).
KINDS: Final = {
    **dict.fromkeys("0123456789", "d"),
    **dict.fromkeys("#*", "k"),
    "\u20e3": "c",  # makes a keycap of the character before it
    "\u200d": "j",  # joins two emoji into one
    **dict.fromkeys("\ufe0e\ufe0f", "v"),  # as text, as a picture
    **{chr(tone): "t" for tone in range(0x1F3FB, 0x1F400)},
    **{chr(letter): "r" for letter in range(0x1F1E6, 0x1F200)},  # two of them are a flag
    **{chr(tag): "g" for tag in range(0xE0020, 0xE0080)},  # the flags of England, Scotland, Wales
    "\u2139": "s",  # ℹ, the one emoji that Unicode calls a letter
}
KEYCAP: Final = "[dk]v?c"
FLAG: Final = "rr"
PICTURE: Final = "[skt]v?t?g*"
EMOJI: Final = re.compile(f"(?:{KEYCAP}|{FLAG}|{PICTURE}(?:j{PICTURE})*){{1,3}}")


def is_emoji(text: str) -> bool:
    """Up to three emoji, however they are put together, or symbols: no letters, digits, spaces, controls."""
    return EMOJI.fullmatch("".join(map(_kind, text))) is not None


def _kind(character: str) -> str:
    return KINDS.get(character) or ("s" if unicodedata.category(character)[0] in "SP" else "x")
