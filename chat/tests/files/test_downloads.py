"""Files are read by whoever may read their room at that moment, whole or in part, and never act as a page.

alice owns the room, bob is a member, charlie has never been there.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client

from chat import protocol
from chat.access.identity import COOKIE, Identity, remember_guest
from chat.journal.retention import purge_expired
from chat.models import File, Message, Room
from chat.models.file import FileKind, FileState
from chat.pages import downloads
from chat.protocol import Act

from ..harness.old_messages import NOW
from ..harness.uploaded import uploaded
from ..harness.write_requests import (
    ALICE,
    BOB,
    CHARLIE,
    act,
    change,
    delete,
    done,
    post,
    stored,
    write_request,
)

pytestmark = pytest.mark.django_db(transaction=True)

CONTENT = bytes(range(256)) * 600  # more than two chunks


@pytest.fixture(autouse=True)
def room() -> None:
    stored(post("one", ALICE))
    stored(post("two", BOB))


@pytest.fixture
def file() -> File:
    """An image of alice's third message."""
    return sent(content=CONTENT, name="a cat.png", type="image/png", kind=FileKind.IMAGE)


def sent(who: Identity = ALICE, **fields: Any) -> File:
    file = uploaded(who.key, **fields)
    stored(write_request(who, protocol.Post(uuid4(), "", files=[file.key])))
    return file


def browser(who: Identity) -> Client:
    client = Client()
    remember_guest(answer := HttpResponse(), who.key)
    client.cookies[COOKIE] = answer.cookies[COOKIE].value
    return client


def get(file: File, who: Identity = BOB, **headers: str) -> Any:
    return browser(who).get(f"/files/{file.key}/", headers=headers)


def status(file: File, who: Identity = BOB) -> int:
    answer = get(file, who)
    code: int = answer.status_code
    answer.close()
    return code


def etag_of(file: File) -> str:
    etag: str = browser(BOB).head(f"/files/{file.key}/")["ETag"]
    return etag


def content(answer: Any) -> bytes:
    """Of a response that streams."""
    assert isinstance(answer, StreamingHttpResponse)

    async def read() -> bytes:
        return b"".join([part async for part in answer])

    return asyncio.run(read())


def test_a_file_is_read_whole_by_everybody_who_may_read_the_room(file: File) -> None:
    for who in (ALICE, BOB, CHARLIE):
        answer = get(file, who)
        assert answer.status_code == 200
        assert content(answer) == CONTENT
        assert answer["Content-Length"] == str(len(CONTENT))


def test_no_shared_cache_keeps_it_and_a_browser_asks_each_time(file: File) -> None:
    answer = get(file)
    answer.close()
    assert answer["Cache-Control"] == "private, no-cache"
    known = get(file, BOB, **{"If-None-Match": answer["ETag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert known["Cache-Control"] == "private, no-cache"
    done(change(is_private=True))
    assert get(file, CHARLIE, **{"If-None-Match": answer["ETag"]}).status_code == 404


def test_the_head_says_what_the_whole_says(file: File) -> None:
    head, whole = browser(BOB).head(f"/files/{file.key}/"), get(file)
    whole.close()
    assert head.content == b""
    assert head.headers == whole.headers


@pytest.mark.parametrize(
    ("kind", "mime", "disposition", "told"),
    [
        (FileKind.IMAGE, "image/png", "inline", "image/png"),
        (FileKind.VIDEO, "video/mp4", "inline", "video/mp4"),
        (FileKind.AUDIO, "audio/ogg", "inline", "audio/ogg"),
        (FileKind.OTHER, "image/svg+xml", "attachment", "application/octet-stream"),
        (FileKind.OTHER, "text/html", "attachment", "application/octet-stream"),
    ],
)
def test_what_is_no_image_sound_or_film_is_a_download(
    kind: FileKind, mime: str, disposition: str, told: str
) -> None:
    answer = get(sent(kind=kind, type=mime, name='日本".x'))
    answer.close()
    assert answer["Content-Disposition"].startswith(f"{disposition}; filename*=utf-8''%E6%97%A5")
    assert answer["Content-Type"] == told
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, len(CONTENT) - 1),
        ("bytes=100-69999", 100, 69_999),
        ("bytes=153000-999999999", 153_000, len(CONTENT) - 1),
        ("bytes=-7", len(CONTENT) - 7, len(CONTENT) - 1),
        ("bytes=-999999999", 0, len(CONTENT) - 1),
    ],
)
def test_a_range_is_answered_with_that_part(file: File, asked: str, first: int, last: int) -> None:
    answer = get(file, Range=asked)
    part = CONTENT[first : last + 1]
    assert content(answer) == part
    assert answer["Content-Length"] == str(len(part))
    assert answer["Content-Range"] == f"bytes {first}-{last}/{len(CONTENT)}"
    assert answer.status_code == 206


