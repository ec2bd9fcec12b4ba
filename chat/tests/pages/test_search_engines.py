"""What a room's page tells search engines, and sites that show a preview of a link."""

import re

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from chat.models import Room

from ..harness.write_requests import change, done, post, stored

pytestmark = pytest.mark.django_db

OPEN_GRAPH = re.compile(r'<meta property="og:(\w+)" content="([^"]*)">')
NOINDEX = '<meta name="robots" content="noindex">'


def page(path: str = "/chat/tea/") -> str:
    return Client(headers={"host": "localhost"}).get(path).content.decode()


@pytest.mark.parametrize("path", ["/chat/tea/", "/chat/tea/1/"])
def test_a_preview_of_an_open_room_has_its_name_and_topic_and_no_text(path: str) -> None:
    stored(post("a secret"))
    assert OPEN_GRAPH.findall(page(path)) == [("type", "website"), ("title", "tea")]
    done(change(topic='Green "tea"'))
    found = OPEN_GRAPH.findall(page(path))
    assert found[1:] == [("title", "tea"), ("description", "Green &quot;tea&quot;")]
    assert "a secret" not in page(path).partition("</head>")[0]


@pytest.mark.parametrize("path", ["/chat/tea/", "/chat/tea/1/"])
def test_search_engines_list_a_room_only_if_its_owner_says_so(path: str) -> None:
    assert NOINDEX in page("/chat/tea/")  # nobody has posted yet
    stored(post("hello"))
    assert NOINDEX in page(path)
    done(change(is_indexed=True))
    assert done(change(is_indexed=True)) == "That is already set."
    assert NOINDEX not in page(path)


@pytest.mark.parametrize("closed_by", [{"is_private": True}, {"password": make_password("sesame")}])
def test_of_a_room_that_not_everybody_may_enter_nothing_is_told(closed_by: dict[str, object]) -> None:
    stored(post("hello"))
    done(change(is_indexed=True, topic="Green tea"))
    Room.objects.update(**closed_by)
    for path in ("/chat/tea/", "/chat/tea/1/"):
        response = Client(headers={"host": "localhost"}).get(path)
        assert response.status_code == 403
        assert not OPEN_GRAPH.search(response.content.decode())
        assert "Green tea" not in response.content.decode()
