"""What is found, before it is indexed and after."""

import datetime
from collections.abc import Callable
from copy import copy
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.access.identity import Identity
from chat.journal.service import write
from chat.models import Message, Room
from chat.protocol import Act, Block, Post
from chat.search import finder

from ..harness.write_requests import (
    ALICE,
    BOB,
    CHARLIE,
    act,
    change,
    delete,
    done,
    edit,
    post,
    rename,
    stored,
)
from ..harness.write_requests import write_request as request
from .asking import ask, found, index_all, said

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("any_database")]

TEXTS = [
    "上海很好",
    "日本語です",
    "채팅방",
    "ＦＵＬＬ width",
    "Ein Café",
    "I write C++ code",
    "100% of it",
    "don’t  go",
    "**bold** ~~new~~ word",
    "see https://example.org/path",
    "z",
]
FINDS = [
    ("上海", ["上海很好"]),
    ("海", ["上海很好"]),
    ("日本", ["日本語です"]),
    ("語で", ["日本語です"]),
    ("채팅", ["채팅방"]),
    ("방", ["채팅방"]),
    ("full", ["ＦＵＬＬ width"]),
    ("ｗｉｄ", ["ＦＵＬＬ width"]),
    ("CAFE", ["Ein Café"]),
    ("afé", ["Ein Café"]),
    ("c++", ["I write C++ code"]),
    ("++", ["I write C++ code"]),
    ("+", ["I write C++ code"]),
    ("100%", ["100% of it"]),
    ("%", ["100% of it"]),
    ("don't", ["don’t  go"]),
    ('"t go"', ["don’t  go"]),
    ('"bold new word"', ["**bold** ~~new~~ word"]),
    ("z", ["z"]),
    ("https://example.org/pa", ["see https://example.org/path"]),
    ("has:link", ["see https://example.org/path"]),
    ("has:file", []),
    ("cod ri", ["I write C++ code"]),
    ("absent", []),
    ("codewrite", []),
    ("**", []),
    ('c" OR "x', []),
    ("e", ["see https://example.org/path", "**bold** ~~new~~ word", "I write C++ code", "Ein Café"]),
]


@pytest.fixture(params=["unindexed", "indexed"])
def settle(request: pytest.FixtureRequest) -> Callable[[], None]:
    """What happens after something was written: nothing yet, or it is indexed."""
    return index_all if request.param == "indexed" else lambda: None


def test_words_of_any_language_and_length_are_found_and_no_others(settle: Callable[[], None]) -> None:
    write([post(text) for text in TEXTS])
    settle()
    assert {query: found(query) for query, _ in FINDS} == dict(FINDS)


def test_authors_are_found_by_name_by_word_and_by_their_name_now(settle: Callable[[], None]) -> None:
    otter = Identity("otter", "Amber Ötter")
    write([post("one", otter), post("two", BOB)])
    write([rename("Zoe Fox", otter)])
    settle()
    assert found("from:otter") == found('from:"AMBER ÖTTER"') == ["one"]
    assert found('from:"zoe fox"') == ["one"]
    assert found("from:ott") == []
    assert found("from:bob from:amber") == ["two", "one"]


def test_rooms_days_and_mentions_narrow_a_search(settle: Callable[[], None]) -> None:
    write([post("tea time"), post("coffee time", room="Coffee"), post("other time", BOB)])
    write([request(ALICE, Post(uuid4(), "time for @Bob", None), "tea")])
    settle()
    assert found("time in:coffee") == ["coffee time"]
    assert found("in:coffee in:nowhere") == ["coffee time"]
    assert found("in:nowhere") == []
    assert found("time", room="coffee") == ["coffee time"]
    assert found("mentions:me") == ["time for @Bob"]
    assert found("mentions:me", CHARLIE) == []
    Message.objects.filter(text="tea time").update(
        sent_at=datetime.datetime(2020, 2, 2, 12, tzinfo=datetime.UTC)
    )
    assert found("before:2020-02-03") == found("after:2020-02-01 before:2020-02-03") == ["tea time"]
    assert found("before:2020-02-02") == found("after:2020-02-01 before:2020-02-02") == []
    assert "tea time" not in found("after:2020-02-02")


