"""Files on their whole way: sent, posted, heard of by others, read, and gone with their message."""

import asyncio
from typing import Any

import pytest

from ..conftest import Pair
from ..harness.clients import ChatClient, PlainClient, Refused
from ..harness.people import Person, manage_path
from ..harness.servers import Answer, ServerProcess
from ..harness.talk import together
from ..harness.uploads import Uploader, image


def chat(someone: Uploader, server: ServerProcess) -> ChatClient:
    return ChatClient(server.ws_url(someone.room), cookies=someone.cookies)


def read(someone: Uploader, path: str, server: ServerProcess | None = None) -> Answer:
    cookie = "; ".join(f"{name}={value}" for name, value in someone.cookies.items())
    return (server or someone.server).get(path, {"Cookie": cookie})


def files_of(client: ChatClient, sequence: int) -> Any:
    return client.log[sequence].get("files")


async def test_a_file_is_heard_of_and_read_by_others_until_they_are_banned(any_pair: Pair, room: str) -> None:
    here, there = any_pair
    alice, bob = Uploader(here, room), Uploader(there, room)
    photo, notes = alice.upload("cat.png", image()), alice.upload("notes.txt", b"a note")
    a, b, plain = chat(alice, here), chat(bob, there), PlainClient(there.ws_url(room))
    async with together(a, b, plain):
        await b.post("bob was here")
        ids = [photo["id"], notes["id"]]
        ack = await a.do("post", message="", files=ids, alts=["a cat"])
        sequence = ack["sequence"]
        await b.wait_until(lambda b: sequence in b.log)
        assert files_of(b, sequence) == [photo | {"alt": "a cat"}, notes]
        await plain.wait_until(lambda plain: len(plain.texts) == 2)
        assert plain.texts[1] == f"a cat /files/{photo['id']}/\nnotes.txt /files/{notes['id']}/"
        assert read(bob, f"/files/{notes['id']}/", there).body == b"a note"
        assert read(bob, f"/files/{photo['id']}/thumbnail/").status == 200
    owner = Person(here, cookies=bob.cookies)  # bob spoke first
    owner.send(manage_path(room, "people/"), act="ban", id=a.you["id"])
    for server in any_pair:
        assert read(alice, f"/files/{notes['id']}/", server).status == 404
        assert read(bob, f"/files/{notes['id']}/", server).status == 200


async def test_a_file_that_is_gone_is_told_by_its_id_and_the_text_is_not_stored(
    any_lobby: ServerProcess, room: str
) -> None:
    alice, bob = Uploader(any_lobby, room), Uploader(any_lobby, room)
    notes, others = alice.upload("notes.txt", b"a note")["id"], bob.upload("b.txt", b"bob's")["id"]
    async with chat(alice, any_lobby) as client:
        with pytest.raises(Refused) as refused:
            await client.do("post", message="look", files=[notes, others])
        assert (refused.value.code, refused.value.frame["files"]) == ("file_gone", [others])
        ack = await client.do("post", message="look", files=[notes])
        assert ack["sequence"] == 1


async def test_a_deleted_message_takes_its_files_along_everywhere(any_pair: Pair, room: str) -> None:
    here, there = any_pair
    alice, bob = Uploader(here, room), Uploader(there, room)
    key = alice.upload("notes.txt", b"a note")["id"]
    async with chat(alice, here) as a, chat(bob, there) as b:
        sequence = (await a.do("post", message="look", files=[key]))["sequence"]
        assert read(bob, f"/files/{key}/").status == 200
        await a.delete(sequence)
        assert read(bob, f"/files/{key}/").status == 404
        await b.wait_until(lambda b: b.log.get(sequence, {}).get("deleted"))
        assert files_of(b, sequence) is None


async def test_a_file_that_is_posted_twice_at_the_same_time_is_taken_once(any_pair: Pair, room: str) -> None:
    here, there = any_pair
    alice = Uploader(here, room)
    async with chat(alice, here) as one, chat(alice, there) as other:
        for _ in range(5):
            key = alice.upload("notes.txt", b"a note")["id"]
            posts = [client.do("post", message="look", files=[key]) for client in (one, other)]
            acked, refused = sorted(await asyncio.gather(*posts, return_exceptions=True), key=type_name)
            assert (type_name(acked), getattr(refused, "code", "")) == ("dict", "file_gone"), refused


def type_name(outcome: object) -> str:
    return type(outcome).__name__.lower()
