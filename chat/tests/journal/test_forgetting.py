"""Participants are deleted: their messages stay without a name, or are deleted too."""

import pytest

from chat.journal import selectors
from chat.journal.forgetting import forget_participant
from chat.journal.service import write
from chat.journal.types import Done, Forget, WriteRequest
from chat.models import Message, Participant
from chat.protocol import Act

from ..harness.old_messages import DAY, room, said_before
from ..harness.write_requests import (
    BOB,
    act,
    done,
    post,
    react,
    stored,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_deleted_participant_leaves_messages_without_a_name_and_nothing_else() -> None:
    write([post("mine", BOB), post("yours"), post("mine too", BOB), post("there", BOB, room="coffee")])
    stored(react(2, "👍", BOB))
    stored(react(2, "👍"))
    stored(react(2, "🎉", BOB))
    before = room().revision
    forget_participant(Participant.objects.get(key="bob"), delete_texts=False)
    assert not Participant.objects.filter(key="bob").exists()
    _row, page = selectors.newest_page("tea")
    assert [(c.message.author.id, c.message.author.name, c.message.message) for c in page.changes] == [
        (None, "Deleted account", "mine"),
        ("alice", "Alice", "yours"),
        (None, "Deleted account", "mine too"),
    ]
    ((emoji, count, names),) = [(r.emoji, r.count, r.names) for r in page.changes[1].message.reactions or []]
    assert (emoji, count, names) == ("👍", 1, ["Alice"])
    changed = selectors.changed_after("tea", before)[1]
    assert [c.sequence for c in changed] == [2, 1, 3]
    assert not any("Bob" in bytes(change.wire).decode() for change in page.changes)
    assert Message.objects.get(room__key="coffee").author_name == ""


def test_a_deleted_participant_may_have_the_messages_deleted_too() -> None:
    write([post("mine", BOB), post("yours"), post("mine too", BOB)])
    done(act(Act.PIN, who=None, sequence=3))
    forget_participant(Participant.objects.get(key="bob"), delete_texts=True)
    rows = [(row.text, row.author_name, bool(row.deleted_at)) for row in Message.objects.order_by("sequence")]
    assert rows == [("", "", True), ("yours", "Alice", False), ("", "", True)]
    assert room().pinned is None


def test_who_said_1200_things_is_forgotten_to_the_last_of_them() -> None:
    said_before(1_200, DAY, BOB)
    forget = Forget("bob", delete_texts=False)
    assert write([WriteRequest("tea", "tea", None, forget)]).outcomes == [Done(then=forget)]
    forget_participant(Participant.objects.get(key="bob"), delete_texts=False)
    assert not Message.objects.exclude(author=None, author_name="").exists()
    revisions = list(Message.objects.values_list("revision", flat=True))
    assert sorted(revisions) == list(range(1_201, 2_401))


def test_a_participant_who_is_not_there_is_forgotten_at_once() -> None:
    stored(post("hello"))
    assert write([WriteRequest("tea", "tea", None, Forget("nobody", delete_texts=True))]).outcomes == [Done()]
    gone = Participant.objects.create(key="gone", name="Gone")
    Participant.objects.filter(pk=gone.pk).delete()
    forget_participant(gone, delete_texts=True)
