"""A page is wholly in one language, whatever the browser asks for."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from chat.middleware import language_of_pages

from ..harness.write_requests import post, write_one
from .test_web_security import PATHS

ROOM = "1"  # the one that the walked paths lead to
WRONG = {"username": "bob", "new_password1": "1", "password1": "1", "password2": "1", "email": "@"}
FOREIGN = re.compile(r"(?![é_])[^\W\d](?<![a-zA-Z])|Passwort|Anmeld")
"""A letter that no English text of ours has, or a word of Django's German ones."""

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


@pytest.mark.parametrize(("site", "asked"), [("en", "de"), ("ja", "he")])
def test_our_pages_are_wholly_in_english_until_our_texts_exist_in_another_language(
    settings: Any, site: str, asked: str
) -> None:
    settings.LANGUAGE_CODE = site
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a quick one
    alice = User.objects.create_superuser("alice", password="correct horse battery staple")
    write_one(post("hello", room=ROOM))
    for who in (None, alice):
        found = pages(asked, who)
        assert len(found) > 20
        assert any("too short" in page for page in found.values())
        for name, page in found.items():
            assert '<html lang="en" dir="ltr">' in page, name
            assert not FOREIGN.search(page), (name, FOREIGN.findall(page))


@pytest.mark.parametrize("asked", ["ar", "ja", "de"])
def test_the_admin_follows_the_site_s_language(settings: Any, asked: str) -> None:
    settings.LANGUAGE_CODE = "ja"
    page = Client(headers={"accept-language": asked}).get("/admin/login/").content.decode()
    assert '<html lang="ja" dir="ltr"' in page
    assert "ログイン" in page


def test_our_pages_follow_it_where_our_texts_exist_in_it(settings: Any, tmp_path: Path) -> None:
    settings.LOCALE_PATHS = [tmp_path]
    (tmp_path / "pt/LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "pt/LC_MESSAGES/django.mo").touch()
    chosen = {}
    for code in ("en", "en-gb", "ja", "pt", "pt-br"):
        settings.LANGUAGE_CODE = code
        chosen[code] = language_of_pages()
    assert chosen == {"en": "en", "en-gb": "en-gb", "ja": "en", "pt": "pt", "pt-br": "pt-br"}
