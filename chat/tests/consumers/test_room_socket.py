"""Both dialects over real sockets, frame by frame as docs/PROTOCOL.md has them."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from ..harness.clients import ChatClient, PlainClient
from ..harness.servers import Daphne, Site
from ..harness.wires import Wire


async def said(lobby: Daphne, room: str, *texts: str) -> None:
    """The room has messages before the test's participants come."""
    async with ChatClient(lobby.ws_url(room)) as charlie:
        for text in texts:
            await charlie.post(text)


# --- chat.v1 ---


async def test_the_welcome_names_the_participant_and_the_room(lobby: Daphne, room: str) -> None:
    async with Wire(lobby.ws_url(room)) as alice:
        await alice.wait_until(lambda alice: alice.frames)
        welcome = alice.frames[0]
        you = welcome["you"]
        assert welcome == {
            "type": "welcome",
            "room": room,
            "epoch": None,
            "revision": 0,
            "sequence": 0,
            "you": you,
            "present": [{"id": you["id"], "name": you["name"]}],
            "count": 1,
            "standing": {
                "type": "standing",
                "role": "visitor",
                "staff": False,
                "seen": 0,
                "muted_until": None,
                "muted_for": None,
                "blocked": [],
                "offered": False,
                "mentions": [],
            },
            "limits": {"message": 4000, "name": 40, "frame": 65_536, "in_flight": 32},
        }
        assert you["id"]
        assert you["name"]
        assert you["verified"] is False
    await said(lobby, room, "one", "two")
    async with Wire(lobby.ws_url(room)) as alice:
        await alice.wait_until(lambda alice: alice.frames)
        welcome = alice.frames[0]
        assert (welcome["sequence"], welcome["revision"]) == (2, 2)
        assert welcome["epoch"]


async def test_the_welcome_is_the_first_frame_however_much_is_said(lobby: Daphne, room: str) -> None:
    async with ChatClient(lobby.ws_url(room)) as alice:
        talking = asyncio.create_task(_talk(alice))
        for _ in range(20):
            async with Wire(lobby.ws_url(room)) as bob:
                await bob.wait_until(lambda bob: bob.of("welcome"))
                assert bob.frames[0]["type"] == "welcome"
        talking.cancel()


async def _talk(alice: ChatClient) -> None:
    while True:
        await alice.post("and so on")


async def test_a_message_is_whole_in_every_frame(lobby: Daphne, room: str) -> None:
    before = datetime.now(UTC)
    await said(lobby, room, "question?")
    async with Wire(lobby.ws_url(room)) as alice:
        client_id = str(uuid4())
        await alice.post(' <b>see</b>\n"https://example.com" ', client_id.upper(), reply_to=1)
        ack = await alice.answer_to(client_id)
        assert ack == {"type": "ack", "client_id": client_id, "sequence": 2, "revision": 2}
        await alice.wait_until(lambda alice: alice.of("changes"))
        changes = alice.of("changes")[0]
        assert (changes["after"], changes["revision"]) == (1, 2)
        assert not changes.get("reset")
        (message,) = changes["messages"]
        sent_at = datetime.fromisoformat(message.pop("sent_at"))
        assert before <= sent_at <= datetime.now(UTC)
        assert "<b>" not in (html := message.pop("html"))
        assert "&lt;b&gt;see&lt;/b&gt;<br>" in html
        assert 'href="https://example.com"' in html
        assert message == {
            "sequence": 2,
            "revision": 2,
            "author": alice.of("welcome")[0]["you"],
            "message": '<b>see</b>\n"https://example.com"',
            "client_id": client_id,
            "reply_to": 1,
        }
        page = await alice.ask("history", "history", limit=1)
        reset = await alice.ask("resume", "changes")
        assert page["messages"][0] == reset["messages"][-1]
        assert page["messages"][0] | message == page["messages"][0]


async def test_edits_and_deletions_come_live_and_whole(lobby: Daphne, room: str) -> None:
    async with ChatClient(lobby.ws_url(room)) as alice, ChatClient(lobby.ws_url(room)) as bob:
        await alice.post("helo")
        await alice.post("oh no")
        await bob.wait_until(lambda bob: len(bob.log) == 2)
        ack = await alice.edit(1, "hello", revision=1)
        assert (ack["sequence"], ack["revision"]) == (1, 3)
        await alice.delete(2)
        await bob.wait_until(lambda bob: bob.revision == 4)
        assert bob.log[1]["message"] == "hello"
        assert bob.log[1]["edited_at"]
        assert bob.log[2]["deleted"] is True
        assert (bob.log[2]["message"], bob.log[2]["html"]) == ("", "")
        await alice.wait_until(lambda alice: alice.log == bob.log)


