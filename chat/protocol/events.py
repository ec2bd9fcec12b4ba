"""What the server sends: one type an event. docs/PROTOCOL.md is the description for people. Pure."""

import datetime
from collections.abc import Iterable
from uuid import UUID

import msgspec


class Author(msgspec.Struct, frozen=True):
    id: str | None
    name: str
    verified: bool = False


class Reactions(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who put one emoji under a message: how many, and the first 20 names, with their ids; fewer where the
    message would be larger than `STATE_MAX`."""

    emoji: str
    count: int
    names: list[str]
    ids: list[str] = []
    """Empty where the last reaction came before ids were kept."""


class Mention(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody whom the text names, or everybody who was present (`@here`), who have no id."""

    name: str
    """As it stands in the text behind the `@`."""
    id: str | None = None


class File(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file of a message, at `/files/<id>/`."""

    id: str
    name: str
    type: str
    """MIME, by the file's content."""
    size: int  # bytes
    kind: str
    """`image`, `audio`, `video` or `file`."""
    width: int | None = None  # pixels
    height: int | None = None
    preview: str = ""
    """An image of 16 pixels, as a data URI."""
    alt: str = ""


def in_plain_text(text: str, files: Iterable[File]) -> str:
    """The text, and a line for each file: what it shows, or its name, and its address."""
    lines = [f"{file.alt or file.name} /files/{file.id}/" for file in files]
    return "\n".join([text, *lines] if text else lines)


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message, whole: its newest state."""

    sequence: int
    revision: int
    author: Author
    message: str
    html: str
    sent_at: datetime.datetime
    client_id: UUID
    edited_at: datetime.datetime | None = None
    deleted: bool = False
    reply_to: int | None = None
    reactions: list[Reactions] | None = None
    mentions: list[Mention] | None = None
    files: list[File] | None = None


class RoomState(msgspec.Struct, frozen=True, omit_defaults=True):
    """The room itself, whole. What is left out is off, or nothing."""

    name: str
    topic: str
    access: int = 0
    """Revision of the last change of who may what."""
    private: bool = False
    password: bool = False
    read_only: bool = False
    slow_mode: int = 0
    """Seconds between two messages of one person."""
    retention_days: int | None = None
    hidden: bool = False
    closed: bool = False
    purged_through: int = 0
    """Messages up to this place are gone."""
    pinned: int | None = None
    """The place of the message that is pinned."""
    uploads: bool = True
    """Messages may have files."""


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody who is here."""

    id: str
    name: str
    verified: bool = False
    role: str = "visitor"


class Limits(msgspec.Struct, frozen=True):
    message: int  # code points
    name: int  # characters
    frame: int  # bytes
    in_flight: int  # writes that may wait for their answer


class Event(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class Standing(Event, frozen=True, tag="standing"):
    """What you are in this room. Sent in `welcome`, and when it changes."""

    role: str = "visitor"
    staff: bool = False
    seen: int = 0
    """Your read mark here."""
    muted_until: datetime.datetime | None = None
    muted_for: float | None = None
    """Seconds until then, when this was sent."""
    blocked: list[str] = []
    """The ids of those you do not want to read."""
    offered: bool = False
    """The owner offers you this room."""
    mentions: list[int] = []
    """The places of the first 100 messages after your read mark that mention you."""


class Welcome(Event, frozen=True, tag="welcome"):
    room: str
    epoch: str | None
    revision: int
    sequence: int
    you: Author
    present: list[Person]
    """Up to 100 people; `count` says how many there are."""
    count: int
    standing: Standing
    limits: Limits


class Presence(Event, frozen=True, tag="presence", omit_defaults=True):
    """At most one a second. `joined` are to be put in or replaced by id. `present`, if given, is
    everybody and replaces what was known. Where more than 100 are here only `count` is said."""

    count: int
    joined: list[Person] = []
    left: list[str] = []
    present: list[Person] | None = None


class TypingNames(Event, frozen=True, tag="typing"):
    """Who is typing now: good for 5 s. At most one a second; an empty one ends it."""

    names: list[str]
    ids: list[str]


class PeoplePage(Event, frozen=True, tag="people"):
    """Up to 100 people whose name contains the query, by name; `count` is how many there are in all."""

    query: str
    people: list[Person]
    count: int


class Changes(Event, frozen=True, tag="changes", omit_defaults=True):
    """`messages` are encoded already: a message is encoded once, however many frames carry it."""

    epoch: str | None
    after: int
    revision: int
    messages: list[msgspec.Raw]
    room: RoomState | None = None
    reset: bool = False
    more: bool = False


class HistoryPage(Event, frozen=True, tag="history", omit_defaults=True):
    messages: list[msgspec.Raw]
    more: bool
    """Older messages exist."""
    newer: bool = False
    """Newer messages exist."""
    around: int | None = None
    """As it was asked for."""


class ReactorsPage(Event, frozen=True, tag="reactors", omit_defaults=True):
    """Up to 100 people who put an emoji under a message, each with the name of today."""

    sequence: int
    emoji: str
    people: list[Author]
    count: int
    """How many there are in all."""
    own: bool
    """You are one of them, on whichever page."""
    more: bool = False


class EarlierText(msgspec.Struct, frozen=True):
    number: int
    """1: the text that was posted. Numbers have no gaps; the oldest are missing where there were many."""
    message: str
    html: str
    written_at: datetime.datetime


class EarlierPage(Event, frozen=True, tag="earlier", omit_defaults=True):
    """Up to 5 texts that a message had before it was edited, newest first."""

    sequence: int
    texts: list[EarlierText]
    more: bool = False


class FoundMessage(msgspec.Struct, frozen=True):
    room: str
    message: msgspec.Raw
    context: list[tuple[str, bool]]
    """Pieces of the text around the first place that was found, and whether each was looked for."""


class Found(Event, frozen=True, tag="found", omit_defaults=True):
    """Up to 20 messages, newest first."""

    query: str
    hits: list[FoundMessage]
    everywhere: bool = False
    """Query and this are as they were asked for."""
    cursor: int | None = None
    """Ask with it for the next page. None: that was all."""
    incomplete: bool = False
    """Older messages may be missing: the index is being built, or the time was up."""


class Ack(Event, frozen=True, tag="ack", omit_defaults=True):
    client_id: UUID
    sequence: int | None = None
    revision: int | None = None
    you: Author | None = None
    notice: str | None = None
    """What was done, for the person who asked for it."""


class Error(Event, frozen=True, tag="error", omit_defaults=True):
    code: str
    message: str
    client_id: UUID | None = None
    retry_after: float | None = None
    files: list[str] = []
    """The ids that `file_gone` is about."""


class RoomEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A room in the list of rooms."""

    name: str
    topic: str
    sequence: int
    last_posted_at: datetime.datetime
    count: int
    """People who are there now."""
    unread: int | None = None
    """What is new there to one person; None where they have never been."""
    private: bool = False
    password: bool = False
    mentions: int = 0
    """Unread messages that mention one person."""
    epoch: str = ""
    """The epoch of the room's counters: a read mark of another epoch has no meaning."""
    reports: int = 0
    """Reported messages that wait for one person, who moderates the room."""


class FoundRooms(Event, frozen=True, tag="found_rooms"):
    query: str
    rooms: list[str]
    """Up to 8 names: first the room that is called so, then those talked in last."""


class Rooms(Event, frozen=True, tag="rooms"):
    """The list of rooms, whole: first frame of the index's socket, and again when it changes."""

    rooms: list[RoomEntry]


class YourRooms(Event, frozen=True, tag="your_rooms"):
    """What the list is to one person, whole: again when it changes."""

    rooms: list[RoomEntry]
    """Those that they own, have joined or talked in, also of those that everybody finds."""
    unread: dict[str, int]
    """By the name of a room that everybody finds, and where you have been."""
    mentions: dict[str, int] = {}
    """How many of them mention you, likewise; rooms where none does are left out."""


class Said(msgspec.Struct, frozen=True):
    """A message in the plain dialect."""

    message: str
    author: str
    sequence: int


class Refusal(msgspec.Struct, frozen=True):
    """The plain dialect's error."""

    error: str
    message: str
