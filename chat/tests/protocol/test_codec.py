"""Frames to commands and events to frames: whatever arrives is a command or a ProtocolError."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat import protocol
from chat.protocol import ProtocolError, parse, parse_plain
from chat.protocol.limits import FRAME_MAX

from ..harness.strange_frames import COMMAND_TYPES, fields_of

CLIENT_ID = UUID("6f1c2a3b-4d5e-4f60-8a7b-9c0d1e2f3a4b")
CODES = {"bad_frame", "unknown_type", "invalid", "too_large"}
FIELDS = sorted({"type"}.union(*map(fields_of, COMMAND_TYPES)))

any_text = st.text(st.characters())
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)


def outcome(frame: str | None) -> Any:
    """What `chat.v1` makes of a frame. Any other exception than a ProtocolError comes through."""
    try:
        return parse(frame)
    except ProtocolError as error:
        assert error.code in CODES
        return error


def plain_outcome(frame: str | None) -> Any:
    try:
        return parse_plain(frame)
    except ProtocolError as error:
        assert error.code in CODES
        return error


def code(frame: str | None) -> str | None:
    return getattr(outcome(frame), "code", None)


def plain_code(frame: str | None) -> str | None:
    return getattr(plain_outcome(frame), "code", None)


def post(**fields: Any) -> str:
    return json.dumps({"type": "post", "client_id": str(CLIENT_ID), "message": "hello", **fields})


@given(st.text(st.characters()) | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
@example("")
@example("NaN")
@example("\0")
@example("\ud800")
@example("\ufeff{}")
@example("[" * 30_000)
@example("[" * 10_000 + "]" * 10_000)
@example('{"a":' * 10_000 + "1" + "}" * 10_000)
@example("9" * 5_000)
@example("1e999999")
def test_any_text_is_a_command_or_an_error_and_never_another_exception(frame: str) -> None:
    outcome(frame)
    plain_outcome(frame)


@given(
    st.dictionaries(st.sampled_from(FIELDS) | any_text, json_values), st.sampled_from(sorted(COMMAND_TYPES))
)
@settings(max_examples=150)
def test_any_object_is_a_command_or_an_error_and_never_another_exception(fields: Any, kind: str) -> None:
    for frame in (
        json.dumps(fields),
        json.dumps({**fields, "type": kind}),
        json.dumps({"client_id": str(CLIENT_ID), **fields, "type": kind}, ensure_ascii=False),
    ):
        outcome(frame)
        plain_outcome(frame)


@pytest.mark.parametrize(
    "value",
    [
        "9" * 5_000,
        "-" + "9" * 5_000,
        "1e400",
        "1.5",
        "NaN",
        "Infinity",
        "true",
        "null",
        "{}",
        "[" * 10_000 + "]" * 10_000,
        '{"a":' * 10_000 + "1" + "}" * 10_000,
        '"\\ud800"',
        '"\ud800"',
        '"\\u0000"',
    ],
    ids=lambda value: value[:12],
)
def test_a_wild_value_in_any_field_of_any_command_is_no_other_exception(value: str) -> None:
    for field in FIELDS:
        for kind in COMMAND_TYPES:
            outcome(f'{{"type":"{kind}","client_id":"{CLIENT_ID}","{field}":{value}}}')
            outcome(f'{{"{field}":{value},"type":"{kind}"}}')
        plain_outcome(f'{{"{field}":{value}}}')
        plain_outcome(f'{{"message":"hello","{field}":{value}}}')


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (None, "bad_frame"),
        ("", "bad_frame"),
        ("hello", "bad_frame"),
        ('{"type":"post"', "bad_frame"),
        ("[]", "bad_frame"),
        ("null", "bad_frame"),
        ('"hello"', "bad_frame"),
        ("7", "bad_frame"),
        ("{}", "unknown_type"),
        ('{"type":"dance"}', "unknown_type"),
        ('{"type":null}', "unknown_type"),
        ('{"type":["post"]}', "unknown_type"),
        ('{"type":"post"}', "invalid"),
        (post(message=5), "invalid"),
        (post(message=None), "invalid"),
        (post(client_id="not-a-uuid"), "invalid"),
        (post(client_id=7), "invalid"),
        (post(reply_to=0), "invalid"),
        (post(reply_to="1"), "invalid"),
        (post(reply_to=2**63), "invalid"),
        (post(reply_to=True), "invalid"),
        ('{"type":"history","limit":101}', "invalid"),
        ('{"type":"history","limit":0}', "invalid"),
        ('{"type":"history","around":0}', "invalid"),
        ('{"type":"history","after":-1}', "invalid"),
        ('{"type":"history","before":9,"around":5}', "invalid"),
        ('{"type":"resume","after":-1}', "invalid"),
        ('{"type":"resume","after":1.5}', "invalid"),
        ('{"type":"resume","epoch":5}', "invalid"),
        (post(message="x" * FRAME_MAX), "too_large"),
    ],
)
def test_each_wrong_frame_has_its_code(frame: str | None, expected: str) -> None:
    assert code(frame) == expected


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (None, "bad_frame"),
        ("", "bad_frame"),
        ("hello", "bad_frame"),
        ("[]", "bad_frame"),
        ("null", "bad_frame"),
        ('"hello"', "bad_frame"),
        ('{"message":NaN}', "bad_frame"),
        ("{}", "invalid"),
        ('{"text":"hello"}', "invalid"),
        ('{"message":5}', "invalid"),
        ('{"message":null}', "invalid"),
        (json.dumps({"message": "x" * FRAME_MAX}), "too_large"),
    ],
)
def test_each_wrong_frame_of_the_plain_dialect_has_its_code(frame: str | None, expected: str) -> None:
    assert plain_code(frame) == expected


@pytest.mark.parametrize("letter", ["a", "é", "日", "🦊"])
def test_the_limit_is_64_kib_of_utf8_to_the_byte(letter: str) -> None:
    def frame(size: int, **fields: str) -> str:
        """A frame of just so many bytes, in as many letters as there is place for."""
        empty = json.dumps({"message": "", **fields})
        letters, rest = divmod(size - len(empty), len(letter.encode()))
        made = json.dumps({"message": letter * letters + "x" * rest, **fields}, ensure_ascii=False)
        assert len(made.encode()) == size
        return made

    fields = {"type": "post", "client_id": str(CLIENT_ID)}
    assert code(frame(FRAME_MAX, **fields)) is None
    assert code(frame(FRAME_MAX + 1, **fields)) == "too_large"
    assert plain_code(frame(FRAME_MAX)) is None
    assert plain_code(frame(FRAME_MAX + 1)) == "too_large"


def test_white_space_counts_towards_the_size_of_a_frame() -> None:
    assert code(post() + " " * FRAME_MAX) == "too_large"


def test_an_error_names_the_write_that_it_answers() -> None:
    for frame in (post(message=5), post(reply_to=-1), post(type="dance"), post(reply_to=10**30)):
        assert outcome(frame).client_id == CLIENT_ID


def test_half_a_character_is_a_wrong_field_and_the_error_names_its_write() -> None:
    """JSON.stringify sends half of an emoji as an escape: without the id its sender would wait for ever."""
    error = outcome(post(message="half \ud83e of a fox"))
    assert (error.code, error.client_id) == ("invalid", CLIENT_ID)


def test_unknown_fields_are_ignored() -> None:
    assert parse(post(colour="red", nested={"a": [1]})) == protocol.Post(CLIENT_ID, "hello")
    assert parse_plain('{"message":"hello","author":5}') == protocol.Say("hello")


def test_a_client_id_may_be_written_in_capitals() -> None:
    assert parse(post(client_id=str(CLIENT_ID).upper())) == protocol.Post(CLIENT_ID, "hello")


def test_close_codes_are_ones_that_every_server_can_send() -> None:
    assert all(4000 <= close_code <= 4999 for close_code in protocol.CloseCode)
