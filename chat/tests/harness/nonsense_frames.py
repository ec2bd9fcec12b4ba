"""Hypothesis strategies for frames: commands, and what no browser sends."""

import json
import os

from hypothesis import strategies as st

from . import strange_frames
from .hostile import CONTINUATION, PING, TEXT, frame
from .nonsense import KEY

JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(["\ud83e", "a\0b", "x" * 5000, 10**400, -1, 2**63, 2**64, "\u202e", "\u200b", "1"]),
    ),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=6,
)


def _right(value: object) -> st.SearchStrategy[object]:
    """What may stand in a field in which this value may stand."""
    match value:
        case bool():
            return st.booleans()
        case int():
            return st.integers(1, 9)
        case strange_frames.CLIENT_ID:
            return st.uuids().map(str)
        case _:
            return st.one_of(st.just(value), st.text(max_size=30))


OF_COMMANDS = {
    kind: {name: _right(value) for name, value in strange_frames.fields_of(kind).items()}
    for kind in strange_frames.COMMAND_TYPES
}
FIELDS = {name: right for fields in OF_COMMANDS.values() for name, right in fields.items()}
TYPE = st.sampled_from([*OF_COMMANDS, "x", ""])
COMMAND = st.one_of(
    TYPE.flatmap(lambda kind: st.fixed_dictionaries({"type": st.just(kind), **OF_COMMANDS.get(kind, {})})),
    st.fixed_dictionaries(
        {"type": st.one_of(TYPE, TYPE, JSON)},
        optional={
            **{name: st.one_of(right, right, JSON) for name, right in FIELDS.items()},
            "unknown": JSON,
        },
    ),
)
NASTY = st.sampled_from(
    [
        "NaN",
        "-Infinity",
        "9" * 5000,
        "-" + "9" * 5000,
        "[" * 10_000,
        '{"type":' * 10_000,
        '{"a":1e999}',
        "\ufeff{}",
        "",
        " ",
        "{",
        '{"type":"post"',
        '{"type":"post",}',
        '{"type":"post","type":"edit"}',
        "'x'",
        "{}" * 3,
        '"\\ud800"',
        '{"\\ud800":1,"type":"post"}',
        '{"type":"post","message":"\\u0000","client_id":"' + KEY.decode() + '"}',
        '{"type":"resume","after":1e400}',
        '{"type":"resume","after":1.0}',
        '{"type":"history","limit":1e1}',
        '{"type":"earlier","sequence":1,"before":0}',
        '{"type":"post","client_id":"' + "0" * 36 + '","message":"x"}',
        "x" * 65_537,
        "é" * 32_769,
    ]
)
FRAME = st.one_of(
    COMMAND.map(json.dumps),
    JSON.map(json.dumps),
    NASTY,
    st.text(max_size=50),
    COMMAND.map(lambda command: json.dumps(command)[:-2]),
)


RAW_FRAME = st.one_of(
    st.builds(frame, st.just(TEXT), st.binary(max_size=60)),
    st.builds(frame, st.integers(0, 15), st.binary(max_size=130), final=st.booleans()),
    st.binary(max_size=60),
    st.sampled_from(
        [
            frame(TEXT, b'{"type":"post","message":"\xff"}'),
            frame(TEXT, b"\xed\xa0\x80"),
            frame(TEXT, b'{"type":', final=False) + frame(CONTINUATION, b"\xf0\x9f"),
            frame(PING, b"x" * 126),
            frame(8, b"\x03"),
            frame(8, b"\x00\x00"),
            frame(8, (4012).to_bytes(2, "big") + b"\xff\xfe"),
            frame(8, (99999 % 65536).to_bytes(2, "big")),
            b"\x81\x05hello",  # no mask
            b"\xf1\x80\0\0\0\0",  # reserved bits
            b"\x81\xff" + b"\xff" * 8 + bytes(4),  # a length beyond all bounds
            b"\x81\xff" + (1 << 40).to_bytes(8, "big") + bytes(4) + b"x",
            frame(2, os.urandom(32)),
        ]
    ),
)
