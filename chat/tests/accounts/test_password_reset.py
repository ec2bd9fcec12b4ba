"""A forgotten password is replaced by a link in the mail, and nobody learns anything from asking for it."""

import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import RequestFactory

from chat.accounts.mail import origin_of

from ..conftest import MakeSite
from ..harness.mail import MailServer
from ..harness.servers import Daphne, Site
from ..harness.sockets import PATIENCE
from ..harness.visitors import PASSWORD, Visitor

NEW_PASSWORD = "a horse of another colour"


@pytest.fixture
def mailing_site(make_site: MakeSite, mail: MailServer) -> Site:
    return make_site(EMAIL_URL=mail.url)


@pytest.fixture
def forgetful(mailing_site: Site, mail: MailServer) -> Iterator[Visitor]:
    """Alice, who has confirmed an address and is logged out."""
    server = mailing_site.daphne()
    alice = Visitor(server)
    alice.sign_up(email="alice@example.com")
    assert "not confirmed" in alice.get("/accounts/").words
    path, secret = link_of(mail.wait_for(1))
    assert "is confirmed" in Visitor(server).send(path, link=secret).words
    assert "not confirmed" not in alice.get("/accounts/").words
    alice.log_out()
    yield alice
    server.assert_no_traceback()


def link_of(message: str) -> tuple[str, str]:
    """Path and secret of the link in a message."""
    url = re.search(r"http://\S+", message)
    assert url
    parts = urlsplit(url[0])
    assert not parts.query
    return parts.path, parts.fragment


def test_a_forgotten_password_is_replaced_by_mail(mail: MailServer, forgetful: Visitor) -> None:
    alice = forgetful
    server = alice.server
    burglar = Visitor(server)
    burglar.log_in(alice.name)
    assert alice.send("/accounts/reset/", email="Alice@Example.com").path == "/accounts/reset/sent/"
    message = mail.wait_for(2)
    assert alice.name in message
    assert f"http://127.0.0.1:{server.port}/accounts/reset/confirm/#" in message
    path, secret = link_of(message)
    page = alice.get(path)
    assert 'data-fragment-field="link"' in page.text
    page = alice.send(path, link=secret)
    assert (page.status, page.path) == (200, path)
    assert "new_password1" in page.text
    page = alice.send(path, new_password1="1234", new_password2="1234")
    assert "too short" in page.words
    page = alice.send(path, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD)
    assert page.path == "/accounts/", page.words
    assert alice.is_signed_in
    assert not burglar.is_signed_in, "who knew the old password is out"
    again = Visitor(server).send(path, link=secret)
    assert "This link does not work" in again.words, "once only"
    assert "new_password1" not in again.text
    assert Visitor(server).log_in(alice.name, NEW_PASSWORD).path == "/chat/"
    _uid, token = secret.split(".")
    assert token not in server.log()
    assert mail.messages[-1]["From"] == "lobby@localhost"


def test_nobody_learns_whether_an_address_is_known(mail: MailServer, forgetful: Visitor) -> None:
    stranger = Visitor(forgetful.server)
    unknown = stranger.send("/accounts/reset/", email="nobody@example.com")
    known = stranger.send("/accounts/reset/", email="alice@example.com")
    assert (unknown.status, unknown.path, unknown.words) == (known.status, known.path, known.words)
    mail.wait_for(2)
    assert set(mail.addresses()) == {"alice@example.com"}


