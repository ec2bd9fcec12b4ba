"""Sessions and cookies: what a log-in, a log-out and a year change, and who can read them."""

from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.signing import get_cookie_signer
from django.test import Client
from django.urls import reverse

from chat.access.identity import COOKIE_AGE, guest_key
from chat.protocol.ids import new_key

from ..harness.clients import ChatClient
from ..harness.servers import Daphne
from ..harness.visitors import PASSWORD, Visitor

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "http:evil.example",
    "javascript:alert(1)",
    "\x00https://evil.example/",
]
LOG_IN_PAGES = ["/accounts/log-in/", "/admin/login/"]

with_rows = pytest.mark.django_db


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_superuser("alice", password=PASSWORD)


@with_rows
@pytest.mark.parametrize("page", LOG_IN_PAGES)
def test_a_session_that_was_planted_is_not_the_one_that_is_signed_in(staff: User, page: str) -> None:
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    answer = client.post(page, {"username": "alice", "password": PASSWORD})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(staff.pk)
    assert client.session.session_key != session.session_key
    assert not Session.objects.filter(session_key=session.session_key).exists()


@with_rows
def test_a_session_that_was_planted_is_not_the_one_that_signs_up() -> None:
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    fields = {"username": "bob", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post(reverse("sign_up"), fields).status_code == 302
    assert client.session.session_key != session.session_key
    assert not Session.objects.filter(session_key=session.session_key).exists()


@with_rows
@pytest.mark.parametrize("page", LOG_IN_PAGES)
@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_whoever_signs_in_stays_on_our_host(staff: User, page: str, elsewhere: str) -> None:
    fields = {"username": "alice", "password": PASSWORD, "next": elsewhere}
    answer = Client().post(page, fields, query_params={"next": elsewhere})
    assert answer.status_code == 302
    target = urlsplit(answer["Location"])
    assert (target.scheme, target.netloc) == ("", "")
    assert target.path.startswith("/")
    assert not target.path.startswith(("//", "/\\"))


@with_rows
def test_who_signs_in_is_sent_to_the_page_they_wanted(staff: User) -> None:
    fields = {"username": "alice", "password": PASSWORD, "next": "/chat/tea/"}
    assert Client().post(reverse("log_in"), fields)["Location"] == "/chat/tea/"


# --- Cookies ---


def cookies_of(server: Daphne, path: str, **headers: str) -> SimpleCookie:
    """What a GET sets."""
    answer = server.get(path, headers)
    return SimpleCookie(answer.headers.get("Set-Cookie", ""))


@pytest.fixture(scope="module")
def behind_tls(new_sqlite_site: Callable[..., Any]) -> Iterator[Daphne]:
    site = new_sqlite_site(HTTPS="on", TRUSTED_PROXIES="1")
    yield site.daphne()
    site.close()


TLS = {"X-Forwarded-Proto": "https", "Host": "localhost"}


@pytest.mark.parametrize(("path", "name"), [("/chat/tea/", "guest"), ("/accounts/log-in/", "csrftoken")])
def test_cookies_are_for_our_pages_alone_and_for_https_where_there_is_https(
    lobby: Daphne, behind_tls: Daphne, path: str, name: str
) -> None:
    secure, plain = cookies_of(behind_tls, path, **TLS)[f"__Host-{name}"], cookies_of(lobby, path)[name]
    for cookie in (secure, plain):
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert not cookie["domain"]
    assert secure["secure"]
    assert secure["path"] == "/"
    assert not plain["secure"]


async def test_a_guest_from_before_the_cookies_new_name_stays_who_they_are(
    behind_tls: Daphne, room: str
) -> None:
    key = new_key()
    old = get_cookie_signer(salt="lobby.guest").sign(key)
    cookie = cookies_of(behind_tls, "/chat/tea/", Cookie=f"guest={old}", **TLS)["__Host-guest"]
    assert cookie.value.partition(":")[0] == key
    for name, value in (("guest", old), ("__Host-guest", cookie.value)):
        async with ChatClient(behind_tls.ws_url(room), cookies={name: value}) as client:
            assert client.you["id"] == key
    both = f"guest={get_cookie_signer(salt='lobby.guest').sign(new_key())}; __Host-guest={cookie.value}"
    again = cookies_of(behind_tls, "/chat/tea/", Cookie=both, **TLS)["__Host-guest"]
    assert again.value.partition(":")[0] == key, "the old name may have been set by another host"


def test_a_guests_cookie_ends_after_a_year(monkeypatch: pytest.MonkeyPatch) -> None:
    signer = get_cookie_signer(salt="lobby.guest")
    monkeypatch.setattr("django.core.signing.time.time", lambda: 1_600_000_000.0)
    old = signer.sign("alice")
    assert guest_key({"guest": old}) == "alice"
    monkeypatch.setattr("django.core.signing.time.time", lambda: 1_600_000_000.0 + COOKIE_AGE + 1)
    assert guest_key({"guest": old}) is None


def test_a_guest_s_cookie_is_good_for_a_year_from_the_last_visit(lobby: Daphne) -> None:
    first = cookies_of(lobby, "/chat/tea/")["guest"]
    again = cookies_of(lobby, "/chat/tea/", Cookie=f"guest={first.value}")["guest"]
    assert again.value.partition(":")[0] == first.value.partition(":")[0], "the same guest"
    assert int(again["max-age"]) == 365 * 24 * 3600


def test_a_session_s_cookie_is_kept_from_scripts_and_other_sites(lobby: Daphne) -> None:
    visitor = Visitor(lobby)
    visitor.sign_up()
    (cookie,) = (cookie for cookie in visitor._jar if cookie.name == "sessionid")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Lax"


def test_behind_tls_plain_http_leads_to_https_and_stays_there(behind_tls: Daphne) -> None:
    plain = behind_tls.get("/chat/tea/", {"Host": "localhost"})
    assert (plain.status, plain.headers["Location"]) == (301, "https://localhost/chat/tea/")
    assert "max-age=31536000" in behind_tls.get("/chat/tea/", TLS).headers["Strict-Transport-Security"]