@pytest.mark.parametrize("asked", ["bytes=153600-", "bytes=999999999-", "bytes=-0"])
def test_a_range_outside_of_the_file_is_answered_416(file: File, asked: str) -> None:
    answer = get(file, Range=asked)
    assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */153600")


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=-", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b", "bytes=0-1 ", "bytes=٣-"]
)
def test_what_is_no_single_range_is_answered_with_the_whole(file: File, asked: str) -> None:
    answer = get(file, Range=asked)
    answer.close()
    assert (answer.status_code, answer["Content-Length"]) == (200, str(len(CONTENT)))


def test_a_range_of_another_version_is_answered_with_the_whole(file: File) -> None:
    etag = etag_of(file)
    for if_range, code in [(etag, 206), ('"other"', 200), ("Sat, 28 Nov 2026 06:00:00 GMT", 200)]:
        answer = get(file, BOB, **{"Range": "bytes=0-9", "If-Range": if_range})
        answer.close()
        assert answer.status_code == code


def test_a_thumbnail_has_an_address_of_its_own(file: File) -> None:
    assert browser(BOB).get(f"/files/{file.key}/thumbnail/").status_code == 404
    file.refresh_from_db()
    file.thumbnail_as = uploaded(content=b"small").stored_as
    file.save()
    answer = browser(BOB).get(f"/files/{file.key}/thumbnail/")
    assert (content(answer), answer["Content-Type"]) == (b"small", "image/webp")
    assert answer["ETag"] != etag_of(file)


def ban_bob() -> None:
    done(act(Act.BAN, id="bob"))


def shut_out_bob() -> None:
    done(change(is_private=True))
    done(act(Act.DISMISS, id="bob"))


def delete_the_message() -> None:
    stored(delete(3))


def expire_the_message() -> None:
    Message.objects.update(sent_at=NOW.replace(year=2020))
    done(change(retention_days=1))
    purge_expired()


def delete_the_room() -> None:
    Room.objects.get().delete()


@pytest.mark.parametrize(
    "happens", [ban_bob, shut_out_bob, delete_the_message, expire_the_message, delete_the_room]
)
def test_it_is_not_found_from_the_next_request_on(file: File, happens: Callable[[], None]) -> None:
    assert status(file) == 200
    happens()
    assert status(file) == 404


def test_who_may_no_longer_write_may_read(file: File) -> None:
    done(act(Act.MUTE, id="bob"))
    done(change(closed=True))
    assert status(file) == 200


def test_a_file_without_a_message_is_its_uploaders_alone() -> None:
    file = uploaded("bob")
    assert (status(file, BOB), status(file, ALICE)) == (200, 404)
    ban_bob()
    assert status(file, BOB) == 404


@pytest.mark.parametrize("state", [FileState.PROMISED, FileState.REMOVED])
def test_what_is_not_stored_is_not_found(state: FileState) -> None:
    assert status(uploaded("bob", state=state)) == 404


@pytest.mark.parametrize("key", ["never-was", "x" * 2000, "%00", "%ED%A0%80", "..%2f..%2fetc%2fpasswd", "ü"])
def test_a_key_that_is_none_is_not_found(key: str) -> None:
    for path in (f"/files/{key}/", f"/files/{key}/thumbnail/", f"/files/{key}"):
        assert browser(BOB).get(path, follow=True).status_code == 404


def test_a_storage_that_is_away_is_told_and_asked_again_later(file: File) -> None:
    file.refresh_from_db()
    File.objects.update(stored_as="not-there")
    answer = get(file)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


@pytest.fixture
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(downloads, "SENDING_MAX", 2)
    yield
    assert not downloads._sending


@pytest.mark.usefixtures("two_at_once")
def test_a_process_sends_so_many_at_once_and_a_part_that_is_given_up_makes_place(file: File) -> None:
    async def read() -> None:
        answers = [await asyncio.to_thread(get, file) for _ in range(2)]
        parts = [aiter(answer) for answer in answers]
        for part in parts:
            await anext(part)
        assert await asyncio.to_thread(status, file) == 503
        answers[0].close()
        assert await asyncio.to_thread(status, file) == 200
        answers[1].close()

    asyncio.run(read())
