"""Who may do what to whom, and how people are found by name."""

import pytest
from django.db import transaction
from msgspec.structs import replace

from chat.access.identity import Identity
from chat.journal.handlers.moderation import ON_A_PERSON
from chat.journal.service import write
from chat.models import AuditEntry, Participant
from chat.protocol import Act

from ..harness.moderated_room import STRANGER, acts, connect, role, room, staff
from ..harness.write_requests import (
    ALICE,
    BOB,
    CHARLIE,
    DORA,
    act,
    done,
    post,
    refusal,
    rename,
    stored,
    write_one,
)

pytestmark = pytest.mark.usefixtures("moderated_room")


# --- Who may ---

ON_PEOPLE = [*ON_A_PERSON]
THE_OWNERS_ALONE = {Act.PROMOTE, Act.DEMOTE, Act.HAND_OVER}
OTTO = Identity("otto", "Otto")
LURKER = Identity("lurker", "Lurker")

BELOW_MODERATORS = {"a lurker", "a member", "the muted", "the banned"}
BELOW_OWNERS = BELOW_MODERATORS | {"a moderator", "a muted moderator"}
MAY_ACT_ON = {
    "a lurker": set[str](),
    "a member": set[str](),
    "the muted": set[str](),
    "the banned": set[str](),
    "a moderator": BELOW_MODERATORS,
    "a muted moderator": BELOW_MODERATORS,
    "the owner": BELOW_OWNERS,
    "banned staff": BELOW_OWNERS | {"the owner"},
}
WHOM = [*MAY_ACT_ON, "nobody"]


def everybody() -> dict[str, Identity]:
    """One of each kind, in the room of `moderated_room`."""
    write([post("I am muted", BOB), post("I moderate", OTTO)])
    root = staff()
    stored(post("I look after the site", root))
    connect(LURKER)
    for what, key in ((Act.PROMOTE, "otto"), (Act.MUTE, "otto"), (Act.MUTE, "bob"), (Act.BAN, "charlie")):
        done(act(what, id=key))
    done(act(Act.BAN, None, id=root.key))
    stored(post("I am a member", STRANGER))
    return {
        "a lurker": LURKER,
        "a member": STRANGER,
        "the muted": BOB,
        "the banned": CHARLIE,
        "a moderator": DORA,
        "a muted moderator": OTTO,
        "the owner": ALICE,
        "banned staff": root,
        "nobody": Identity("nobody", "Nobody"),
    }


def expected(what: Act, actor: str, whom: str) -> str:
    """The code of the refusal; nothing when it is done."""
    is_moderator = what not in THE_OWNERS_ALONE and "moderator" in actor
    if actor == "the banned":
        return "banned"
    if not (is_moderator or actor in ("the owner", "banned staff")):
        return "forbidden"
    if whom == "nobody":
        return "not_found"
    if whom not in MAY_ACT_ON[actor]:
        return "forbidden"
    return "invalid" if whom == "the banned" and what in (Act.PROMOTE, Act.HAND_OVER) else ""


@pytest.mark.parametrize("what", ON_PEOPLE)
def test_each_act_is_done_by_whom_and_to_whom_it_may_and_leaves_a_trace_only_then(what: Act) -> None:
    people = everybody()
    for actor in MAY_ACT_ON:
        for whom in WHOM:
            wanted, before = expected(what, actor, whom), trace()
            with transaction.atomic():
                assert refusal(act(what, people[actor], id=people[whom].key)) == wanted, f"{actor}, {whom}"
                moved, written = (now > was for now, was in zip(trace(), before, strict=True))
                assert moved == written
                assert not (moved and wanted)
                transaction.set_rollback(True)


def trace() -> tuple[int, int]:
    """The room's changes, and the acts in its audit log."""
    return room().revision, AuditEntry.objects.count()


def test_who_may_not_act_does_not_learn_who_is_there() -> None:
    people = everybody()
    for actor in ("a lurker", "a member", "the muted", "the banned"):
        names = ("Alice", "Nobody")
        answers = {refusal(act(what, people[actor], name=name)) for what in ON_PEOPLE for name in names}
        assert len(answers) == 1


def test_an_owner_whom_staff_has_banned_is_not_pushed_aside_by_moderators() -> None:
    done(act(Act.BAN, None, id="alice"))
    for what in (Act.UNBAN, Act.DISMISS, Act.PURGE):
        assert refusal(act(what, DORA, id="alice")) == "forbidden"
    assert role(ALICE) == "owner"


def test_staff_does_everything_everywhere_even_where_it_never_spoke() -> None:
    root = staff()
    assert done(act(Act.MUTE, root, id="alice")) == "Alice is muted permanently."
    assert done(act(Act.HAND_OVER, root, id="bob")) == "Bob now owns this room."
    assert (role(ALICE), role(BOB)) == ("moderator", "owner")
    assert acts() == [("Root", "mute", "Alice"), ("Root", "hand_over", "Bob")]


def test_nobody_but_the_system_acts_against_staff() -> None:
    root = staff()
    stored(post("I look after the site", root))
    assert refusal(act(Act.KICK, id=root.key)) == "forbidden"
    assert refusal(act(Act.BAN, root, id=root.key)) == "forbidden"
    connect(Identity("account-77", "Fresh", 77), verified=True)
    assert refusal(act(Act.MUTE, id="account-77")) == "forbidden"


def test_the_system_acts_under_the_name_it_gives() -> None:
    done(replace(act(Act.BAN, None, id="alice", reason="court order"), by="Root of the site"))
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.actor_name, entry.target_key) == (None, "Root of the site", "alice")
    assert entry.detail == "for good · court order"


# --- Whom ---


def test_people_are_found_by_name_in_any_case_and_width() -> None:
    for name in ("Bob", "bob", "ＢＯＢ", "@Bob", "  bob "):
        assert done(act(Act.MUTE, name=name, seconds=60)) == "Bob is muted for 1 minute."


def test_who_only_looks_on_is_found_by_name_and_can_be_banned_and_muted() -> None:
    connect(STRANGER, "203.0.113.7")
    assert done(act(Act.MUTE, name="stranger", seconds=600)) == "Stranger is muted for 10 minutes."
    assert refusal(post("but", STRANGER)) == "muted"
    connect(Identity("lurker", "Lurker"))
    done(act(Act.BAN, name="lurker"))
    assert not Participant.objects.filter(key="lurker").exists()
    assert refusal(post("but", Identity("lurker", "Lurker"))) == "banned"


def test_a_name_that_two_people_have_is_ambiguous() -> None:
    write_one(rename("bob", CHARLIE))
    assert refusal(act(Act.KICK, name="Bob")) == "ambiguous"
    assert done(act(Act.KICK, id="charlie")) == "bob was kicked."


def test_nobody_is_found_under_a_name_from_another_room_or_an_odd_one() -> None:
    stored(post("hello", STRANGER, room="coffee"))
    for name in ("stranger", "", "\0", "x" * 60_000, "'; DROP TABLE chat_room; --", "%", "\ud83e"):
        assert refusal(act(Act.KICK, name=name)) in ("not_found", "invalid")
    for key in ("nobody", "\0"):
        assert refusal(act(Act.KICK, id=key)) in ("not_found", "invalid")
    assert refusal(act(Act.KICK)) == "invalid"
    assert refusal(act(Act.KICK, room="nowhere", id="bob")) == "not_found"
