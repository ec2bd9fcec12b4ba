"""The pages of one's own account, as somebody without scripts uses them."""

import asyncio
import json

import pytest

from .clients import ChatClient
from .conftest import MakeSite
from .servers import Daphne, Site
from .visitors import PASSWORD, Visitor

NEW_PASSWORD = "a horse of another colour"


@pytest.fixture
def alice(lobby: Daphne) -> Visitor:
    visitor = Visitor(lobby)
    visitor.sign_up()
    return visitor


# --- In and out ---


def test_logging_in_changes_the_sessions_key(lobby: Daphne) -> None:
    visitor = Visitor(lobby)
    name = visitor.sign_up()
    first = visitor.cookies["sessionid"]
    visitor.log_out()
    assert "sessionid" not in visitor.cookies
    planted = Visitor(lobby, {"sessionid": first})
    assert not planted.is_signed_in, "the session has ended, not only its cookie"
    planted.log_in(name)
    assert planted.is_signed_in
    assert planted.cookies["sessionid"] != first


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(lobby: Daphne, alice: Visitor) -> None:
    stranger = Visitor(lobby)
    wrong = stranger.log_in(alice.name, "wrong")
    unknown = stranger.log_in("nobody-at-all", "wrong")
    assert wrong.status == unknown.status == 200
    assert wrong.words == unknown.words
    assert not stranger.is_signed_in


def test_logging_out_takes_a_form(lobby: Daphne, alice: Visitor) -> None:
    assert alice.get("/accounts/log-out/").status == 405
    assert alice.post("/accounts/log-out/").status == 403, "without the form's token"
    assert alice.is_signed_in
    alice.log_out()
    assert not alice.is_signed_in


@pytest.mark.parametrize("page", ["", "password/", "email/", "export/", "delete/"])
def test_ones_own_pages_ask_a_stranger_to_log_in(lobby: Daphne, page: str) -> None:
    seen = Visitor(lobby).get(f"/accounts/{page}")
    assert seen.path == f"/accounts/log-in/?next=/accounts/{page}"


@pytest.mark.parametrize("page", ["", "password/", "email/", "delete/", "sign-up/", "log-in/", "reset/"])
def test_no_cache_keeps_a_page_of_an_account(lobby: Daphne, alice: Visitor, page: str) -> None:
    cached = alice.get(f"/accounts/{page}").headers["Cache-Control"]
    assert {"private", "no-store"} <= {word.strip() for word in cached.split(",")}


def test_whoever_tries_too_often_is_told_to_wait(make_site: MakeSite) -> None:
    site = make_site(RATE_LIMITS="on", RATE_PASSWORDS="3/10m,3/10m", RATE_SIGN_UPS="1/1h")
    visitor = Visitor(site.daphne())
    name = visitor.sign_up()
    visitor.log_out()
    assert [visitor.log_in(name, "wrong").status for _ in range(4)] == [200, 200, 200, 429]
    told = visitor.log_in(name)
    assert told.status == 429, "the right password too"
    assert int(told.headers["Retry-After"]) > 100
    assert not visitor.is_signed_in
    told = visitor.send("/accounts/sign-up/", username="b", password1=PASSWORD, password2=PASSWORD)
    assert told.status == 429
    assert visitor.get("/accounts/log-in/").status == 200, "to look costs nothing"


# --- The profile ---


async def test_a_name_changed_on_the_profile_page_is_seen_in_rooms(site: Site, room: str) -> None:
    server = site.daphne()
    alice = Visitor(server)
    await asyncio.to_thread(alice.sign_up)
    async with (
        ChatClient(server.ws_url(room), cookies=alice.cookies) as window,
        ChatClient(server.ws_url(room)) as bob,
    ):
        await window.post("before")
        page = await asyncio.to_thread(alice.send, "/accounts/", name="  Alice  Liddell ")
        assert "Your name is changed." in page.words
        assert 'value="Alice Liddell"' in page.text
        await window.post("after")
        await bob.wait_until(lambda bob: len(bob.log) == 2)
        assert [message["author"]["name"] for message in bob.messages] == [
            window.you["name"],
            "Alice Liddell",
        ]
        await bob.wait_until(
            lambda bob: any(
                person["name"] == "Alice Liddell"
                for frame in bob.frames
                if frame["type"] == "presence"
                for person in frame.get("joined") or []
            ),
            10,
            "her new name among those who are here",
        )
    server.assert_no_traceback()


def test_a_name_that_another_account_has_is_refused_with_the_reason(lobby: Daphne, alice: Visitor) -> None:
    bob = Visitor(lobby)
    bob.sign_up()
    page = bob.send("/accounts/", name=alice.name.upper())
    assert page.status == 200
    assert "looks like it" in page.words
    page = bob.send("/accounts/", name="\u202e")
    assert "errorlist" in page.text
    lobby.assert_no_traceback()