# --- Resume and history ---


async def test_resume_brings_everything_since_the_cursor_and_nothing_else(lobby: Daphne, room: str) -> None:
    async with ChatClient(lobby.ws_url(room)) as alice, Wire(lobby.ws_url(room)) as bob:
        for n in range(1, 6):
            await alice.post(f"{n}")
        await alice.wait_until(lambda alice: len(alice.log) == 5)
        await alice.edit(2, "2, mended")
        await alice.delete(1)
        await bob.wait_until(lambda bob: any(frame["revision"] == 7 for frame in bob.of("changes")))
        resumed = await bob.ask("resume", "changes", epoch=alice.epoch, after=4)
        assert resumed["after"] == 4
        assert not resumed.get("reset")
        assert resumed["revision"] == 7
        assert [(m["sequence"], m["revision"]) for m in resumed["messages"]] == [(5, 5), (2, 6), (1, 7)]
        nothing = await bob.ask("resume", "changes", epoch=alice.epoch, after=7)
        assert (nothing["after"], nothing["revision"], nothing["messages"]) == (7, 7, [])


@pytest.mark.parametrize(
    "cursor",
    [{}, {"after": 3}, {"epoch": "another epoch", "after": 3}, {"epoch": "", "after": 0}, {"beyond": True}],
    ids=str,
)
async def test_a_cursor_of_another_epoch_is_answered_with_a_reset(
    lobby: Daphne, room: str, cursor: dict[str, Any]
) -> None:
    await said(lobby, room, "one", "two", "three")
    async with Wire(lobby.ws_url(room)) as alice:
        await alice.wait_until(lambda alice: alice.frames)
        if cursor == {"beyond": True}:
            cursor = {"epoch": alice.frames[0]["epoch"], "after": 4}
        reset = await alice.ask("resume", "changes", **cursor)
        assert reset["reset"] is True
        assert not reset.get("more")
        assert reset["epoch"] == alice.frames[0]["epoch"]
        assert reset["after"] == reset["revision"] == 3
        assert [message["message"] for message in reset["messages"]] == ["one", "two", "three"]


async def test_resume_in_a_room_where_nothing_was_ever_said(lobby: Daphne, room: str) -> None:
    async with Wire(lobby.ws_url(room)) as alice:
        reset = await alice.ask("resume", "changes")
        assert (reset["epoch"], reset["revision"], reset["messages"]) == (None, 0, [])


async def test_a_client_that_is_far_behind_gets_the_newest_page_and_the_rest_from_history(
    lobby: Daphne, room: str
) -> None:
    async with ChatClient(lobby.ws_url(room)) as alice:
        for start in range(1, 541, 30):
            await asyncio.gather(*(alice.post_nowait(f"{n}") for n in range(start, start + 30)))
        async with ChatClient(lobby.ws_url(room)) as bob, Wire(lobby.ws_url(room)) as charlie:
            assert bob.more
            (newest,) = (frame for frame in bob.frames if frame.get("reset"))
            assert [m["sequence"] for m in newest["messages"]] == list(range(491, 541))
            near = await charlie.ask("resume", "changes", epoch=bob.epoch, after=40)
            assert not near.get("reset")
            assert len(near["messages"]) == 500
            far = await charlie.ask("resume", "changes", epoch=bob.epoch, after=39)
            assert far["reset"] is True
            assert (far["more"], len(far["messages"])) == (True, 50)
            page = await bob.history(limit=100)
            while page["more"]:
                oldest = page["messages"][0]["sequence"]
                page = await bob.history(before=oldest, limit=100)
                assert [m["sequence"] for m in page["messages"]] == list(range(max(1, oldest - 100), oldest))
            assert bob.texts == [f"{n}" for n in range(1, 541)]
            assert bob.log == bob.log | {k: v for k, v in alice.log.items() if k in bob.log}
            assert (await bob.history(before=1))["messages"] == []
            assert len((await bob.history())["messages"]) == 50
            assert (await bob.history(before=2**63 - 1, limit=1))["messages"][0]["message"] == "540"


