"""Participants with cookies: a room's page, its socket, and the forms of its moderators."""

import html
import re
from typing import Any, NamedTuple
from urllib.parse import quote

from .clients import ChatClient
from .forms import fields_of
from .servers import ServerProcess
from .visitors import Seen, Visitor


class Person(Visitor):
    def chat(self, room: str, server: ServerProcess | None = None) -> ChatClient:
        """The socket that this person's page of the room opens."""
        if not {"guest", "sessionid"} & self.cookies.keys():
            self.get("/chat/some-room/")  # any page of a room brings the cookie
        return ChatClient((server or self.server).ws_url(room), cookies=self.cookies, headers=self.headers)

    def enter(self, room: str) -> Seen:
        return self.get(room_path(room))

    def manage(self, room: str, page: str = "", **fields: Any) -> Seen:
        """Send a form of a page under /manage/; gives the page that follows."""
        return self.send(manage_path(room, page), **fields)

    def set(self, room: str, **changes: str) -> Seen:
        """Change some of the room's settings on its page."""
        fields = fields_of(self.get(manage_path(room)).text, "settings") | changes
        return self.post(manage_path(room), do="settings", **fields)

    def follow(self, token: str) -> Seen:
        """Open an invite link."""
        return self.send("/invite/", token=token)


def room_path(room: str) -> str:
    return f"/chat/{quote(room, safe='')}/"


def manage_path(room: str, page: str = "") -> str:
    return f"/manage/{quote(room, safe='')}/{page}"


class RoomPeople(NamedTuple):
    """alice owns the room, dora is a moderator, bob a member, charlie banned."""

    alice: Person
    bob: Person
    charlie: Person
    dora: Person
    ids: dict[str, str]


async def said(person: Person, room: str, *texts: str) -> str:
    """Post texts; gives the participant's public id."""
    async with person.chat(room) as client:
        for text in texts:
            await client.post(text)
        return str(client.you["id"])


async def room_people(server: ServerProcess, room: str) -> RoomPeople:
    alice, bob, charlie, dora = people = [Person(server) for _ in range(4)]
    names = ("alice", "bob", "charlie", "dora")
    ids = {
        name: await said(person, room, f"{name} is here") for name, person in zip(names, people, strict=True)
    }
    assert "is now a moderator" in alice.manage(room, "people/", act="promote", id=ids["dora"]).words
    assert "is banned" in alice.manage(room, "people/", act="ban", id=ids["charlie"]).words
    return RoomPeople(alice, bob, charlie, dora, ids)


# --- Invite links ---


def new_link(alice: Person, room: str, **options: Any) -> str:
    """The token of a new link."""
    page = alice.manage(room, "invites/", **({"days": "7", "max_uses": ""} | options)).text
    return tokens(page)[0]


def tokens(page: str) -> list[str]:
    """Of the links on the page, the newest first."""
    return [html.unescape(token) for token in re.findall(r'data-copy="[^"#]*#([^"]+)"', page)]
