"""Reactions to messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import protocol
from chat.access.identity import Identity
from chat.journal.changes import Change
from chat.journal.handlers.reactions import recount
from chat.journal.selectors import change_of
from chat.journal.service import write
from chat.journal.types import Stored
from chat.models import Message, Participant, Reaction, Room
from chat.protocol import Act
from chat.protocol.limits import NAME_MAX, STATE_MAX
from chat.text.emoji import is_emoji

from ..harness.write_requests import (
    ALICE,
    BOB,
    act,
    change,
    delete,
    done,
    post,
    react,
    refusal,
    rename,
    stored,
    write_one,
)

GOOD = [
    *"👍❤🎉😂✨✔★♥→©™ℹ†§€+…",
    "❤️",
    "👍🏽",
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "🇨🇿",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "1️⃣",
    "#⃣",
    "👩🏽‍🚀",
    "❤️‍🔥",
    ":-)",
    "👍👍👍",
    "!?",
    "🏽",
]
BAD = [
    "",
    " ",
    "a",
    "ok",
    "日",
    "1",
    "12",
    "👍 👍",
    "👍a",
    "👍👍👍👍",
    "\u200d",
    "\ufe0f",
    "\0",
    "\n",
    "\u202e👍",
    "é",
    "👍\u200d",
    "🇨",
]


@pytest.mark.parametrize("text", GOOD)
def test_an_emoji_however_it_is_put_together_is_one(text: str) -> None:
    assert is_emoji(text)


@pytest.mark.parametrize("text", BAD, ids=ascii)
def test_letters_spaces_controls_and_long_rows_are_none(text: str) -> None:
    assert not is_emoji(text)


@given(st.text(max_size=32))
def test_nothing_that_is_taken_for_an_emoji_has_a_letter_a_space_or_a_control_in_it(text: str) -> None:
    if is_emoji(text):
        assert not any(c.isspace() or (c.isalpha() and c != "ℹ") or c < " " or c == "\u202e" for c in text)


@pytest.fixture
def tea(db: None) -> None:
    write([post("tea?"), post("yes", BOB)])


def shown(sequence: int = 1) -> list[tuple[str, int, list[str]]]:
    reactions = Message.objects.get(sequence=sequence).reactions or []
    return [(r["emoji"], r["count"], r["names"]) for r in reactions]


def revision() -> int:
    return Room.objects.get().revision


@pytest.mark.usefixtures("tea")
def test_a_reaction_is_a_change_of_the_message_and_names_who() -> None:
    assert stored(react(1, "👍", BOB)) == Stored(1, 3)
    (batch,) = write([react(1, "👍")]).batches
    assert [(c.sequence, c.revision) for c in batch.changes] == [(1, 4)]
    assert shown() == [("👍", 2, ["Bob", "Alice"])]
    stored(react(1, "🎉"))
    stored(react(1, "👍", BOB, on=False))
    assert shown() == [("👍", 1, ["Alice"]), ("🎉", 1, ["Alice"])]
    stored(react(1, "👍", on=False))
    stored(react(1, "🎉", on=False))
    assert shown() == []
    assert Message.objects.get(sequence=1).reactions is None


@pytest.mark.usefixtures("tea")
def test_a_reaction_that_changes_nothing_takes_no_number() -> None:
    stored(react(1, "👍"))
    before = revision()
    assert stored(react(1, "👍")) == stored(react(1, "🎉", on=False)) == Stored(1, 3)
    assert write([react(1, "👍"), react(1, "👍", BOB, on=False)]).batches == []
    assert revision() == before


@pytest.mark.usefixtures("tea")
def test_twenty_names_are_sent_and_the_rest_are_counted() -> None:
    people = [Identity(f"p{n}", f"Person {n}") for n in range(25)]
    write([react(1, "👍", who) for who in people])
    assert shown() == [("👍", 25, [f"Person {n}" for n in range(20)])]
    write_one(rename("Number one", people[0]))
    stored(react(1, "👍", people[1], on=False))
    ((_, count, names),) = shown()
    assert (count, names[0], len(names)) == (24, "Number one", 20)


@pytest.mark.usefixtures("tea")
def test_twenty_different_emoji_are_enough_for_a_message() -> None:
    emoji = [chr(0x1F600 + n) for n in range(20)]
    write([react(1, one) for one in emoji])
    assert refusal(react(1, "👍")) == "too_many"
    stored(react(1, emoji[0], BOB))
    assert len(shown()) == 20


@pytest.mark.usefixtures("tea")
@pytest.mark.parametrize("emoji", ["a", "\0", " ", "👍\0"], ids=ascii)
def test_what_is_no_emoji_is_refused(emoji: str) -> None:
    assert refusal(react(1, emoji)) == "invalid"
    assert revision() == 2


@pytest.mark.usefixtures("tea")
def test_a_deleted_message_has_no_reactions_and_gets_none() -> None:
    stored(react(1, "👍", BOB))
    stored(react(2, "👍", ALICE))
    stored(delete(1))
    done(act(Act.PURGE, id="bob"))
    assert (shown(1), shown(2), Reaction.objects.count()) == ([], [], 0)
    assert refusal(react(1, "👍", BOB)) == "not_found"
    assert refusal(react(7, "👍", BOB)) == "not_found"
    assert refusal(react(1, "👍", BOB, on=False)) == "not_found"


@pytest.mark.usefixtures("tea")
def test_a_reaction_is_an_act_by_which_one_begins_to_be_kept_but_not_a_member() -> None:
    stored(react(1, "👍", Identity("new", "Newcomer")))
    assert Participant.objects.get(key="new").memberships.count() == 0


@pytest.mark.usefixtures("tea")
def test_in_a_read_only_room_one_may_react_and_the_muted_and_banned_may_not() -> None:
    done(change(is_read_only=True))
    stored(react(1, "👍", BOB))
    done(act(Act.MUTE, id="bob"))
    assert refusal(react(1, "🎉", BOB)) == "muted"
    done(act(Act.BAN, id="bob"))
    assert refusal(react(1, "🎉", BOB)) == "banned"
    done(change(closed=True))
    assert refusal(react(1, "🎉")) == "closed"


def full_of_reactions(text: str) -> Change:
    """A message with twenty emoji, each of thirty people whose names are as long as they may be."""
    write([post(text)])
    message = Message.objects.get()
    people = [Participant(key=f"{n:032}", name="\U00010400" * NAME_MAX) for n in range(30)]
    Participant.objects.bulk_create(people)
    emoji = ["👩🏽‍🚀" * 2 + chr(0x1F600 + n) for n in range(20)]
    Reaction.objects.bulk_create(
        Reaction(message=message, participant=who, emoji=one) for one in emoji for who in people
    )
    for one in emoji:
        recount(message, one)
    return change_of(message)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["tea?", "a" * 4000, "& " * 1500 + "a", "\U00010400" * 1500], ids=len)
def test_reactions_name_as_many_people_as_fit_into_the_size_of_a_message(text: str) -> None:
    change = full_of_reactions(text)
    assert change.size == len(protocol.encode_message(change.message)) <= STATE_MAX
    assert change.message.message == text
    assert change.message.reactions
    for reaction in change.message.reactions:
        assert reaction.count == 30
        assert 1 <= len(reaction.ids) == len(reaction.names) < 20


@pytest.mark.django_db
def test_a_text_that_is_larger_alone_has_reactions_without_names() -> None:
    change = full_of_reactions("\U00010400" * 4000)
    assert change.message.reactions
    assert {(r.count, *r.names, *r.ids) for r in change.message.reactions} == {(30,)}
    assert change.size < STATE_MAX + 12_000