def test_pages_follow_each_other_without_gaps(settle: Callable[[], None]) -> None:
    write([post(f"number {n}") for n in range(150)])
    settle()
    texts: list[str] = []
    cursor = None
    while True:
        page = ask("number", cursor=cursor, limit=40)
        texts += [hit.message.text for hit in page.hits]
        cursor = page.cursor
        if cursor is None:
            break
    assert texts == [f"number {n}" for n in reversed(range(150))]


def test_a_spoiler_is_found_and_stays_covered() -> None:
    stored(post("The end: ||the *butler* & co|| did it"))
    [hit] = ask("butler").hits
    assert hit.context == [("The end: ███ ", False), ("██████", True), (" █ ██ did it", False)]


def test_the_words_are_marked_in_their_context() -> None:
    stored(post("a " * 100 + "Café noir " + "b " * 200))
    [hit] = ask("cafe noir").hits
    assert [piece for piece, is_match in hit.context if is_match] == ["Café", "noir"]
    assert hit.context[0] == hit.context[-1] == ("…", False)
    assert 140 < sum(len(piece) for piece, _ in hit.context) < 180


def test_an_edit_is_found_by_its_new_text_alone(settle: Callable[[], None]) -> None:
    write([post("first text")])
    settle()
    stored(edit(1, "second words", 1))
    assert found("first") == []
    assert found("second") == ["second words"]
    settle()
    assert found("first") == []
    assert found("second") == ["second words"]


def test_what_is_deleted_or_purged_is_not_found(settle: Callable[[], None]) -> None:
    write([post("tea one"), post("tea two", BOB), post("tea three", BOB)])
    settle()
    stored(delete(1))
    assert found("tea") == ["tea three", "tea two"]
    done(act(Act.PURGE, id="bob"))
    assert found("tea") == []


def test_private_rooms_are_searched_by_their_members_alone(settle: Callable[[], None]) -> None:
    write([post("tea secret"), post("tea mine", BOB)])
    done(change(is_private=True))
    settle()
    assert found("tea", BOB) == found("tea", BOB, "tea") == ["tea mine", "tea secret"]
    assert found("tea", CHARLIE) == found("tea", CHARLIE, "tea") == found("in:tea", CHARLIE) == []


def test_hidden_rooms_are_searched_by_those_who_were_there(settle: Callable[[], None]) -> None:
    write([post("tea hidden"), post("tea mine", BOB)])
    Room.objects.update(is_hidden=True)
    settle()
    assert found("tea", BOB) == ["tea mine", "tea hidden"]
    assert found("tea", CHARLIE) == found("in:tea", CHARLIE) == []
    assert found("tea", CHARLIE, "tea") == ["tea mine", "tea hidden"]


