"""The pages of one's own account, as somebody without scripts uses them."""

import asyncio

import pytest

from ..conftest import MakeSite
from ..harness.clients import ChatClient
from ..harness.people import Person, new_link, said
from ..harness.servers import Daphne, Site
from ..harness.visitors import PASSWORD, Visitor

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
def test_the_account_pages_ask_a_visitor_to_log_in(lobby: Daphne, page: str) -> None:
    seen = Visitor(lobby).get(f"/accounts/{page}")
    assert seen.path == f"/accounts/log-in/?next=/accounts/{page}"


@pytest.mark.parametrize("page", ["", "password/", "email/", "delete/", "sign-up/", "log-in/", "reset/"])
def test_no_cache_keeps_a_page_of_an_account(lobby: Daphne, alice: Visitor, page: str) -> None:
    cached = alice.get(f"/accounts/{page}").headers["Cache-Control"]
    assert {"private", "no-store"} <= {word.strip() for word in cached.split(",")}


def test_a_name_changes_on_the_page_no_oftener_than_in_a_room(make_site: MakeSite) -> None:
    alice = Visitor(make_site(RATE_LIMITS="on", RATE_ACTS="2/10m,100/10m").daphne())
    alice.sign_up()
    assert [alice.send("/accounts/", name=f"Alice {n}").status for n in range(3)] == [200, 200, 429]
    assert 'value="Alice 1"' in alice.get("/accounts/").text


def test_who_tries_too_often_is_asked_to_wait(make_site: MakeSite) -> None:
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


async def test_a_name_changed_on_the_profile_page_is_seen_in_rooms(lobby: Daphne, room: str) -> None:
    server = lobby
    alice = Visitor(server)
    await asyncio.to_thread(alice.sign_up)
    async with (
        ChatClient(server.ws_url(room), cookies=alice.cookies) as window,
        ChatClient(server.ws_url(room)) as bob,
    ):
        await window.post("before")
        page = await asyncio.to_thread(alice.send, "/accounts/", name="  Alice  Liddell ")
        assert "Your name has been changed." in page.words
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
            what="her new name among those who are here",
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
    page = bob.send("/accounts/", name="x" * 41)
    assert "at most 40 characters" in page.words
    page = bob.send("/accounts/", name="e\u0301" * 40)
    assert "Your name has been changed." in page.words, "counted as it is kept"
    lobby.assert_no_traceback()


def test_the_mail_address_changes_only_with_the_password(lobby: Daphne, alice: Visitor) -> None:
    page = alice.send("/accounts/email/", email="thief@example.com", password="wrong")
    assert "That is not your password." in page.words
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


def test_the_name_of_an_account_of_the_command_line_is_its_own_at_once(site: Site) -> None:
    site.manage(
        "createsuperuser",
        "--noinput",
        DJANGO_SUPERUSER_USERNAME="boss",
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
        DJANGO_SUPERUSER_EMAIL="boss@example.com",
    )
    assert site.sql("SELECT name FROM chat_participant") == [("boss",)]
    boss, mallory = Visitor(server := site.daphne()), Visitor(server)
    page = mallory.send("/accounts/sign-up/", username="bоss", password1=PASSWORD, password2=PASSWORD)
    assert "looks like it" in page.words
    assert boss.log_in("boss").path == "/chat/"
    assert site.sql("SELECT name FROM chat_participant") == [("boss",)]
    assert 'value="boss"' in boss.get("/accounts/").text


# --- Rooms that were opened as a guest ---


async def test_an_account_takes_over_its_guests_rooms_when_it_says_so(lobby: Daphne, room: str) -> None:
    server = lobby
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


@pytest.mark.parametrize("act", ["", "ban", "mute"])
async def test_a_guest_s_membership_of_a_private_room_is_taken_over_once_and_not_past_a_ban(
    lobby: Daphne, room: str, act: str
) -> None:
    alice, bob = Person(lobby), Person(lobby)
    name = await asyncio.to_thread(bob.sign_up)
    await asyncio.to_thread(bob.log_out)
    await said(alice, room, "hello")
    await asyncio.to_thread(alice.set, room, is_private="on")
    bob.enter("elsewhere")
    bob.follow(await asyncio.to_thread(new_link, alice, room))
    guest = await said(bob, room, "I am invited")
    if act:
        await asyncio.to_thread(alice.manage, room, "people/", act=act, id=guest)
    await asyncio.to_thread(bob.log_in, name)
    assert (room in bob.get("/accounts/").words) is (act == "")
    assert bob.enter(room).status == 403
    page = await asyncio.to_thread(bob.send, "/accounts/", to="/accounts/claim/")
    assert bob.enter(room).status == (403 if act else 200)
    assert room not in page.words
