"""What every page promises a browser, walked over every URL that the site has."""

import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils.regex_helper import normalize

from chat.accounts.log_in_views import LogIn, admin_log_in
from chat.middleware import DENIED, CompressionMiddleware, default_headers

from ..harness.environment import ROOT
from ..harness.servers import Daphne
from ..harness.visitors import PASSWORD

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
    refused = dict.fromkeys(PATHS, 403)
    refused |= {"/files/": 400, "/files/1/": 405}  # they take JSON and DELETE, which no form can send
    assert {path: client.post(path, sent).status_code for path in PATHS} == refused


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
    kept = "no-cache" if path in ("/chat/1/", "/search/") else "no-store"  # kept for the Back button
    assert {"private", kept} <= set(answer["Cache-Control"].split(", ")), path


@with_rows
def test_the_nonce_is_for_our_inline_scripts_alone_and_never_the_same() -> None:
    client = Client()
    pages = [client.get("/chat/tea/").content.decode() for _ in range(2)]
    inline = [re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page) for page in pages]
    nonces = [re.findall(r'nonce="([^"]+)"', page) for page in pages]
    for scripts in inline:
        kinds = {match[1] for script in scripts if (match := re.search(r'type="([^"]+)"', script))}
        assert kinds == {"application/json"}
    assert [len(found) for found in nonces] == [1, 1]
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


# --- On a real server ---


def test_static_files_are_kept_for_ever_and_a_room_for_the_back_button(lobby: Daphne) -> None:
    page = lobby.get("/chat/tea/")
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert page.headers["Permissions-Policy"]
    files = set(re.findall(r"/static/[\w./-]+\.(?:json|js|css|svg)", page.text))
    assert {path.rpartition(".")[2] for path in files} == {"json", "js", "css", "svg"}
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