async def test_history_is_read_after_and_around_a_sequence(any_site: Site) -> None:
    server = any_site.daphne()
    async with Wire(server.ws_url("tea")) as alice, ChatClient(server.ws_url("tea")) as bob:

        async def read(**asked: int) -> tuple[list[int], bool, bool]:
            page = await alice.ask("history", "history", **asked)
            assert page.get("around") == asked.get("around")
            return [m["sequence"] for m in page["messages"]], page["more"], page.get("newer", False)

        assert await read(around=1) == await read(after=0) == ([], False, False)
        await asyncio.gather(*(bob.post_nowait(f"{n}") for n in range(1, 31)))
        assert await read(after=0, limit=10) == (list(range(1, 11)), False, True)
        assert await read(after=10, limit=10) == (list(range(11, 21)), True, True)
        assert await read(after=25, limit=10) == (list(range(26, 31)), True, False)
        assert await read(after=30) == await read(after=2**63 - 1) == ([], False, False)
        assert await read(around=15, limit=10) == (list(range(10, 20)), True, True)
        assert await read(around=15, limit=1) == ([15], True, True)
        assert await read(around=2, limit=10) == (list(range(1, 7)), False, True)
        assert await read(around=30, limit=10) == (list(range(21, 31)), True, False)
        assert await read(around=31) == await read(around=2**63 - 1) == ([], False, False)
        assert await read(before=6, limit=2) == ([4, 5], True, True)


# --- Acks and errors ---


async def test_a_resend_is_acked_again_with_the_first_numbers_and_delivered_once(
    lobby: Daphne, room: str
) -> None:
    async with Wire(lobby.ws_url(room)) as alice, PlainClient(lobby.ws_url(room)) as bob:
        client_id = str(uuid4())
        for _ in range(3):
            await alice.post("hello", client_id)
        await alice.wait_until(lambda alice: len(alice.of("ack")) == 3)
        assert [ack["sequence"] for ack in alice.of("ack")] == [1, 1, 1]
        await alice.post("the end")
        await bob.wait_until(lambda bob: "the end" in bob.texts)
        assert bob.texts == ["hello", "the end"]


async def test_each_refused_write_is_named_in_its_error(lobby: Daphne, room: str) -> None:
    await said(lobby, room, "charlie's")
    async with Wire(lobby.ws_url(room)) as alice:
        await alice.answer_to(await alice.post("mine"))
        edit = {"type": "edit", "sequence": 2, "message": "mine alone", "revision": 2}
        await alice.send({**edit, "client_id": (client_id := str(uuid4()))})
        assert (await alice.answer_to(client_id))["type"] == "ack"
        wrong: dict[str, dict[str, Any]] = {
            "empty": {"type": "post", "message": ""},
            "too_long": {"type": "post", "message": "x" * 4001},
            "invalid": {"type": "post", "message": None},
            "not_found": {"type": "delete", "sequence": 99},
            "forbidden": {"type": "delete", "sequence": 1},
            "conflict": {**edit, "message": "x"},
            "unknown_type": {"type": "dance"},
        }
        for code, command in wrong.items():
            client_id = str(uuid4())
            await alice.send({**command, "client_id": client_id})
            error = await alice.answer_to(client_id)
            assert (error["type"], error["code"]) == ("error", code)
            assert error["message"]
        for name, code in (("", "empty"), ("x" * 41, "too_long"), ("a\u202eb", "invalid")):
            client_id = str(uuid4())
            await alice.send({"type": "rename", "name": name, "client_id": client_id})
            assert (await alice.answer_to(client_id))["code"] == code


async def test_a_rename_is_acked_with_the_new_self_and_kept_for_the_next_socket(
    lobby: Daphne, room: str
) -> None:
    page = lobby.get(lobby.room_url(room))
    cookie = page.headers["Set-Cookie"].split(";")[0].split("=", 1)
    cookies = {cookie[0]: cookie[1]}
    async with ChatClient(lobby.ws_url(room), cookies=cookies) as alice:
        ack = await alice.rename("Alice")
        assert "sequence" not in ack
        assert ack["you"] == {**alice.welcome["you"], "name": "Alice"}
    async with ChatClient(lobby.ws_url(room), cookies=cookies) as alice:
        assert alice.you["name"] == "Alice"
        await alice.post("it is me")
        await alice.wait_until(lambda alice: alice.log)
        assert alice.log[1]["author"] == alice.you
