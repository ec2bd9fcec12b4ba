"""The largest frames that a client may send: every command with the costliest contents.

The commands and their fields are read from the protocol, so a new one is among them by itself.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, get_args

import msgspec
from msgspec.inspect import StructType, type_info

from chat.protocol.commands import AnyCommand
from chat.protocol.slash_commands import COMMANDS

CLIENT_ID: Final = "6f1c2a3b-4d5e-4f60-8a7b-9c0d1e2f3a4b"
COMMAND_TYPES: Final = {c.__struct_config__.tag: c for c in get_args(AnyCommand)}
SLASH_WORDS: Final = [*COMMANDS, "help", "dance", "x" * 30]

RIGHT: Final[dict[type, Any]] = {
    msgspec.inspect.StrType: "a",
    msgspec.inspect.IntType: 1,
    msgspec.inspect.BoolType: True,
    msgspec.inspect.UUIDType: CLIENT_ID,
    msgspec.inspect.ListType: ["a"],
}


class Long(NamedTuple):
    """A JSON value of any length: `unit` as often as it fits between the two ends."""

    opening: str
    unit: str
    closing: str

    def of_size(self, size: int) -> str:
        """At most so many bytes."""
        room = size - len(self.opening + self.closing)
        return self.opening + self.unit * (room // len(self.unit.encode())) + self.closing


TEXTS: Final = {
    unit: Long('"', unit, '"')
    for unit in (
        "a",
        "1 ",
        "a 1 ",
        "9",
        " ",
        "\u0301\u0327\u0323",  # marks that are put in another order
        "⁗",  # folds to four
        "ﷺ",  # folds to eighteen
        "🇦",
        "a\u200d",
        "क\u200d",
        "\u200b",
        "각",
        "“",
        '\\" ',
        "a.b ",
        "@",
        "&;",
        "<",
        "//",
        "\\u0000",
        "\\ud83e",  # half of an emoji
        "\\n",
    )
}
VALUES: Final = {
    "deep": Long("", "[", ""),
    "deep and closed": Long("[", "[" * 500 + "]" * 500 + ",", "1]"),
    "lists": Long("[", "[],", "1]"),
    "numbers": Long("[", "1,", "1]"),
    "floats": Long("[", "1e9,", "1]"),
    "digits": Long("", "9", ""),
    "long numbers": Long("[", "9" * 4299 + ",", "1]"),
    "objects": Long("[", '{"a":1},', "1]"),
}


def fields_of(kind: str) -> dict[str, Any]:
    """A command's fields with a right value each. A field of a kind that is not known here is a KeyError:
    say in RIGHT what a right value is."""
    info = type_info(COMMAND_TYPES[kind])
    assert isinstance(info, StructType)
    return {field.encode_name: _right(field.type) for field in info.fields}


def _right(info: Any) -> Any:
    match info:
        case msgspec.inspect.UnionType(types=types):
            return _right(next(one for one in types if not isinstance(one, msgspec.inspect.NoneType)))
        case msgspec.inspect.EnumType(cls=cls):
            return next(iter(cls)).value
        case _:
            return RIGHT[type(info)]


def frame_of(kind: str, field: str, value: Long, size: int) -> str:
    """A frame of this many bytes at most, in which this field has a long value."""
    others = {"type": kind, **fields_of(kind)}
    others.pop(field, None)
    opening = msgspec.json.encode(others).decode()[:-1] + f',"{field}":'
    return opening + value.of_size(size - len(opening) - 1) + "}"


class Frame(NamedTuple):
    name: str
    text: str


def largest_frames(size: int) -> Iterator[Frame]:
    """Of every command with each of its fields filled up, of every slash command, and of no command."""
    for kind in COMMAND_TYPES:
        for field, right in [*fields_of(kind).items(), ("unknown", None)]:
            for name, value in (TEXTS if isinstance(right, str) else VALUES).items():
                yield Frame(f"{kind}.{field} {name!a}", frame_of(kind, field, value, size))
    for word in SLASH_WORDS:
        for name, (opening, unit, closing) in TEXTS.items():
            long = Long(f"{opening}/{word} ", unit, closing)
            yield Frame(f"/{word} {name!a}", frame_of("post", "message", long, size))
    for name, value in (TEXTS | VALUES).items():
        yield Frame(f"a bare {name!a}", value.of_size(size))
        yield Frame(f"a type {name!a}", f'{{"type":{value.of_size(size - 9)}}}')
