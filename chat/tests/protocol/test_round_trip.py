"""What is encoded is what is read back: commands, events, messages."""

import datetime
import json
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from chat import protocol
from chat.protocol.limits import FRAME_MAX

characters = st.characters(exclude_categories=["Cs"])
text = st.text(characters, max_size=200)
short = st.text(characters, min_size=1, max_size=32)
seconds = st.integers(0, 10 * 366 * 24 * 3600)
place = st.integers(1, 2**63 - 1)
count = st.integers(0, 2**63 - 1)
moments = st.datetimes(timezones=st.just(datetime.UTC))
commands = st.one_of(
    st.builds(protocol.Post, st.uuids(), text, st.none() | place),
    st.builds(protocol.Edit, st.uuids(), place, text, count),
    st.builds(protocol.Delete, st.uuids(), place),
    st.builds(protocol.Rename, st.uuids(), text),
    st.builds(protocol.React, st.uuids(), place, short, st.booleans()),
    st.builds(protocol.Block, st.uuids(), short, st.booleans()),
    st.builds(protocol.Report, st.uuids(), place, text),
    st.builds(
        protocol.Moderate,
        client_id=st.uuids(),
        act=st.sampled_from(protocol.Act),
        id=st.none() | short,
        name=st.none() | text,
        sequence=st.none() | place,
        seconds=st.none() | seconds,
        address=st.booleans(),
        reason=text,
    ),
    st.builds(
        protocol.Configure, st.uuids(), st.none() | text, st.none() | seconds, st.none() | st.booleans()
    ),
    st.builds(protocol.Seen, place),
    st.builds(protocol.Typing),
    st.builds(protocol.People, text),
    st.builds(protocol.Resume, st.none() | text, count),
    st.builds(protocol.History, st.none() | place, st.integers(1, 100)),
    st.builds(protocol.History, after=count),
    st.builds(protocol.History, around=place),
    st.builds(protocol.Reactors, place, short, st.none() | st.just("a1")),
    st.builds(protocol.Earlier, place, st.none() | place),
    st.builds(protocol.Search, text, st.none() | place, st.booleans()),
    st.builds(protocol.WatchRooms, st.booleans()),
    st.builds(protocol.FindRooms, text),
)
authors = st.builds(protocol.Author, st.none() | text, text, st.booleans())
reactions = st.builds(protocol.Reactions, text, count, st.lists(text, max_size=3))
room_entries = st.lists(
    st.builds(
        protocol.RoomEntry,
        text,
        text,
        count,
        moments,
        count,
        st.none() | count,
        st.booleans(),
        st.booleans(),
    ),
    max_size=3,
)
files = st.builds(
    protocol.File, text, text, text, count, text, st.none() | count, st.none() | count, text, text
)
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
    reactions=st.none() | st.lists(reactions, max_size=3),
    files=st.none() | st.lists(files, max_size=3),
)
raw_messages = st.lists(messages.map(protocol.encode_message), max_size=3)
rooms = st.builds(
    protocol.RoomState,
    name=text,
    topic=text,
    access=count,
    private=st.booleans(),
    password=st.booleans(),
    read_only=st.booleans(),
    slow_mode=count,
    retention_days=st.none() | count,
    hidden=st.booleans(),
    closed=st.booleans(),
    purged_through=count,
    pinned=st.none() | place,
    uploads=st.booleans(),
)
people = st.lists(st.builds(protocol.Person, text, text, st.booleans(), text), max_size=3)
names = st.lists(text, max_size=3)
standings = st.builds(
    protocol.Standing,
    role=text,
    staff=st.booleans(),
    seen=count,
    muted_until=st.none() | moments,
    muted_for=st.none() | st.floats(0, 1e12),
    blocked=names,
)
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
        people,
        count,
        standings,
        st.builds(protocol.Limits, count, count, count, count),
    ),
    standings,
    st.builds(protocol.Presence, count, people, names, st.none() | people),
    st.builds(protocol.TypingNames, names, names),
    st.builds(protocol.PeoplePage, text, people, count),
    st.builds(protocol.Rooms, room_entries),
    st.builds(protocol.YourRooms, room_entries, st.dictionaries(text, count, max_size=3)),
    st.builds(protocol.HistoryPage, raw_messages, st.booleans(), st.booleans(), st.none() | place),
    st.builds(
        protocol.ReactorsPage,
        place,
        short,
        st.lists(authors, max_size=3),
        count,
        own=st.booleans(),
        more=st.booleans(),
    ),
    st.builds(
        protocol.EarlierPage,
        place,
        st.lists(st.builds(protocol.EarlierText, place, text, text, moments), max_size=3),
        st.booleans(),
    ),
    st.builds(
        protocol.Ack,
        client_id=st.uuids(),
        sequence=st.none() | place,
        revision=st.none() | place,
        you=st.none() | authors,
        notice=st.none() | text,
    ),
    st.builds(
        protocol.Error,
        text,
        text,
        st.none() | st.uuids(),
        st.none() | st.floats(0, 1000, allow_nan=False),
    ),
)


@given(commands)
def test_parse_gives_back_the_command_that_was_encoded(command: protocol.AnyCommand) -> None:
    frame = protocol.encode(command)
    assert len(frame) <= FRAME_MAX
    assert protocol.parse(frame.decode()) == command


@given(text)
def test_parse_plain_gives_back_what_was_said(said: str) -> None:
    assert protocol.parse_plain(protocol.encode(protocol.Say(said)).decode()) == protocol.Say(said)


@given(events)
def test_an_event_survives_the_wire(event: protocol.Event) -> None:
    frame = protocol.encode(event)
    assert msgspec.json.decode(frame, type=type(event)) == event
    assert json.loads(frame)["type"] == event.__struct_config__.tag


@given(messages)
def test_a_message_survives_the_wire(message: protocol.Message) -> None:
    assert protocol.decode_message(protocol.encode_message(message)) == message


@given(changes)
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
