"""Files that nobody needs any more are deleted: their bytes, then their rows."""

import asyncio
import errno
import os
import tempfile
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from pytest_django import Settings

from chat.files import service
from chat.files.refused import FileRefused
from chat.files.storage import files
from chat.files.sweeping import delete_unknown, remove_lost, sweep
from chat.models import File, FileState, Message, Room

from ..conftest import MakeSite
from ..harness.uploads import Uploader, image, stored_files
from ..harness.wires import Wire

SECONDS = 60.0

pytestmark = pytest.mark.django_db


def new_file(state: FileState, age: timedelta, **fields: Any) -> File:
    name = f"te/{uuid4().hex}"
    files.save(name, ContentFile(b"hello"))
    file = File.objects.create(
        room_key="tea", owner_key="alice", name="a.txt", size=5, state=state, stored_as=name, **fields
    )
    File.objects.filter(pk=file.pk).update(created_at=timezone.now() - age)
    return file


def new_message() -> Message:
    room = Room.objects.create(name="tea", key="tea")
    return Message.objects.create(
        room=room, sequence=1, revision=1, client_id=uuid4(), author_name="Alice", sent_at=timezone.now()
    )


def is_there(file: File) -> bool:
    return File.objects.filter(pk=file.pk).exists()


@pytest.mark.parametrize(
    ("state", "kept", "swept"),
    [
        (FileState.PROMISED, timedelta(minutes=55), timedelta(minutes=65)),
        (FileState.STORED, timedelta(hours=23), timedelta(hours=25)),
    ],
)
def test_what_no_message_takes_goes_in_time(state: FileState, kept: timedelta, swept: timedelta) -> None:
    young, old = new_file(state, kept), new_file(state, swept)
    assert sweep()
    assert (is_there(young), is_there(old)) == (True, False)
    assert (files.exists(young.stored_as), files.exists(old.stored_as)) == (True, False)


def test_the_files_of_a_message_stay_as_long_as_it() -> None:
    message = new_message()
    file = new_file(FileState.STORED, timedelta(days=900), message=message)
    remove_lost()
    sweep()
    assert is_there(file)
    message.delete_text(timezone.now())
    message.save()
    remove_lost()
    sweep()
    assert (is_there(file), files.exists(file.stored_as)) == (False, False)


def test_a_file_whose_message_has_no_row_any_more_goes() -> None:
    """A release that does not know of files may have deleted it."""
    message = new_message()
    file = new_file(FileState.STORED, timedelta(0), message=message)
    Message.objects.filter(pk=message.pk).delete()
    remove_lost()
    sweep()
    assert not is_there(file)


def test_what_has_lost_its_message_is_looked_for_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.files.sweeping.AT_ONCE", 2)
    message = new_message()
    rows = [new_file(FileState.STORED, timedelta(0), message=message) for _ in range(3)]
    Message.objects.filter(pk=message.pk).delete()
    last = remove_lost()
    assert last == rows[1].pk
    assert File.objects.filter(state=FileState.REMOVED).count() == 2
    assert remove_lost(last) == 0
    assert File.objects.filter(state=FileState.REMOVED).count() == 3


def test_old_bytes_that_no_row_names_go_with_the_turn_of_their_folder() -> None:
    known = new_file(FileState.STORED, timedelta(0))
    other = new_file(FileState.STORED, timedelta(0))
    File.objects.filter(pk=known.pk).update(stored_as="fe/known")
    File.objects.filter(pk=other.pk).update(thumbnail_as="fe/thumbnail")
    names = ["fe/known", "fe/thumbnail", "fe/young", "fe/old", "ff/old"]
    for name in names:
        files.save(name, ContentFile(b"hello"))
        if name != "fe/young":
            two_days_ago = time.time() - 2 * 86_400
            os.utime(files.path(name), (two_days_ago, two_days_ago))
    delete_unknown(254)
    assert [name for name in names if not files.exists(name)] == ["fe/old"]
    delete_unknown(256 + 255)
    assert not files.exists("ff/old")


def test_without_any_row_the_bytes_stay() -> None:
    files.save("fd/old", ContentFile(b"hello"))
    os.utime(files.path("fd/old"), (0, 0))
    delete_unknown(253)
    assert files.exists("fd/old")
    delete_unknown(252)  # a folder that is not there


def test_a_removed_file_goes_at_once() -> None:
    file = new_file(FileState.REMOVED, timedelta(0), removed_at=timezone.now())
    sweep()
    assert not is_there(file)


