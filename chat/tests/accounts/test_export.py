"""The export of everything that is stored about an account."""

import asyncio
import json

from ..harness.clients import ChatClient
from ..harness.people import Person, new_link
from ..harness.servers import Daphne
from ..harness.uploads import Uploader
from ..harness.visitors import Visitor


async def test_the_export_has_everything(lobby: Daphne, room: str) -> None:
    server = lobby
    alice = Visitor(server)
    name = await asyncio.to_thread(alice.sign_up, email="alice@example.com")
    said = [f"message {n} – «ünï»\n\u2028" for n in range(620)]  # more than one page of the export
    async with (
        ChatClient(server.ws_url(room), cookies=alice.cookies) as window,
        ChatClient(server.ws_url(room)) as bob,
    ):
        for start in range(0, len(said), 20):
            await asyncio.gather(*(window.post_nowait(text) for text in said[start : start + 20]))
        theirs = await bob.post(f"not hers, but @{name}")
        await window.delete(2)
        await window.edit(3, "better", revision=3)
        uploader = Uploader(server, room)
        uploader.cookies = alice.cookies
        notes = await asyncio.to_thread(uploader.upload, "notes.txt", b"a note")
        sent = await window.do("post", message="see", files=[notes["id"]], alts=["what I noted"])
    answer = await asyncio.to_thread(alice.get, "/accounts/export/")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="lobby-{name}.json"'
    everything = json.loads(answer.text)
    assert everything["account"]["username"] == name
    assert everything["account"]["email"] == "alice@example.com"
    assert everything["participant"]["id"] == window.you["id"]
    assert [(row["room"], row["role"]) for row in everything["rooms"]] == [(room, "owner")]
    texts = [message["text"] for message in everything["messages"]]
    assert texts == [said[0].strip(), "", "better", *(text.strip() for text in said[3:]), "see"]
    (file,) = everything["files"]
    assert (file["id"], file["name"], file["size"]) == (notes["id"], "notes.txt", 6)
    assert (file["room"], file["place"], file["alt"]) == (room, sent["sequence"], "what I noted")
    (earlier,) = everything["earlier_texts"]
    assert (earlier["room"], earlier["place"], earlier["text"]) == (room, 3, said[2].strip())
    assert everything["mentions"] == [{"room": room, "place": theirs["sequence"]}]
    first = everything["messages"][0]
    assert (first["room"], first["place"], first["said_as"]) == (room, 1, name)
    assert first["sent_at"].endswith("Z")
    server.assert_no_traceback()


async def test_the_export_has_acts_of_and_on_the_account_but_no_secrets_of_others(
    lobby: Daphne, room: str
) -> None:
    server = lobby
    alice, bob = Person(server), Person(server)
    await asyncio.to_thread(alice.sign_up)
    her_room, his_room = room, f"{room}-2"
    async with (
        alice.chat(her_room) as window,
        bob.chat(her_room) as his,
        bob.chat(his_room) as owner,
        alice.chat(his_room) as guest,
    ):
        await window.post("mine")
        await his.post("his")
        await owner.post("this is my room")
        await guest.post("and me")
        await window.do("react", sequence=2, emoji="🦊", on=True)
        await window.do("report", sequence=2, reason="too orange")
        await window.do("block", id=his.you["id"], on=True)
        await window.do("moderate", act="mute", id=his.you["id"], seconds=600, reason="hush")
        await owner.do("moderate", act="ban", id=guest.you["id"], reason="rude")
        name = str(his.you["name"])
    token = await asyncio.to_thread(new_link, alice, her_room, max_uses="3")
    text = (await asyncio.to_thread(alice.get, "/accounts/export/")).text
    kept = json.loads(text)
    assert [(row["room"], row["role"], row["read_up_to"]) for row in kept["rooms"]] == [
        (her_room, "owner", 0),
        (his_room, "member", 0),
    ]
    assert kept["blocked"] == [his.you["id"]]
    assert [(one["place"], one["emoji"]) for one in kept["reactions"]] == [(2, "🦊")]
    assert [(one["place"], one["reason"]) for one in kept["reports"]] == [(2, "too orange")]
    assert [(one["room"], one["uses_at_most"]) for one in kept["invite_links"]] == [(her_room, 3)]
    assert ("mute", name) in [(one["act"], one["whom"]) for one in kept["acts"]]
    assert [(one["room"], one["act"]) for one in kept["acts_on_you"]] == [(his_room, "ban")]
    assert [(one["room"], one["reason"]) for one in kept["bans"]] == [(his_room, "rude")]
    ((hashed,),) = lobby.site.sql("SELECT password FROM auth_user WHERE username = %s", alice.name)
    for secret in (token, hashed, alice.cookies["sessionid"], "this is my room"):
        assert secret not in text
    server.assert_no_traceback()
