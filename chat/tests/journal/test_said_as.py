"""A message keeps the name, the author and the time under which it was posted."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from chat.access.identity import Identity
from chat.journal.forgetting import forget_participant
from chat.journal.handlers import names
from chat.journal.selectors import newest_page
from chat.journal.service import write
from chat.journal.types import Renamed
from chat.models import Participant
from chat.protocol import Author
from chat.protocol.roles import Role
from chat.text.confusables import skeleton

from ..harness.write_requests import BOB, post, refusal, rename, stored, write_one

pytestmark = pytest.mark.django_db(transaction=True)


def authors(room: str = "tea") -> list[Author]:
    _room, page = newest_page(room)
    return [change.message.author for change in page.changes]


@transaction.atomic
def sign_up(key: str, username: str) -> Identity:
    """The guest of this key becomes an account."""
    user = User.objects.create_user(username)
    Participant.objects.filter(key=key).update(user=user)
    return Identity(key, username, user.pk)


def test_what_a_guest_said_is_not_verified_by_signing_up_later() -> None:
    stored(post("as a guest"))
    account = sign_up("alice", "alice")
    stored(post("as an account", account))
    assert authors() == [Author("alice", "Alice", False), Author("alice", "Alice", True)]


def test_a_message_keeps_the_name_it_was_said_under() -> None:
    stored(post("hello"))
    assert isinstance(write_one(rename("Alice Liddell")), Renamed)
    stored(post("hello again"))
    assert [author.name for author in authors()] == ["Alice", "Alice Liddell"]


def test_what_a_deleted_account_said_is_nobodys() -> None:
    stored(post("hello"))
    account = sign_up("alice", "alice")
    stored(post("still here", account))
    forget_participant(Participant.objects.get(key="alice"), delete_texts=False)
    assert authors() == [Author(None, "Deleted account", False)] * 2


def test_a_disabled_account_says_nothing_more() -> None:
    stored(post("hello"))
    account = sign_up("alice", "alice")
    User.objects.update(is_active=False)
    assert refusal(post("still here?", account)) == "forbidden"


def test_the_author_of_the_first_message_owns_the_room_from_that_change_on() -> None:
    (batch,) = write([post("first")]).batches
    assert (batch.after, batch.revision) == (0, 1)
    assert batch.room is not None
    assert batch.room.access == 1
    (later,) = write([post("second", BOB)]).batches
    assert later.room is None
    members = Participant.objects.get(key="alice").memberships
    assert members.get().role == Role.OWNER


def test_of_two_accounts_that_take_one_name_in_the_same_instant_one_gets_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored(post("hello"))
    stored(post("hello", BOB))
    alice, bob = sign_up("alice", "alice"), sign_up("bob", "bob")
    monkeypatch.setattr(names, "is_claimed", lambda *_names, **_by: False)
    assert isinstance(write_one(rename("Queen", alice)), Renamed)
    assert refusal(rename("Queеn", bob)) == "name_taken"  # with a Cyrillic е
    with pytest.raises(IntegrityError):
        Participant.objects.filter(key="bob").update(skeleton=skeleton("Queen"))
