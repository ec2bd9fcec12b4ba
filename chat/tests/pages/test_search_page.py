"""The page that finds messages."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from chat.access.connection_limiter import ConnectionLimiter
from chat.access.identity import Identity
from chat.access.rate_limits import Kind, Limits, Rates
from chat.access.token_buckets import Limit
from chat.models import Message
from chat.pages import search

from ..harness.write_requests import ALICE, BOB, post, stored

pytestmark = pytest.mark.django_db
LINK = re.compile(r'class="hit" href="([^"]*)"')


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": "localhost"})


def say(*texts: str, room: str = "tea", who: Identity = ALICE) -> None:
    for text in texts:
        stored(post(text, who, room))


def page(client: Client, **query: str) -> str:
    response = client.get("/search/", query)
    assert response.status_code == 200
    return response.content.decode()


def links(html: str) -> list[str]:
    return LINK.findall(html)


def test_what_is_found_is_shown_with_its_room_author_and_place(client: Client) -> None:
    say("one", "green **Tea** & <b>cake</b>", "three")
    html = page(client, q="tea")
    assert links(html) == ["/chat/tea/2/"]
    assert "green <mark>Tea</mark> &amp; &lt;b&gt;cake&lt;/b&gt;" in html
    assert '<bdi class="author">Alice</bdi> <bdi class="hit-room">tea</bdi>' in html
    assert 'value="tea"' in html


def test_a_room_is_searched_alone_or_with_all_others(client: Client) -> None:
    say("tea")
    say("tea", room="Coffee Room", who=BOB)
    assert links(page(client, q="tea", **{"in": "COFFEE room"})) == ["/chat/Coffee%20Room/1/"]
    assert links(page(client, q="tea", **{"in": ""})) == ["/chat/Coffee%20Room/1/", "/chat/tea/1/"]
    assert links(page(client, q='from:bob in:"coffee room"', **{"in": "tea"})) == ["/chat/Coffee%20Room/1/"]
    assert links(page(client, q="tea", **{"in": "no such room"})) == []


def test_older_results_are_on_further_pages(client: Client) -> None:
    say(*(f"100% tea {n}" for n in range(45)))
    places: list[str] = []
    path: str | None = "/search/?q=100%25+tea&in=tea"
    while path:
        html = client.get(path).content.decode()
        places += links(html)
        found = re.search(r'rel="next" href="([^"]*)"', html)
        path = found[1].replace("&amp;", "&") if found else None
    assert places == [f"/chat/tea/{n}/" for n in range(45, 0, -1)]


def test_what_is_not_found_or_cannot_be_meant_is_said(client: Client) -> None:
    say("tea")
    assert "Nothing found." in page(client, q="coffee")
    assert "at most 200 characters" in page(client, q="x" * 201)
    assert "Type what you want to find." in page(client, q='""')
    assert "2026-11-28." in page(client, q="before:noon")
    assert 'role="alert"' not in page(client)
    for name in ("a\0b", "x" * 1000, "..."):
        assert "A room&#x27;s name" in page(client, q="tea", **{"in": name})


def test_days_are_those_of_the_zone_that_the_page_names(client: Client) -> None:
    say(*(f"tea {n}" for n in range(25)))
    Message.objects.update(sent_at=datetime(2026, 2, 27, 20, tzinfo=UTC))
    assert links(page(client, q="tea after:2026-02-27")) == []
    html = page(client, q="tea after:2026-02-27", zone="Asia/Tokyo")
    assert len(links(html)) == 20
    assert "zone=Asia%2FTokyo&amp;cursor=" in html
    assert 'name="zone" value="Asia/Tokyo"' in html


@pytest.mark.parametrize("cursor", ["-1", "0", "x", "٣", "9" * 30, "\0", ""])
def test_a_cursor_that_is_none_is_left_out_of_account(client: Client, cursor: str) -> None:
    say("tea")
    assert links(page(client, q="tea", cursor=cursor)) == ["/chat/tea/1/"]


def test_an_unsafe_query_is_shown_as_text(client: Client) -> None:
    html = page(client, q='"><script>alert(1)</script>', **{"in": '"><b>'})
    assert "<script>alert" not in html
    assert "<b>" not in html


def test_the_page_is_for_one_visitor_and_for_no_search_engine(client: Client) -> None:
    response = client.get("/search/?q=tea")
    assert response["Cache-Control"] == "private, no-cache"
    assert '<meta name="robots" content="noindex">' in response.content.decode()


def test_searches_are_limited_and_the_form_is_not(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "rates", Rates({Kind.SEARCH: Limits(None, Limit(2, 60))}))
    assert [client.get("/search/?q=tea").status_code for _ in range(3)] == [200, 200, 429]
    assert client.get("/search/").status_code == 200


def test_where_too_many_search_others_are_asked_to_wait(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "search_limiter", limiter := ConnectionLimiter(1))
    assert limiter.enter("127.0.0.1")
    response = client.get("/search/?q=tea")
    assert response.status_code == 503
    assert "Too many people are searching" in response.content.decode()
    limiter.leave("127.0.0.1")
    assert client.get("/search/?q=tea").status_code == 200
