"""The table of error codes and texts."""

import re
from pathlib import Path

from chat.protocol.errors import ERRORS, code_of, text_of

CHAT = Path(__file__).parents[2]
PROTOCOL = CHAT.parent / "docs" / "PROTOCOL.md"


def test_every_code_is_described_in_the_protocol() -> None:
    described = PROTOCOL.read_text()
    assert [key for key in ERRORS if f"`{code_of(key)}`" not in described] == []


def test_every_text_is_used() -> None:
    sources = [path for path in CHAT.rglob("*.py") if "tests" not in path.parts and path.name != "errors.py"]
    used = set(re.findall(r'"([a-z_.]+)"', "".join(path.read_text() for path in sources)))
    assert ERRORS.keys() - used == set()


def test_a_text_takes_its_parameters() -> None:
    assert str(text_of("slow_mode", {"seconds": 5})) == "Slow mode: one message every 5 s."
    assert str(text_of("busy")) == "Too many messages at once. Wait a moment."