def test_a_room_that_is_shut_to_one_is_not_even_looked_through(
    settle: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the time that a search takes would tell whether its words stand there."""
    write([post("tea secret"), post("tea mine", BOB)])
    done(change(is_private=True))
    settle()
    looked_through: list[str] = []

    def text_of(html: str, _files: object) -> str:
        looked_through.append(html)
        return ""

    monkeypatch.setattr("chat.search.contents.text_of", text_of)
    assert found("in:tea secret", CHARLIE) == found("secret", CHARLIE, "tea") == looked_through == []
    found("in:tea secret", BOB)
    assert looked_through


def test_of_many_rooms_that_are_shut_to_one_none_is_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.search.sqlite.EXCLUDED_MAX", 1)
    monkeypatch.setattr("chat.search.sqlite.IDS_AT_ONCE", 2)
    for n in range(3):
        write([post(f"tea secret {n}", room=f"room {n}"), post(f"tea open {n}")])
        done(change(room=f"room {n}", is_private=True))
    index_all()
    looked_through: list[str] = []

    def text_of(html: str, _files: object) -> str:
        looked_through.append(html)
        return html

    monkeypatch.setattr("chat.search.contents.text_of", text_of)
    assert found("tea", CHARLIE) == ["tea open 2", "tea open 1", "tea open 0"]
    assert not any("secret" in text for text in looked_through)
    assert len(found("tea", ALICE)) == 6


def test_many_rooms_that_the_index_has_not_reached_are_looked_through() -> None:
    stored(post("tea"))
    messages: list[Message] = []
    one = Message.objects.get()
    rooms = [Room(key=f"r{n}", name=f"r{n}", sequence=1, revision=1) for n in range(1100)]
    for room in Room.objects.bulk_create(rooms):
        one.pk, one.room, one.client_id = None, room, uuid4()
        messages.append(copy(one))
    Message.objects.bulk_create(messages)
    assert [hit.room_name for hit in ask("tea", limit=2).hits] == ["r1099", "r1098"]


def test_who_is_banned_finds_nothing_there(settle: Callable[[], None]) -> None:
    write([post("tea"), post("tea mine", BOB), post("tea elsewhere", room="coffee")])
    settle()
    done(act(Act.BAN, id="bob"))
    assert found("tea", BOB) == ["tea elsewhere"]
    assert found("tea", BOB, "tea") == []


def test_who_is_banned_by_address_finds_nothing_there(settle: Callable[[], None]) -> None:
    write([post("tea"), post("tea elsewhere", room="coffee")])
    Room.objects.get(key="tea").bans.create(network="192.0.2.0/24")
    settle()
    assert found("tea") == ["tea elsewhere"]
    assert len(ask("tea", address="198.51.100.1").hits) == 2


def test_whom_one_has_blocked_is_not_found(settle: Callable[[], None]) -> None:
    write([post("tea"), post("tea of bob", BOB), post("mine", CHARLIE)])
    settle()
    done(request(CHARLIE, Block(uuid4(), "bob")))
    assert found("tea", CHARLIE) == ["tea"]
    assert found("tea", ALICE) == ["tea of bob", "tea"]


def test_words_that_the_filter_masked_are_not_found(settle: Callable[[], None]) -> None:
    stored(post("first"))
    done(change(filter_words="darn", filter_action="mask"))
    stored(post("oh darn it", BOB))
    settle()
    assert found("darn") == []
    assert len(found("oh")) == 1


def test_what_the_index_has_not_reached_is_found_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.search.finder.UNREACHED_MAX", 5)
    write([post(f"tea {n}") for n in range(10)])
    page = ask("tea")
    assert [hit.message.text for hit in page.hits] == [f"tea {n}" for n in reversed(range(5, 10))]
    assert not page.is_complete
    index_all()
    page = ask("tea")
    assert len(page.hits) == 10
    assert page.is_complete


def test_changes_of_many_rooms_are_found_before_they_are_indexed() -> None:
    write([post("tea", room=f"room {n}") for n in range(1200)])
    page = ask("tea")
    assert len(page.hits) == 20
    assert page.is_complete


def test_a_search_that_takes_too_long_gives_what_it_has_and_where_to_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chat.search.finder.TIME_LIMIT", -1.0)
    write([post(f"tea {n}") for n in range(100)])
    index_all()
    page = ask("tea", limit=100)
    assert 0 < len(page.hits) < 100
    assert not page.is_complete
    assert page.cursor == page.hits[-1].message.pk


def test_a_message_is_named_with_its_room() -> None:
    stored(post("tea", room="My Room"))
    [hit] = ask("tea").hits
    assert hit.room_name == "My Room"
    assert hit.message == said("tea")


@pytest.mark.parametrize("left", [1, 3, 40])
def test_the_first_message_of_a_time_is_found_where_many_are_gone(
    monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    """One of so many is left."""
    monkeypatch.setattr(finder, "SPREAD", 4)
    write([post(str(n)) for n in range(120)])
    messages = list(Message.objects.order_by("pk"))
    begun = timezone.now()
    for n, message in enumerate(messages):
        message.sent_at = begun + datetime.timedelta(minutes=n)
    Message.objects.bulk_update(messages, ["sent_at"])
    Message.objects.exclude(pk__in=[message.pk for message in messages[::left]]).delete()
    for n in range(-1, 121):
        first = finder._first_at(begun + datetime.timedelta(minutes=n), messages[-1].pk + 1)
        assert all((messages[minute].pk < first) == (minute < n) for minute in range(0, 120, left)), n
