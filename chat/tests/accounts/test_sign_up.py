"""A guest who signs up stays who they are: the same id, the same messages, the same rooms."""

import asyncio
import json
import re

import pytest
from django.contrib.auth.models import User

from chat.access.identity import Identity, guest
from chat.accounts.service import sign_up
from chat.models import Participant

from ..conftest import Pair
from ..harness.clients import ChatClient
from ..harness.servers import Daphne
from ..harness.visitors import PASSWORD, Visitor


def you_on(visitor: Visitor, room: str) -> dict[str, object]:
    """Who the room's page says that one is."""
    found = re.search(
        r'<script id="you" type="application/json">(.*?)</script>', visitor.get(f"/chat/{room}/").text
    )
    assert found
    you: dict[str, object] = json.loads(found[1])
    return you


async def test_a_guest_who_signs_up_keeps_id_messages_and_rooms(lobby: Daphne, room: str) -> None:
    visitor = Visitor(lobby)
    before = await asyncio.to_thread(you_on, visitor, room)
    async with ChatClient(lobby.ws_url(room), cookies=visitor.cookies) as alice:
        assert alice.you["id"] == before["id"]
        await alice.post("said as a guest")
    name = await asyncio.to_thread(visitor.sign_up)
    assert "guest" not in visitor.cookies
    async with ChatClient(lobby.ws_url(room), cookies=visitor.cookies) as alice:
        assert alice.you == {"id": before["id"], "name": name, "verified": True}
        assert alice.welcome["standing"]["role"] == "owner"
        assert [message["author"]["id"] for message in alice.messages] == [before["id"]]
        assert alice.messages[0]["author"]["name"] == before["name"], "nothing is said anew"
        ack = await alice.post("said as an account")
        await alice.edit(1, "mine, still")
        await alice.wait_until(lambda alice: alice.texts == ["mine, still", "said as an account"])
    assert ack["sequence"] == 2
    after = await asyncio.to_thread(you_on, visitor, room)
    assert after == {"id": before["id"], "name": name, "verified": True}
    lobby.assert_no_traceback()


async def test_what_still_waits_in_a_guests_outbox_is_said_by_the_account(lobby: Daphne, room: str) -> None:
    """The page keeps unsent messages under the author's id, and sends them again under their client_id."""
    visitor = Visitor(lobby)
    before = await asyncio.to_thread(you_on, visitor, room)
    await asyncio.to_thread(visitor.sign_up)
    assert (await asyncio.to_thread(you_on, visitor, room))["id"] == before["id"], (
        "one who has said nothing yet"
    )
    async with ChatClient(lobby.ws_url(room), cookies=visitor.cookies) as alice:
        await alice.post("written before")
        await alice.wait_until(lambda alice: alice.messages)
        assert alice.messages[0]["author"]["id"] == before["id"]


async def test_a_copy_of_the_guests_cookie_is_nobody_any_more(lobby: Daphne, room: str) -> None:
    visitor = Visitor(lobby)
    before = await asyncio.to_thread(you_on, visitor, room)
    copy = dict(visitor.cookies)
    await asyncio.to_thread(visitor.sign_up)
    thief = Visitor(lobby, copy)
    assert (await asyncio.to_thread(you_on, thief, room))["id"] != before["id"]
    assert thief.cookies["guest"] != copy["guest"], "a fresh guest, who is remembered"
    async with ChatClient(lobby.ws_url(room), cookies=copy) as charlie:
        assert charlie.you["id"] != before["id"]
        assert charlie.you["verified"] is False
        await charlie.post("I am not alice")
        await charlie.wait_until(lambda charlie: charlie.messages)
        assert charlie.messages[0]["author"]["id"] == charlie.you["id"]
    assert (await asyncio.to_thread(thief.get, "/accounts/sign-up/")).status == 200
    await asyncio.to_thread(thief.sign_up)
    async with ChatClient(lobby.ws_url(room), cookies=thief.cookies) as charlie:
        assert charlie.you["id"] != before["id"]


def test_one_comes_back_to_the_room_where_one_was(lobby: Daphne, room: str) -> None:
    visitor = Visitor(lobby)
    page = visitor.get(f"/accounts/log-in/?next=/chat/{room}/")
    assert f"/accounts/sign-up/?next=/chat/{room}/" in page.text
    page = visitor.get(f"/accounts/sign-up/?next=/chat/{room}/")
    assert f"/accounts/log-in/?next=/chat/{room}/" in page.text
    assert f'name="next" value="/chat/{room}/"' in page.text
    name = visitor.sign_up(next=f"/chat/{room}/")
    visitor.log_out()
    assert visitor.log_in(name, next=f"/chat/{room}/").path == f"/chat/{room}/"
    again = visitor.get(f"/accounts/sign-up/?next=/chat/{room}/")
    assert again.path == f"/chat/{room}/", "who is signed in has no use for the form"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_host(lobby: Daphne, elsewhere: str) -> None:
    visitor = Visitor(lobby)
    page = visitor.send(
        "/accounts/sign-up/", username="!", password1=PASSWORD, password2=PASSWORD, next=elsewhere
    )
    assert "evil" not in page.text
    name = f"eve-{abs(hash(elsewhere)) % 10**8}"
    page = visitor.send(
        "/accounts/sign-up/", username=name, password1=PASSWORD, password2=PASSWORD, next=elsewhere
    )
    assert page.path == "/chat/"
    visitor.log_out()
    assert visitor.log_in(name, next=elsewhere).path == "/chat/"