FORGED = ["", ".", "x", "MQ.x", "MQ.set-password", "\0.\0", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk.x-y", "é.é"]


def test_a_forged_link_opens_nothing(lobby: Daphne) -> None:
    server = lobby
    Visitor(server).sign_up(email="alice@example.com")
    visitor = Visitor(server)
    for secret in FORGED:
        page = visitor.send("/accounts/reset/confirm/", link=secret)
        assert page.status == 200, secret
        assert "new_password1" not in page.text, secret
    assert "sessionid" not in visitor.cookies, "nothing is kept of it"
    server.assert_no_traceback()


def test_a_mail_names_no_forged_host(mail: MailServer, forgetful: Visitor) -> None:
    answer = forgetful.server.get("/accounts/reset/", {"Host": "evil.example"})
    assert answer.status == 400
    assert len(mail.messages) == 1, "the one that confirmed the address"


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("chat.example.org", "chat.example.org"),
        ("chat.example.org:6666", "chat.example.org"),
        ("chat.example.org:8000", "chat.example.org:8000"),
        ("chat.example.org:8443", "chat.example.org:8443"),
        ("[::1]:6666", "[::1]"),
        ("[::1]", "[::1]"),
    ],
)
def test_a_mail_names_no_forged_port(settings: Any, host: str, named: str) -> None:
    settings.ALLOWED_HOSTS = ["chat.example.org", "[::1]"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://chat.example.org:8443"]
    request = RequestFactory().get("/", HTTP_HOST=host, SERVER_PORT="8000")
    assert origin_of(request) == ("http", named)


def test_an_address_that_its_owner_has_not_confirmed_gets_three_mails_an_hour_and_none_for_a_password(
    mail: MailServer, forgetful: Visitor
) -> None:
    """However many accounts somebody makes with it, and however often they ask."""
    server = forgetful.server
    for n in range(4):
        Visitor(server).sign_up(email=f"victim+{n}@example.com")
    stranger = Visitor(server)
    for n in range(4):
        stranger.send("/accounts/reset/", email=f"victim+{n}@example.com")
    stranger.send("/accounts/reset/", email="alice@example.com")
    mail.wait_for(5)
    assert mail.addresses() == [
        "alice@example.com",
        *(f"victim+{n}@example.com" for n in range(3)),
        "alice@example.com",
    ]
    assert "alice@example.com" not in server.log()
    assert "victim" not in server.log()


def test_the_previous_address_of_an_account_gets_a_mail_about_the_change(
    mail: MailServer, forgetful: Visitor
) -> None:
    alice = forgetful
    alice.log_in(alice.name)
    alice.send("/accounts/email/", email="thief@example.com", password=PASSWORD)
    mail.wait_for(3)
    assert mail.addresses()[1:] == ["alice@example.com", "thief@example.com"]
    assert "no longer has this email address" in mail.messages[1].get_content()
    alice.send("/accounts/email/", email="other@example.com", password=PASSWORD)
    mail.wait_for(4)
    assert mail.addresses()[3:] == ["other@example.com"], "nobody has shown that the thief's is theirs"


def test_a_link_confirms_the_address_it_was_sent_to_and_no_other(
    mail: MailServer, forgetful: Visitor
) -> None:
    alice = forgetful
    alice.log_in(alice.name)
    alice.send("/accounts/email/", email="new@example.com", password=PASSWORD)
    mail.wait_for(3)
    path, secret = link_of(mail.messages[2].get_content())
    alice.send("/accounts/email/", email="other@example.com", password=PASSWORD)
    for bad in (secret, secret[:-1] + "x", "", "\0"):
        assert "This link does not work" in alice.send(path, link=bad).words
    assert "not confirmed" in alice.get("/accounts/").words


def test_a_site_without_mail_says_so(lobby: Daphne) -> None:
    alice = Visitor(lobby)
    alice.sign_up()
    alice.send("/accounts/email/", email="alice@example.com", password=PASSWORD)
    page = Visitor(lobby).get("/accounts/reset/")
    assert "sends no email" in page.words
    assert 'name="email"' not in page.text


def test_a_mail_server_that_is_away_is_one_line_in_the_log(make_site: MakeSite) -> None:
    site = make_site(EMAIL_URL="smtp://127.0.0.1:1")
    server = site.daphne()
    alice = Visitor(server)
    alice.sign_up(email="alice@example.com")
    deadline = time.monotonic() + PATIENCE
    while "A mail was not sent" not in server.log():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    server.assert_no_traceback()
