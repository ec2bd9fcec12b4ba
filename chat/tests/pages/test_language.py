"""A page is wholly in one language: the visitor's, the site's or the browser's."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from chat.text.translation import language_of

from ..harness.write_requests import post, write_one
from .test_web_security import PATHS

ROOM = "1"  # the one that the walked paths lead to
WRONG = {"username": "bob", "new_password1": "1", "password1": "1", "password2": "1", "email": "@"}
FOREIGN = re.compile(r"(?![é_])[^\W\d](?<![a-zA-Z])|Passwort|Anmeld")
"""A letter that no English text of ours has, or a word of Django's German ones."""
NAMES = re.compile("日本語|한국어|Русский")
SWITCH = {"language": "ru", "next": "/chat/"}

pytestmark = pytest.mark.django_db


def pages(language: str, who: User | None) -> dict[str, str]:
    """Every page of ours, and every answer to a form that was filled in wrongly."""
    client = Client(headers={"accept-language": language})
    answers = {"another host": client.get("/chat/", headers={"host": "another.example"})}
    for path in (*PATHS, "/nowhere/", "/chat/a%2Fb/"):
        for send in (client.get, client.post):
            if who:
                client.force_login(who)  # each time: one of the pages is log out
            if not path.startswith("/admin/"):
                answers[f"{send.__name__} {path}"] = send(path, WRONG)
    return {
        name: answer.content.decode()
        for name, answer in answers.items()
        if answer.headers.get("Content-Type", "").startswith("text/html") and answer.content
    }


@pytest.mark.parametrize(("site", "asked"), [("en", "ru"), ("de", "ja"), ("", "de")])
def test_our_pages_are_wholly_in_english_where_no_other_language_of_ours_is_wanted(
    settings: Any, site: str, asked: str
) -> None:
    settings.SITE_LANGUAGE = site
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a quick one
    alice = User.objects.create_superuser("alice", password="correct horse battery staple")
    write_one(post("hello", room=ROOM))
    for who in (None, alice):
        found = pages(asked, who)
        assert len(found) > 20
        assert any("too short" in page for page in found.values())
        for name, page in found.items():
            assert '<html lang="en" dir="ltr">' in page, name
            assert not FOREIGN.search(NAMES.sub("", page)), (name, FOREIGN.findall(page))


@pytest.mark.parametrize(
    ("chosen", "site", "asked", "language"),
    [
        ("", "", "", "en"),
        ("", "", "ja", "ja"),
        ("", "", "de, fr;q=0.9, ko-KR;q=0.8, ja;q=0.7", "ko"),
        ("", "", "ja;q=0.5, ru-RU", "ru"),
        ("", "", "ar, he", "en"),
        ("", "ja", "ru", "ja"),
        ("", "en-gb", "ru", "en-gb"),
        ("", "pt", "ru", "en"),
        ("ko", "ja", "ru", "ko"),
        ("pt", "", "ru", "ru"),
        ("../ru", "", "x" * 10_000, "en"),
    ],
)
def test_what_was_chosen_comes_first_then_the_site_s_language_then_the_browser_s(
    settings: Any, chosen: str, site: str, asked: str, language: str
) -> None:
    settings.SITE_LANGUAGE = site
    assert language_of({"language": chosen} if chosen else {}, asked) == language


def test_the_switch_is_remembered_and_leads_back(client: Client) -> None:
    answer = client.post("/language/", SWITCH | {"next": "/chat/tea/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/chat/tea/")
    cookie = answer.cookies["language"]
    assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("ru", 31_536_000, "Lax")
    for path in ("/chat/", "/chat/tea/", "/accounts/log-in/", "/nowhere/", "/admin/login/"):
        page = client.get(path, headers={"accept-language": "ja"}).content.decode()
        assert '<html lang="ru" dir="ltr"' in page, path


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_switch_leads_to_no_other_site(client: Client, elsewhere: str) -> None:
    assert client.post("/language/", SWITCH | {"next": elsewhere}).headers["Location"] == "/"


def test_pages_lead_to_the_switch_which_marks_their_language(client: Client) -> None:
    korean = {"accept-language": "ko"}
    for path in ("/chat/", "/chat/tea/", "/accounts/log-in/"):
        page = client.get(path, headers=korean).content.decode()
        (link,) = re.findall(r'href="(/language/[^"]+)"', page)
        assert "한국어" in page
        switch = client.get(link, headers=korean).content.decode()
        assert re.findall(r'value="(\w+)" lang="\w+" aria-current="true"', switch) == ["ko"], path
        assert f'name="next" value="{path}"' in switch


def test_a_page_says_to_caches_what_its_language_depends_on(client: Client) -> None:
    for path in ("/chat/", "/accounts/log-in/", "/nowhere/"):
        assert {"Accept-Language", "Cookie"} <= set(client.get(path).headers["Vary"].split(", "))


@pytest.mark.parametrize("asked", ["ar", "ja", "de"])
def test_the_admin_is_also_in_a_language_of_the_site_s_that_is_none_of_ours(
    settings: Any, asked: str
) -> None:
    settings.SITE_LANGUAGE = "de"
    page = Client(headers={"accept-language": asked}).get("/admin/login/").content.decode()
    assert '<html lang="de" dir="ltr"' in page
    assert "Anmelden" in page
