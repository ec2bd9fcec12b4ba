"""What moderators do with messages: delete, pin, purge; and every act in the audit log."""

import pytest
from django.utils.translation import override
from msgspec.structs import replace

from chat.journal.handlers.audit import WITH_ADDRESS
from chat.journal.service import write, write_all_steps
from chat.journal.types import Done
from chat.manage.log_words import SENTENCES, detail_of, sentence_of
from chat.models import AuditEntry, Message
from chat.protocol import Act

from ..harness.moderated_room import STRANGER, acts, room, staff
from ..harness.write_requests import (
    BOB,
    CHARLIE,
    DORA,
    act,
    change,
    delete,
    done,
    post,
    refusal,
    rename,
    stored,
)

pytestmark = pytest.mark.usefixtures("moderated_room")


def test_a_moderator_deletes_what_anybody_said_and_it_is_written_down() -> None:
    stored(delete(2, DORA))
    stored(delete(1, DORA))
    stored(delete(4, DORA))
    assert refusal(delete(3, BOB)) == "forbidden"
    assert refusal(delete(3, STRANGER)) == "forbidden"
    assert list(Message.objects.order_by("sequence").values_list("text", flat=True)) == ["", "", "hi", ""]
    entries = list(AuditEntry.objects.order_by("pk").values_list("act", "target_name", "detail"))
    assert entries == [("delete", "Bob", "#2"), ("delete", "Alice", "#1")]  # her own is nobody's business


def test_one_message_is_pinned_and_no_longer_when_it_is_deleted() -> None:
    assert done(act(Act.PIN, DORA, sequence=2)) == "The message is pinned."
    (batch,) = write([act(Act.PIN, DORA, sequence=3)]).batches
    assert batch.room
    assert batch.room.pinned == 3
    (batch,) = write([delete(3, CHARLIE)]).batches
    assert batch.room
    assert batch.room.pinned is None
    for sequence in (3, 99):
        assert refusal(act(Act.PIN, sequence=sequence)) == "not_found"
    delete_the_last, pin_the_last = delete(4, DORA), act(Act.PIN)
    write([delete_the_last, pin_the_last])
    assert room().pinned == 2
    assert refusal(act(Act.PIN, BOB, sequence=1)) == "forbidden"
    done(act(Act.PIN, sequence=1))
    assert done(act(Act.UNPIN, DORA)) == "The message is no longer pinned."
    assert room().pinned is None


def test_a_purge_empties_every_message_of_one_person_in_this_room() -> None:
    write([post(f"spam {n}", BOB) for n in range(5)] + [post("mine", BOB, room="coffee")])
    done(act(Act.PIN, sequence=6))
    done(act(Act.PURGE, DORA, name="bob"))
    left = list(Message.objects.filter(room__key="tea").exclude(text="").values_list("text", flat=True))
    assert left == ["welcome", "hi", "tea?"]
    assert Message.objects.filter(room__key="coffee", text="mine").exists()
    assert room().pinned is None
    assert room().sequence == 9
    assert AuditEntry.objects.get(act="purge").detail == "6"
    before = room().revision
    assert done(act(Act.PURGE, DORA, name="bob")) == "Bob has no messages here."
    assert room().revision == before


def test_one_purge_of_1200_messages_finishes_the_job() -> None:
    write([post(f"spam {n}", CHARLIE) for n in range(1_199)])
    (outcome,) = write_all_steps([act(Act.PURGE, id="charlie")])
    assert isinstance(outcome, Done)
    assert str(outcome.notice) == "All messages by Charlie have been deleted."
    assert not Message.objects.filter(author__key="charlie", deleted_at=None).exists()
    assert Message.objects.count() == 4 + 1_199
    revisions = list(Message.objects.filter(author__key="charlie").values_list("revision", flat=True))
    assert len(set(revisions)) == 1_200
    assert [entry.detail for entry in AuditEntry.objects.order_by("pk")] == [
        "500",
        "500",
        "200",
    ]


def test_a_spammer_who_takes_another_name_meanwhile_is_purged_to_the_end() -> None:
    write([post(f"spam {n}", CHARLIE) for n in range(600)])
    purge = act(Act.PURGE, name="Charlie")
    (first,) = write([purge]).outcomes
    assert isinstance(first, Done)
    assert first.then
    write([rename("Someone else", CHARLIE)])
    write_all_steps([replace(purge, command=first.then)])
    assert not Message.objects.filter(author__key="charlie", deleted_at=None).exists()


def test_staff_deletes_where_it_never_spoke() -> None:
    root = staff()
    stored(delete(2, root))
    assert Message.objects.get(sequence=2).text == ""
    assert acts() == [("Root", "delete", "Bob")]


# --- The audit log ---


def test_every_act_has_words_in_the_log() -> None:
    others = {"delete", "edit", "settings", "settle", "invite", "revoke", "offer"}
    assert SENTENCES.keys() == {act.value for act in Act} | others


@pytest.mark.parametrize("lie", ["tea · is_hidden: True", "· is_hidden: True", "tea · · is_hidden: True"])
def test_what_people_write_is_not_taken_for_another_setting_in_the_log(lie: str) -> None:
    done(change(DORA, topic=lie, slow_mode=5))
    entry = AuditEntry.objects.get()
    assert detail_of(entry).count(" · ") == 1
    assert "hidden: yes" not in detail_of(entry)
    assert room().topic == lie


@pytest.mark.parametrize(
    ("entry", "sentence", "detail"),
    [
        (
            AuditEntry(act="ban", actor_name="Dora", target_name="Bob", detail="3600 s · spam"),
            "Dora банит пользователя Bob",
            "на 1 час · spam",
        ),
        (
            AuditEntry(act="ban", actor_name="Dora", target_name="<b>", detail=f"for good{WITH_ADDRESS}"),
            "Dora банит пользователя &lt;b&gt;",
            "навсегда, вместе с сетевым адресом",
        ),
        (AuditEntry(act="purge", actor_name="", target_name="", detail="21"), None, "21 сообщение"),
        (
            AuditEntry(act="mute", actor_name="Dora", target_name="Bob", detail="for 2 hours"),
            None,
            "for 2 hours",
        ),
    ],
)
def test_the_log_is_said_in_whole_sentences_of_its_reader_s_language(
    entry: AuditEntry, sentence: str | None, detail: str
) -> None:
    with override("ru"):
        said, details = sentence_of(entry), detail_of(entry)
    assert details == detail
    if sentence:
        assert said.replace('<bdi class="name">', "").replace("</bdi>", "") == sentence
