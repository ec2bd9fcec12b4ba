"""What a browser sends: one type a command. docs/PROTOCOL.md is the description for people. Pure."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from .limits import ALT_MAX, FILES_MAX, MENTIONS_MAX

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Place = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=10 * 366 * 24 * 3600)]
PublicId = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
Mentions = Annotated[list[PublicId], msgspec.Meta(max_length=MENTIONS_MAX)]
FileId = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{1,32}\Z")]
Files = Annotated[list[FileId], msgspec.Meta(max_length=FILES_MAX)]
Alts = Annotated[list[Annotated[str, msgspec.Meta(max_length=ALT_MAX)]], msgspec.Meta(max_length=FILES_MAX)]
Emoji = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
Reason = Annotated[str, msgspec.Meta(max_length=500)]
PartOfName = Annotated[str, msgspec.Meta(max_length=200)]


class Command(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class Write(Command, frozen=True):
    """A command that is committed, then answered by `ack` or `error` with its `client_id`."""

    client_id: UUID


class Post(Write, frozen=True, tag="post"):
    message: str
    reply_to: Place | None = None
    mentions: Mentions | None = None
    """The ids of those whom an `@name` in the text means. Without them the server finds them by name."""
    files: Files = []
    """The ids of files that were uploaded for it. With them the text may be empty."""
    alts: Alts = []
    """What describes the files, in the order of their ids; the last ones may be left out."""

    def __post_init__(self) -> None:
        if len(set(self.files)) < len(self.files) or len(self.alts) > len(self.files):
            raise ValueError("files")


class Edit(Write, frozen=True, tag="edit"):
    sequence: Place
    message: str
    revision: Count
    """The message's revision when its author last saw it."""
    mentions: Mentions | None = None
    """As of a post."""


class Delete(Write, frozen=True, tag="delete"):
    sequence: Place


class Rename(Write, frozen=True, tag="rename"):
    name: str


class React(Write, frozen=True, tag="react"):
    sequence: Place
    emoji: Emoji
    on: bool = True


class Block(Write, frozen=True, tag="block"):
    """Hide somebody's messages from oneself. Nobody else learns of it."""

    id: PublicId
    on: bool = True


class Report(Write, frozen=True, tag="report"):
    sequence: Place
    reason: Reason = ""


class Act(StrEnum):
    """Moderation and membership actions. Each is in the room's audit log."""

    MUTE = "mute"
    UNMUTE = "unmute"
    KICK = "kick"
    BAN = "ban"
    UNBAN = "unban"
    PURGE = "purge"
    """Delete every message of a person in this room: tombstones stay."""
    PIN = "pin"
    UNPIN = "unpin"
    PROMOTE = "promote"
    """Make a member a moderator."""
    DEMOTE = "demote"
    ADMIT = "admit"
    """Make a visitor a member, who may enter while the room is private."""
    DISMISS = "dismiss"
    """Make a member a visitor: out of a private room."""
    HAND_OVER = "hand_over"
    """Offer somebody to be the owner in one's place."""
    ACCEPT = "accept"
    """Own the room that one is offered."""
    DECLINE = "decline"
    """Say no to the offer of a room; its owner takes the offer back."""
    LEAVE = "leave"
    """Be no member of the room any more."""
    SUCCEED = "succeed"
    """Take the place of an owner who has been away for too long."""


class Moderate(Write, frozen=True, tag="moderate"):
    """`id` or `name` says whom, `sequence` which message, as the act needs it."""

    act: Act
    id: PublicId | None = None
    name: str | None = None
    sequence: Place | None = None
    seconds: Seconds | None = None
    """How long a mute or a ban lasts; without it, for good."""
    address: bool = False
    """Ban the network address too."""
    reason: Reason = ""


class Configure(Write, frozen=True, tag="configure"):
    """Owner's settings that can be changed from within the room. What is not named stays as it is."""

    topic: str | None = None
    slow_mode: Seconds | None = None
    read_only: bool | None = None


class Seen(Command, frozen=True, tag="seen"):
    """The read mark: everything up to this place was on the screen."""

    sequence: Place


class Typing(Command, frozen=True, tag="typing"):
    on: bool = True
    """False: the draft is empty again, or was an edit that is saved."""


class People(Command, frozen=True, tag="people"):
    """Who is here, by part of the name."""

    query: PartOfName = ""


class Resume(Command, frozen=True, tag="resume"):
    epoch: str | None = None
    after: Count = 0


class History(Command, frozen=True, tag="history"):
    """The page before, after or around a place; the newest where none is named."""

    before: Place | None = None
    limit: Limit = 50
    after: Count | None = None
    around: Place | None = None

    def __post_init__(self) -> None:
        if [self.before, self.after, self.around].count(None) < 2:
            raise ValueError("before, after or around")


class Reactors(Command, frozen=True, tag="reactors"):
    """Who put an emoji under a message."""

    sequence: Place
    emoji: Emoji
    after: PublicId | None = None
    """The id of the last person of the page before."""


class Earlier(Command, frozen=True, tag="earlier"):
    """What a message said before it was edited."""

    sequence: Place
    before: Place | None = None
    """The number of the last text of the page before."""


class Search(Command, frozen=True, tag="search"):
    """Messages of this room, or of every room that one may read, by the words and filters of a query."""

    query: str
    cursor: Place | None = None
    """That of the page before."""
    everywhere: bool = False
    zone: str | None = None
    """The reader's (IANA), in which the days of the query are meant. Of an unknown name, the site's."""


class WatchRooms(Command, frozen=True, tag="watch_rooms"):
    """Be sent the list of rooms over the socket of a room, or no longer."""

    on: bool = True


class FindRooms(Command, frozen=True, tag="find_rooms"):
    """Rooms that everybody finds, by part of the name."""

    query: PartOfName


AnyWrite = Post | Edit | Delete | Rename | React | Block | Report | Moderate | Configure
AnyRead = People | Resume | History | Reactors | Earlier | Search | WatchRooms | FindRooms
AnyCommand = AnyWrite | Seen | Typing | AnyRead


class Say(msgspec.Struct, frozen=True):
    """The plain dialect's one command."""

    message: str
