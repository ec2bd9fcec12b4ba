"""What migrations need of the app's code, as it was when they were written. Not to be changed.

(The name begins with `_`: the migration loader does not take it for a migration.)
"""

import re
import unicodedata
from hashlib import blake2b

from confusable_homoglyphs.confusables import confusables_data
from django.utils.crypto import salted_hmac

IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
BLANKS = str.maketrans("", "", "\u2800\U0001d159\U00016fe4")
CHECK_MARKS = (
    "\u221a\u221b\u221c\u237b\u23b7\u2611\u2705\u2713\u2714"
    "\U00010102\U0001f165\U0001f185\U0001f5f8\U0001f5f9\U0001fbb1"
)
CIRCLED_V = re.compile("(?<=[^\u24b6-\u24e9])[\u24cb\u24e5\U0001f145]+$")
UNSEEN = BLANKS | str.maketrans("", "", CHECK_MARKS)


def skeleton(name: str) -> str:
    """Equal for names that look alike; at most 160 characters."""
    seen = "".join(IGNORABLE.sub("", name).split())
    seen = CIRCLED_V.sub("", seen.translate(UNSEEN)) or seen
    folded = _in_one_case(unicodedata.normalize("NFKC", seen))
    folded = _prototypes_of(_prototypes_of(folded).casefold()).casefold()
    folded = folded.replace("i\u0307", "i").replace("j\u0307", "j")
    text = "".join(folded.split()).translate(str.maketrans("l0", "io"))
    return text if len(text) <= 160 else text[:128] + blake2b(text.encode(), digest_size=16).hexdigest()


def _in_one_case(text: str) -> str:
    if not any(map(_is_latin, text)):
        return text.upper()
    return "".join(c.lower() if _is_latin(c) and not c.isascii() else c for c in text)


def _is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith("LATIN ")


def _prototypes_of(text: str) -> str:
    return "".join(map(_prototype, unicodedata.normalize("NFD", text)))


def _prototype(character: str) -> str:
    lookalikes = _lookalikes(character)
    if len(lookalikes) != 1:
        return character
    other = lookalikes[0]
    return other if len(_lookalikes(other)) > 1 else min(character, other)


def _lookalikes(character: str) -> list[str]:
    return [entry["c"].strip("\u200e") for entry in confusables_data.get(character, [])]


def different_name(name: str, taken: set[str]) -> tuple[str, str]:
    """The name, with a number if a name in `taken` (skeletons) looks like it; and its skeleton, which is added
    to `taken`."""
    number, free = 1, name
    while (looks := skeleton(free)) in taken:
        number += 1
        free = f"{name[:35]} {number}"
    taken.add(looks)
    return free, looks


def name_of_account(pk: int, *wanted: str) -> str:
    """The first that can be a name, in NFKC, without what cannot be seen."""
    for text in wanted:
        name = " ".join(unicodedata.normalize("NFKC", IGNORABLE.sub("", text[:40])).split())
        if name.translate(BLANKS) and len(name) <= 40 and not any(map(_is_control, name)):
            return name
    return f"Account {pk}"


def _is_control(character: str) -> bool:
    return unicodedata.category(character)[0] == "C"


def account_key(pk: int) -> str:
    return salted_hmac("lobby.account", str(pk)).hexdigest()[:32]
