"""A message takes files that were uploaded for it, and they go with its text."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from chat import protocol
from chat.access.identity import Identity
from chat.journal import selectors
from chat.journal.forgetting import forget_participant
from chat.journal.retention import purge_expired
from chat.journal.service import write
from chat.journal.types import Refused, Stored, WriteRequest
from chat.models import EarlierText, File, Message, Participant, Report, Room
from chat.models.file import FileKind, FileState
from chat.protocol import Act
from chat.protocol.limits import ALT_MAX, FILES_MAX, STATE_MAX, TEXT_MAX
from chat.realtime.frames import plain_frames

from ..harness.old_messages import NOW
from ..harness.uploaded import uploaded
from ..harness.write_requests import (
    ALICE,
    BOB,
    act,
    change,
    delete,
    done,
    edit,
    post,
    refusal,
    stored,
    write_one,
    write_request,
)

pytestmark = pytest.mark.django_db(transaction=True)


def send(
    *files: File | str,
    text: str = "",
    alts: tuple[str, ...] = (),
    who: Identity = ALICE,
    room: str = "tea",
    client_id: UUID | None = None,
) -> WriteRequest:
    keys = [file.key if isinstance(file, File) else file for file in files]
    command = protocol.Post(client_id or uuid4(), text, files=keys, alts=list(alts))
    return write_request(who, command, room)


def shown(sequence: int = 1, room: str = "tea") -> list[protocol.File]:
    """As the state of a message has them."""
    _room, changes = selectors.changed_after(room, 0)
    (message,) = [c.message for c in changes if c.sequence == sequence]
    return message.files or []


def state_of(file: File) -> int:
    file.refresh_from_db()
    return file.state


def test_a_post_takes_files_in_its_order_with_descriptions_and_needs_no_text() -> None:
    image = uploaded(name="a.png", type="image/png", kind=FileKind.IMAGE, width=3, height=2, preview="data:,")
    other = uploaded()
    (batch,) = write([send(other, image, alts=("", "  a cat\non a mat "))]).batches
    expected = [
        protocol.File(other.key, "notes.txt", "text/plain", 10, "file"),
        protocol.File(image.key, "a.png", "image/png", 10, "image", 3, 2, "data:,", "a cat on a mat"),
    ]
    assert batch.changes[0].message.files == shown() == expected
    message = Message.objects.get()
    rows = File.objects.filter(message=message).order_by("position").values_list("key", "alt")
    assert list(rows) == [(other.key, ""), (image.key, "a cat on a mat")]


def test_a_message_without_files_needs_a_text() -> None:
    assert refusal(send()) == "empty"
    assert refusal(send(text="\u200b \n")) == "empty"


@pytest.mark.parametrize(
    "unfit",
    [
        {"owner_key": "bob"},
        {"room": "coffee"},
        {"state": FileState.PROMISED},
        {"state": FileState.REMOVED},
    ],
)
def test_a_file_that_one_may_not_take_is_gone_and_nothing_is_stored(unfit: dict[str, Any]) -> None:
    good, bad = uploaded(), uploaded(**unfit)
    outcome = write_one(send(good, bad, "never-was", text="look"))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.text.parameters["files"]) == ("file_gone", [bad.key, "never-was"])
    assert not Message.objects.exists()
    assert not Room.objects.exists(), "a refused message creates no room"
    stored(send(good))


def test_a_file_is_taken_once_also_within_one_transaction() -> None:
    file = uploaded()
    first, second = write([send(file, text="one"), send(file, text="two")]).outcomes
    assert isinstance(first, Stored)
    assert isinstance(second, Refused)
    assert second.code == "file_gone"
    assert refusal(send(file)) == "file_gone"


def test_a_resend_is_acked_as_the_first_time_although_its_files_are_taken() -> None:
    file, client_id = uploaded(), uuid4()
    first = stored(send(file, client_id=client_id))
    assert stored(send(file, client_id=client_id)) == first
    stored(delete(1))
    assert stored(send(file, client_id=client_id)).sequence == first.sequence


@pytest.mark.parametrize(
    "command",
    [
        {"files": ["a", "a"]},
        {"files": ["a"], "alts": ["", ""]},
        {"alts": [""]},
        {"files": ["a"] * (FILES_MAX + 1)},
        {"files": ["a\0"]},
        {"files": ["a\n"]},
        {"files": ["a"], "alts": ["x" * (ALT_MAX + 1)]},
    ],
)
def test_a_frame_whose_files_do_not_fit_is_invalid(command: dict[str, list[str]]) -> None:
    frame = {"type": "post", "client_id": str(uuid4()), "message": "hello", **command}
    with pytest.raises(protocol.ProtocolError) as refused:
        protocol.parse(protocol.encode(frame).decode())  # type: ignore[arg-type]
    assert refused.value.code == "invalid"


def test_a_description_that_cannot_be_stored_is_refused() -> None:
    assert refusal(send(uploaded(), alts=("a\0b",))) == "invalid"


def test_a_command_takes_no_files() -> None:
    from chat.protocol.slash_commands import meaning_of

    with pytest.raises(protocol.ProtocolError):
        meaning_of(protocol.Post(uuid4(), "/help", files=["a"]))
    meant = meaning_of(protocol.Post(uuid4(), "/me shows this", files=["a"], alts=["a cat"]))
    assert isinstance(meant, protocol.Post)
    assert (meant.files, meant.alts) == (["a"], ["a cat"])


def test_a_plain_client_is_told_the_description_or_the_name_and_the_address() -> None:
    one, two = uploaded(), uploaded()
    (batch,) = write([send(one, two, text="look", alts=("a cat",))]).batches
    (payload,) = plain_frames(batch.changes, 0).payloads
    text = protocol.in_plain_text("look", shown())
    assert f'"message":"look\\na cat /files/{one.key}/\\nnotes.txt /files/{two.key}/"' in payload.decode()
    assert text == f"look\na cat /files/{one.key}/\nnotes.txt /files/{two.key}/"
    assert protocol.in_plain_text("", shown()).startswith("a cat ")


def test_a_large_message_shows_no_previews() -> None:
    files = [
        uploaded(name="𝔘" * 120, type="image/png", kind=FileKind.IMAGE, width=1, height=1, preview="x" * 500)
        for _ in range(FILES_MAX)
    ]
    alts = tuple("𝔘" * ALT_MAX for _ in files)
    (batch,) = write([send(*files, text="𝔘" * TEXT_MAX, alts=alts)]).batches
    assert batch.size < 3 * STATE_MAX
    assert batch.changes[0].message.files == shown()
    assert not any(file.preview for file in shown())


def test_an_edit_keeps_the_files_and_may_take_the_text_away() -> None:
    file = uploaded()
    first = stored(send(file, text="look"))
    second = stored(edit(1, "look here", first.revision))
    stored(edit(1, " ", second.revision))
    assert shown()[0].id == file.key
    assert Message.objects.get().text == ""
    assert EarlierText.objects.count() == 2
    plain = stored(post("no file"))
    assert refusal(edit(plain.sequence, " ", plain.revision)) == "empty"


def test_a_deleted_message_has_no_files() -> None:
    file = uploaded()
    stored(send(file, text="look"))
    stored(delete(1))
    assert shown() == []
    assert state_of(file) == FileState.REMOVED
    assert file.removed_at


def test_what_a_moderator_purges_goes_with_its_files() -> None:
    stored(post("mine"))
    file = uploaded("bob")
    stored(send(file, who=BOB))
    done(act(Act.PURGE, name="Bob"))
    assert shown(2) == []
    assert state_of(file) == FileState.REMOVED


def test_what_expires_goes_with_its_files() -> None:
    old, new = uploaded(), uploaded()
    stored(send(old))
    stored(send(new))
    Message.objects.filter(sequence=1).update(sent_at=NOW.replace(year=2020))
    done(change(retention_days=1))
    purge_expired()
    assert (state_of(old), state_of(new)) == (FileState.REMOVED, FileState.STORED)


@pytest.mark.parametrize("texts_go", [False, True])
def test_who_is_forgotten_leaves_files_only_with_the_messages_that_stay(texts_go: bool) -> None:
    sent, waiting = uploaded(), uploaded()
    stored(send(sent))
    forget_participant(Participant.objects.get(key="alice"), delete_texts=texts_go)
    assert state_of(sent) == (FileState.REMOVED if texts_go else FileState.STORED)
    assert state_of(waiting) == FileState.REMOVED
    assert (sent.owner_key, waiting.owner_key) == ("", "")
    assert bool(shown()) is not texts_go


def test_a_room_without_uploads_takes_no_files_but_texts() -> None:
    stored(post("first"))
    done(change(uploads=False))
    assert refusal(send(uploaded(), text="look")) == "forbidden"
    stored(post("words"))
    _room, page = selectors.newest_page("tea")
    assert selectors.room_state(Room.objects.get()).uploads is False
    assert page.changes
    done(change(uploads=True))
    stored(send(uploaded()))


def test_the_word_filter_masks_names_and_descriptions() -> None:
    stored(post("first"))
    done(change(filter_words="fudge"))
    file = uploaded("bob", name="fudge.txt")
    stored(send(file, who=BOB, alts=("a fudge",)))
    assert [(f.name, f.alt) for f in shown(2)] == [("•••••.txt", "a •••••")]
    file.refresh_from_db()
    assert (file.name, file.alt) == ("•••••.txt", "a •••••")
    done(change(filter_action="reject"))
    assert refusal(send(uploaded("bob", name="fudge.txt"), who=BOB)) == "filtered"
    assert refusal(send(uploaded("bob"), who=BOB, alts=("fudge",))) == "filtered"


def test_a_report_keeps_what_the_files_were_called() -> None:
    stored(post("first", BOB))
    file = uploaded()
    stored(send(file, alts=("a cat",)))
    done(write_request(BOB, protocol.Report(uuid4(), 2)))
    assert Report.objects.get().text == f"a cat /files/{file.key}/"
