"""What can be seen of a text. Names and messages of nothing visible are empty, and two names that differ
only in what cannot be seen are one."""

import re

# Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties): characters that leave no trace on the screen.
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
BLANK_BRAILLE = "\u2800"


def without_ignorable(text: str) -> str:
    return IGNORABLE.sub("", text)


def is_blank(text: str) -> bool:
    return not without_ignorable(text).replace(BLANK_BRAILLE, "").strip()