def test_a_username_that_looks_like_an_accounts_name_is_refused(lobby: Daphne) -> None:
    name = Visitor(lobby).sign_up("Marlowe")
    for alike in (name, "marlowe", "MARLOWE", "Marl\u043ewe", "Mar\uff4cowe"):  # a Cyrillic о, a wide l
        page = Visitor(lobby).send(
            "/accounts/sign-up/", username=alike, password1=PASSWORD, password2=PASSWORD
        )
        assert page.status == 200
        assert page.path == "/accounts/sign-up/", alike


@pytest.mark.parametrize("name", ["", " ", "x" * 41, "two words", "\u202egro", "a\0b", "<b>"])
def test_what_cannot_be_a_name_is_no_username(lobby: Daphne, name: str) -> None:
    page = Visitor(lobby).send("/accounts/sign-up/", username=name, password1=PASSWORD, password2=PASSWORD)
    assert (page.status, page.path) == (200, "/accounts/sign-up/")
    assert "errorlist" in page.text
    lobby.assert_no_traceback()


def test_a_weak_password_is_refused_with_the_reason(lobby: Daphne) -> None:
    page = Visitor(lobby).send("/accounts/sign-up/", username="weak", password1="1234", password2="1234")
    assert "too short" in page.words.partition("Repeat the password")[0], "where it was typed first"
    page = Visitor(lobby).send("/accounts/sign-up/", username="weak", password1=PASSWORD, password2="x")
    assert "didn’t match" in page.words


async def test_a_guests_open_sockets_come_back_as_the_account(any_lobby: Daphne, room: str) -> None:
    """Another tab, whose socket still has the guest's cookie."""
    server = any_lobby
    visitor = Visitor(server)
    before = await asyncio.to_thread(you_on, visitor, room)
    async with ChatClient(server.ws_url(room), cookies=visitor.cookies) as tab:
        await asyncio.to_thread(visitor.sign_up)
        await tab.wait_until(lambda tab: tab.close_codes, what="the end of the guest's socket")
        assert tab.close_codes == [4012], "come back"
    async with ChatClient(server.ws_url(room), cookies=visitor.cookies) as tab:
        assert tab.you["id"] == before["id"]
        assert tab.you["verified"] is True
    server.assert_no_traceback()


async def test_of_names_that_look_alike_one_is_taken_however_close_they_come(any_pair: Pair) -> None:
    """Through two processes: the form finds each of them free."""
    names = ["Longfellow", "longfellow", "LONGFELLOW", "longfe1low"]
    visitors = [Visitor(any_pair[n % 2]) for n in range(len(names))]
    fields = {"password1": PASSWORD, "password2": PASSWORD}
    pages = await asyncio.gather(
        *(
            asyncio.to_thread(visitor.send, "/accounts/sign-up/", username=name, **fields)
            for visitor, name in zip(visitors, names, strict=True)
        )
    )
    answers = sorted((page.path, page.status, page.words) for page in pages)
    assert [path for path, _status, _words in answers] == ["/accounts/sign-up/"] * 3 + ["/chat/"], answers
    ((username, name),) = any_pair[0].site.sql(
        "SELECT username, name FROM chat_participant p JOIN auth_user u ON u.id = p.user_id"
        " WHERE lower(username) IN ('longfellow', 'longfe1low')"
    )
    assert username == name
    for server in any_pair:
        server.assert_no_traceback()


def test_who_is_signed_in_makes_no_second_account(lobby: Daphne) -> None:
    alice = Visitor(lobby)
    second = f"{alice.sign_up()}-2"
    fields = {"username": second, "password1": PASSWORD, "password2": PASSWORD}
    alice.send("/accounts/", to="/accounts/sign-up/", **fields)
    assert Visitor(lobby).log_in(second).path == "/accounts/log-in/"


# --- the rule behind the page ---


def new_user(name: str) -> User:
    return User(username=name, password="!")


@pytest.mark.django_db
def test_a_name_that_the_guest_had_chosen_is_kept() -> None:
    Participant.objects.create(key="a", name="Queen of Hearts")
    assert sign_up(new_user("alice"), Identity("a", "")).name == "Queen of Hearts"


@pytest.mark.django_db
def test_a_generated_name_gives_way_to_the_username() -> None:
    who = guest("a")
    Participant.objects.create(key="a", name=f"{who.name} 2")
    assert sign_up(new_user("alice"), who).name == "alice"


@pytest.mark.django_db
def test_a_chosen_name_that_an_account_has_by_now_is_not_kept() -> None:
    sign_up(new_user("Quinn"), guest("b"))
    Participant.objects.create(key="a", name="quinn")
    assert sign_up(new_user("alice"), guest("a")).name == "alice"


@pytest.mark.django_db
def test_one_guest_becomes_one_account_and_a_second_account_gets_a_new_participant() -> None:
    first = sign_up(new_user("alice"), guest("a"))
    second = sign_up(new_user("bob"), guest("a"))
    assert first.key == "a"
    assert second.key != "a"
    assert Participant.objects.get(key="a").user == first.user
