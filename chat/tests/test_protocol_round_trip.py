"""What is encoded is what is read back: commands, events, messages."""

import datetime
import json
from uuid import UUID

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import protocol
from chat.limits import FRAME_MAX

text = st.text(st.characters(exclude_categories=["Cs"]))
place = st.integers(1, 2**63 - 1)
count = st.integers(0, 2**63 - 1)
moments = st.datetimes(timezones=st.just(datetime.UTC))
commands = st.one_of(
    st.builds(protocol.Post, st.uuids(), text, st.none() | place),
    st.builds(protocol.Edit, st.uuids(), place, text, count),
    st.builds(protocol.Delete, st.uuids(), place),
    st.builds(protocol.Rename, st.uuids(), text),
    st.builds(protocol.Resume, st.none() | text, count),
    st.builds(protocol.History, st.none() | place, st.integers(1, 100)),
)
authors = st.builds(protocol.Author, st.none() | text, text, st.booleans())
messages = st.builds(
    protocol.Message,
    sequence=place,
    revision=place,
    author=authors,
    message=text,
    html=text,
    sent_at=moments,
    client_id=st.uuids(),
    edited_at=st.none() | moments,
    deleted=st.booleans(),
    reply_to=st.none() | place,
)
raw_messages = st.lists(messages.map(protocol.encode_message), max_size=3)
rooms = st.builds(protocol.RoomState, text, text)
changes = st.builds(
    protocol.Changes,
    st.none() | text,
    count,
    count,
    raw_messages,
    st.none() | rooms,
    st.booleans(),
    st.booleans(),
)
events = st.one_of(
    changes,
    st.builds(
        protocol.Welcome,
        text,
        st.none() | text,
        count,
        count,
        authors,
        st.builds(protocol.Limits, count, count, count, count),
    ),
    st.builds(protocol.HistoryPage, raw_messages, st.booleans()),
    st.builds(protocol.Ack, st.uuids(), st.none() | place, st.none() | place, st.none() | authors),
    st.builds(
        protocol.Error,
        text,
        text,
        st.none() | st.uuids(),
        st.none() | st.floats(0, 1000, allow_nan=False),
    ),
)


@given(commands)
@settings(deadline=None)
def test_parse_gives_back_the_command_that_was_encoded(command: protocol.AnyCommand) -> None:
    frame = protocol.encode(command)
    assert len(frame) <= FRAME_MAX
    assert protocol.parse(frame.decode()) == command


@given(text)
@settings(deadline=None)
def test_parse_plain_gives_back_what_was_said(said: str) -> None:
    assert protocol.parse_plain(protocol.encode(protocol.Say(said)).decode()) == protocol.Say(said)


@given(events)
@settings(deadline=None)
def test_an_event_survives_the_wire(event: protocol.AnyEvent) -> None:
    frame = protocol.encode(event)
    assert msgspec.json.decode(frame, type=protocol.AnyEvent) == event
    assert json.loads(frame)["type"] == event.__struct_config__.tag


@given(messages)
@settings(deadline=None)
def test_a_message_survives_the_wire(message: protocol.Message) -> None:
    assert protocol.decode_message(protocol.encode_message(message)) == message


@given(changes)
@settings(deadline=None)
def test_changes_survive_the_wire(frame: protocol.Changes) -> None:
    assert protocol.decode_changes(protocol.encode(frame)) == frame


def test_optional_fields_of_a_message_are_left_out_when_they_say_nothing() -> None:
    now = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    author = protocol.Author("alice", "Alice")
    message = protocol.Message(7, 9, author, "hello", "hello", now, UUID(int=5))
    assert json.loads(protocol.encode(message)) == {
        "sequence": 7,
        "revision": 9,
        "author": {"id": "alice", "name": "Alice", "verified": False},
        "message": "hello",
        "html": "hello",
        "sent_at": "2026-01-02T03:04:05Z",
        "client_id": str(UUID(int=5)),
    }