def test_the_mail_address_changes_only_with_the_password(lobby: Daphne, alice: Visitor) -> None:
    page = alice.send("/accounts/email/", email="thief@example.com", password="wrong")
    assert "This is not your password." in page.words
    assert "thief@example.com" not in alice.get("/accounts/").text
    page = alice.send("/accounts/email/", email="alice@example.com", password=PASSWORD)
    assert page.path == "/accounts/"
    assert "alice@example.com" in page.words


def test_a_changed_password_ends_every_other_session_but_this_one(lobby: Daphne, alice: Visitor) -> None:
    other = Visitor(lobby)
    other.log_in(alice.name)
    fields = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    page = alice.send("/accounts/password/", old_password="wrong", **fields)
    assert page.path == "/accounts/password/"
    assert other.is_signed_in
    page = alice.send("/accounts/password/", old_password=PASSWORD, **fields)
    assert page.path == "/accounts/", page.words
    assert alice.is_signed_in
    assert not other.is_signed_in
    assert other.log_in(alice.name).path == "/accounts/log-in/"
    assert other.log_in(alice.name, NEW_PASSWORD).path == "/chat/"


def test_an_account_of_the_command_line_is_somebody_after_its_first_log_in(site: Site, room: str) -> None:
    site.manage(
        "createsuperuser",
        "--noinput",
        DJANGO_SUPERUSER_USERNAME="boss",
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
        DJANGO_SUPERUSER_EMAIL="boss@example.com",
    )
    boss = Visitor(site.daphne())
    assert boss.log_in("boss").path == "/chat/"
    assert site.sql("SELECT name FROM chat_participant") == [("boss",)]
    assert 'value="boss"' in boss.get("/accounts/").text


# --- Rooms that were opened as a guest ---


async def test_an_account_takes_over_its_guests_rooms_when_it_says_so(any_lobby: Daphne, room: str) -> None:
    server = any_lobby
    alice, bob = Visitor(server), Visitor(server)
    name = await asyncio.to_thread(alice.sign_up)
    await asyncio.to_thread(alice.log_out)
    await asyncio.to_thread(alice.get, f"/chat/{room}/")
    await asyncio.to_thread(bob.get, f"/chat/{room}/")
    async with ChatClient(server.ws_url(room), cookies=alice.cookies) as guest:
        await guest.post("my room")
    await asyncio.to_thread(alice.log_in, name)
    async with ChatClient(server.ws_url(room), cookies=alice.cookies) as window:
        assert window.you["id"] != guest.you["id"], "nothing is merged silently"
        assert window.welcome["standing"]["role"] == "visitor"
        page = await asyncio.to_thread(alice.get, "/accounts/")
        assert room in page.words
        assert (await asyncio.to_thread(bob.post, "/accounts/claim/")).status == 403
        page = await asyncio.to_thread(alice.send, "/accounts/", to="/accounts/claim/")
        assert "The rooms are yours now." in page.words
        assert room not in page.words
        await window.wait_until(
            lambda window: any(
                frame["type"] == "standing" and frame["role"] == "owner" for frame in window.frames
            )
        )
        await window.resume()
        assert window.messages[0]["author"]["id"] == guest.you["id"], "what the guest said stays the guest's"
    guest_cookie = {"guest": alice.cookies["guest"]}
    async with ChatClient(server.ws_url(room), cookies=guest_cookie) as guest:
        assert guest.welcome["standing"]["role"] == "member"
    server.assert_no_traceback()


# --- Everything that is kept ---


async def test_the_export_has_everything(any_lobby: Daphne, room: str) -> None:
    server = any_lobby
    alice = Visitor(server)
    name = await asyncio.to_thread(alice.sign_up, email="alice@example.com")
    said = [f"message {n} – «ünï»\n\u2028" for n in range(620)]  # more than one page of the export
    async with (
        ChatClient(server.ws_url(room), cookies=alice.cookies) as window,
        ChatClient(server.ws_url(room)) as bob,
    ):
        for start in range(0, len(said), 20):
            await asyncio.gather(*(window.post_nowait(text) for text in said[start : start + 20]))
        await bob.post("not hers")
        await window.delete(2)
        await window.edit(3, "better", revision=3)
    answer = await asyncio.to_thread(alice.get, "/accounts/export/")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="lobby-{name}.json"'
    everything = json.loads(answer.text)
    assert everything["account"]["username"] == name
    assert everything["account"]["email"] == "alice@example.com"
    assert everything["participant"]["id"] == window.you["id"]
    assert [(seat["room"], seat["role"]) for seat in everything["rooms"]] == [(room, "owner")]
    texts = [message["text"] for message in everything["messages"]]
    assert texts == [said[0].strip(), "", "better", *(text.strip() for text in said[3:])]
    first = everything["messages"][0]
    assert (first["room"], first["place"], first["said_as"]) == (room, 1, name)
    assert first["sent_at"].endswith("Z")
    server.assert_no_traceback()
