"""What every page promises a browser, walked over every URL that the site has."""

import re
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.signing import get_cookie_signer
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils.regex_helper import normalize

from chat.access.identity import COOKIE_AGE, guest_key
from chat.accounts.log_in_views import LogIn, admin_log_in
from chat.middleware import DENIED, CompressionMiddleware, default_headers
from chat.protocol.ids import new_key

from ..harness.clients import ChatClient
from ..harness.environment import ROOT
from ..harness.servers import Daphne
from ..harness.visitors import Visitor

PASSWORD = "correct horse battery staple"
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


# --- Every URL ---


def patterns(resolver: URLResolver, before: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """A path that leads to each of the site's pages, and the page."""
    for entry in resolver.url_patterns:
        path = before + sample(entry)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, path)
        else:
            yield path, entry


def sample(entry: URLPattern | URLResolver) -> str:
    """One path of the many that a pattern takes."""
    ((text, names), *_) = normalize(entry.pattern.regex.pattern)
    return text % dict.fromkeys(names, "1")


PATHS = dict(patterns(get_resolver()))


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_superuser("alice", password=PASSWORD)


def test_the_walk_reaches_every_page_that_has_a_name() -> None:
    assert {"/chat/", "/chat/1/", "/accounts/log-out/", "/manage/1/people/", "/invite/", "/admin/"} <= set(
        PATHS
    )
    for path, page in PATHS.items():
        if "(?P<app_label>" not in str(page.pattern):
            assert resolve(path).func in (page.callback, resolve("/chat/1/").func, admin_log_in), path
    assert resolve("/admin/login/").func is admin_log_in


@pytest.mark.parametrize("sent", [{}, {"csrfmiddlewaretoken": "x" * 64}], ids=["no token", "forged token"])
def test_no_page_takes_a_form_without_its_token(staff: User, sent: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    assert {path: client.post(path, sent).status_code for path in PATHS} == dict.fromkeys(PATHS, 403)


@with_rows
def test_a_form_from_another_site_is_refused_though_it_has_a_token(staff: User) -> None:
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    page = client.get("/accounts/log-in/")
    token = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[0]
    fields = {"csrfmiddlewaretoken": token, "username": "alice", "password": PASSWORD}
    foreign = client.post("/accounts/log-in/", fields, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    own = client.post("/accounts/log-in/", fields, headers={"origin": "http://localhost"})
    assert own.status_code == 302


def test_every_form_that_is_sent_carries_the_token() -> None:
    forms = [
        (path.name, form)
        for path in (ROOT / "templates").rglob("*.html")
        for form in re.findall(r"<form\b.*?</form>", path.read_text(), re.DOTALL)
        if re.search(r"""method=["']?post""", form, re.IGNORECASE)
    ]
    assert len(forms) > 10
    assert [name for name, form in forms if "{% csrf_token %}" not in form] == []


@pytest.mark.parametrize("signed_in", [False, True], ids=["a stranger", "staff"])
def test_every_answer_has_our_headers(staff: User, signed_in: bool) -> None:
    client = Client()
    for path in (*PATHS, "/nowhere/", "/chat/a%2Fb/", "/chat"):
        if signed_in:
            client.force_login(staff)  # each time: one of the pages is log out
        assert_has_our_headers(client.get(path), path)
    assert_has_our_headers(client.get("/chat/", headers={"host": "evil.example"}), "another host")
    strict = Client(enforce_csrf_checks=True)
    assert_has_our_headers(strict.post("/accounts/log-in/"), "no token")


def test_a_page_that_fails_has_our_headers(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    monkeypatch.setattr(LogIn, "dispatch", lambda *_: 1 / 0)
    answer = client.get("/accounts/log-in/")
    assert answer.status_code == 500
    assert_has_our_headers(answer, "500")


def assert_has_our_headers(answer: Any, path: str) -> None:
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert re.fullmatch(r"'self'( 'nonce-[\w+/=-]+')?", policy["script-src"])
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert {f"{feature}=()" for feature in DENIED} == set(answer["Permissions-Policy"].split(", "))
    kept = "no-cache" if path == "/chat/1/" else "no-store"  # a room is kept for the Back button
    assert {"private", kept} <= set(answer["Cache-Control"].split(", ")), path


@with_rows
def test_the_nonce_is_for_our_inline_scripts_alone_and_never_the_same() -> None:
    client = Client()
    pages = [client.get("/chat/tea/").content.decode() for _ in range(2)]
    inline = [re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page) for page in pages]
    nonces = [re.findall(r'nonce="([^"]+)"', page) for page in pages]
    for scripts in inline:
        kinds = {match[1] for script in scripts if (match := re.search(r'type="([^"]+)"', script))}
        assert kinds == {"importmap", "application/json"}
    assert [len(found) for found in nonces] == [2, 2]
    assert [len(set(found)) for found in nonces] == [1, 1]
    assert nonces[0] != nonces[1]


def test_a_page_that_may_be_kept_says_so_itself() -> None:
    def kept(_request: Any) -> HttpResponse:
        return HttpResponse(headers={"Cache-Control": "public, max-age=60"})

    answer = default_headers(kept)(RequestFactory().get("/"))
    assert answer["Cache-Control"] == "public, max-age=60"


def test_a_log_out_empties_the_cache_wherever_it_happens(staff: User) -> None:
    for path in ("/accounts/log-out/", "/admin/logout/"):
        client = Client()
        client.force_login(staff)
        assert client.post(path)["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in Client().get("/chat/")


def test_pages_are_compressed_with_padding_and_what_streams_is_not() -> None:
    def answer(response: HttpResponseBase) -> HttpResponseBase:
        request = RequestFactory().get("/", headers={"accept-encoding": "gzip, br"})
        return cast(HttpResponseBase, CompressionMiddleware(lambda _: response)(request))

    pages = [answer(HttpResponse("a page " * 1000)) for _ in range(20)]
    assert {page["Content-Encoding"] for page in pages} == {"gzip"}
    assert len({page["Content-Length"] for page in pages}) > 1
    assert "Content-Encoding" not in answer(HttpResponse("short"))
    assert "Content-Encoding" not in answer(StreamingHttpResponse(["a page " * 1000]))


# --- Sessions ---


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


# --- On a real server ---


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


def test_static_files_are_kept_for_ever_and_a_room_for_the_back_button(lobby: Daphne) -> None:
    page = lobby.get("/chat/tea/")
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert page.headers["Permissions-Policy"]
    files = set(re.findall(r"/static/[\w./-]+\.(?:js|css|svg)", page.text))
    assert len(files) > 5
    for path in files:
        answer = lobby.get(path)
        assert "immutable" in answer.headers["Cache-Control"], path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers


def test_a_made_up_host_gets_no_page(lobby: Daphne) -> None:
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1@evil.example", ""):
        assert lobby.get("/chat/", {"Host": host}).status == 400
    forwarded = lobby.get("/", {"Host": "localhost", "X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in str(forwarded.headers)
    lobby.assert_no_traceback()