def test_the_row_stays_until_the_bytes_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    file = new_file(FileState.REMOVED, timedelta(0), removed_at=timezone.now())

    def fail(name: str) -> None:
        raise OSError("away")

    with monkeypatch.context() as away:
        away.setattr(files, "delete", fail)
        assert sweep()
        assert is_there(file)
    sweep()
    assert not is_there(file)


def test_there_is_more_where_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.files.sweeping.AT_ONCE", 2)
    for _ in range(3):
        new_file(FileState.REMOVED, timedelta(0), removed_at=timezone.now())
    assert [sweep(), sweep()] == [False, True]
    assert not File.objects.exists()


async def test_the_bytes_go_soon_after_the_message(make_site: MakeSite, room: str) -> None:
    site = make_site(CONSTANTS="chat.server.maintenance.FILES_INTERVAL=0.1")
    server = site.daphne()
    alice = Uploader(server, room)
    state = await asyncio.to_thread(alice.upload, "a.png", image())
    async with Wire(server.ws_url(room), cookies=alice.cookies) as wire:
        ack = await wire.answer_to(await wire.post("", files=[state["id"]]))
        assert ack["type"] == "ack", ack
        assert len(stored_files(site)) == 2
        await wire.send({"type": "delete", "client_id": str(uuid4()), "sequence": ack["sequence"]})
        await wire.wait_until(lambda _: not stored_files(site), SECONDS, "the bytes to be deleted")
    server.assert_no_traceback()


# --- What a process that is killed leaves behind ---


def test_what_was_stored_before_a_process_was_killed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """It named the bytes in the row before it stored them."""
    file = File.objects.create(room_key="tea", owner_key="alice", name="a.txt", size=5)

    class Killed(BaseException):
        pass

    def save_and_be_killed(name: str, content: Any) -> None:
        save(name, content)
        raise Killed

    save = files.save
    with monkeypatch.context() as killed:
        killed.setattr(files, "save", save_and_be_killed)
        with pytest.raises(Killed):
            service.take_in(file.key, BytesIO(b"hello"))
    file.refresh_from_db()
    left = file.stored_as
    assert files.exists(left)
    assert service.take_in(file.key, BytesIO(b"hello")).state == FileState.STORED
    assert not files.exists(left)


@pytest.mark.parametrize("content", [b"hello", image()], ids=["file", "image"])
def test_a_disk_that_fills_keeps_the_promise_and_no_bytes(
    monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    file = File.objects.create(room_key="tea", owner_key="alice", name="a.png", size=len(content))
    saved: list[str] = []

    def save_half(name: str, whole: Any) -> None:
        saved.append(name)
        save(name, ContentFile(b"x"))
        raise OSError(errno.ENOSPC, "full")

    save = files.save
    with tempfile.TemporaryFile() as source:
        source.write(content)
        with monkeypatch.context() as full:
            full.setattr(files, "save", save_half)
            with pytest.raises(FileRefused, match="disk_full"):
                service.take_in(file.key, source)
        assert [name for name in saved if files.exists(name)] == []
        assert service.take_in(file.key, source).state == FileState.STORED


def test_of_two_who_store_one_file_one_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    file = File.objects.create(room_key="tea", owner_key="alice", name="a.txt", size=5)
    saved: list[str] = []

    def save_later_than_another(name: str, content: Any) -> None:
        saved.append(name)
        if len(saved) == 1:
            assert service.take_in(file.key, BytesIO(b"hello")).state == FileState.STORED
        save(name, content)

    save = files.save
    monkeypatch.setattr(files, "save", save_later_than_another)
    with pytest.raises(FileRefused, match=r"busy\.upload"):
        service.take_in(file.key, BytesIO(b"hello"))
    assert [files.exists(name) for name in saved] == [False, True]
    assert files.path(saved[1]) == str(Path(files.path(File.objects.get().stored_as)))


def test_a_name_in_the_storage_tells_nothing(settings: Settings) -> None:
    file = File.objects.create(room_key="tea", owner_key="alice", name="secret plan.txt", size=5)
    stored = service.take_in(file.key, BytesIO(b"hello"))
    path = Path(files.path(stored.stored_as))
    assert path.stat().st_mode & 0o777 == 0o600
    assert settings.FILES_ROOT in path.parents
    assert not {file.key, "secret", "tea", "alice"} & set(path.parts[-2:])
