"""Emoji by the names that people type between colons: `:tada:`. Pure but for one file, read at first use."""

import json
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parent.parent / "static/chat/vendor/emoji.json"
"""`bin/vendor` makes it: [emoji, names, words to search for, group], one row an emoji."""


def emoji_named(name: str) -> str | None:
    return _by_name().get(name)


@cache
def _by_name() -> dict[str, str]:
    rows = json.loads(FILE.read_text())
    return {name: emoji for emoji, names, *_rest in rows for name in names.split()}
