"""Order in the house, through the one door for writes: who may do what to whom, and what is left of it."""

import datetime
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.utils import timezone

from chat.acts.bans import KICK_SECONDS
from chat.acts.moderation import FOR_GOOD
from chat.drafts import Done, Identity, Stored
from chat.journal import write, write_and_publish
from chat.models import AuditEntry, Ban, Block, Connection, Membership, Message, Participant, Process, Report
from chat.models import Room as RoomModel
from chat.protocol import Act
from chat.protocol import Block as BlockCommand
from chat.protocol import Report as ReportCommand

from .drafting import (
    ALICE,
    BOB,
    CHARLIE,
    DORA,
    act,
    change,
    delete,
    done,
    draft,
    edit,
    post,
    refusal,
    rename,
    stored,
    write_one,
)

pytestmark = pytest.mark.django_db

STRANGER = Identity("stranger", "Stranger")


@pytest.fixture(autouse=True)
def house() -> None:
    """Alice owns the room, dora keeps order in it, bob and charlie talk there."""
    write([post("welcome"), post("hello", BOB), post("hi", CHARLIE), post("tea?", DORA)])
    done(act(Act.PROMOTE, id="dora"))
    AuditEntry.objects.all().delete()


def room(key: str = "tea") -> RoomModel:
    return RoomModel.objects.get(key=key)


def role(who: Identity) -> str:
    return Membership.objects.get(participant__key=who.key, room__key="tea").role


def acts() -> list[tuple[str, str, str]]:
    """The audit log: who, what, whom; oldest first."""
    return list(AuditEntry.objects.order_by("pk").values_list("actor_name", "act", "target_name"))


def come_in(who: Identity, address: str = "", *, verified: bool = False) -> None:
    """They are connected."""
    process, _ = Process.objects.get_or_create(pk="one", defaults={"renewed_at": Now()})
    Connection.objects.create(
        process=process,
        room_key="tea",
        participant_key=who.key,
        name=who.name,
        address=address,
        verified=verified,
    )


def staff(name: str = "Root") -> Identity:
    user = User.objects.create_user(name, is_staff=True)
    return Identity(f"account-{user.pk}", name, user.pk)


# --- Who may ---

ON_PEOPLE = [
    Act.MUTE,
    Act.UNMUTE,
    Act.KICK,
    Act.BAN,
    Act.UNBAN,
    Act.PURGE,
    Act.PROMOTE,
    Act.DEMOTE,
    Act.ADMIT,
    Act.DISMISS,
    Act.HAND_OVER,
]


@pytest.mark.parametrize("what", ON_PEOPLE)
def test_members_strangers_and_the_banned_keep_no_order(what: Act) -> None:
    done(act(Act.BAN, id="charlie"))
    before = room().revision
    for who in (BOB, CHARLIE, STRANGER):
        for whom in ("alice", "bob", "charlie", "dora", "nobody"):
            assert refusal(act(what, who, id=whom)) in ("forbidden", "banned")
    assert room().revision == before
    assert acts() == [("Alice", "ban", "Charlie")]


@pytest.mark.parametrize("what", ON_PEOPLE)
def test_nobody_acts_against_the_owner_or_oneself(what: Act) -> None:
    before = room().revision
    for who, whom in ((DORA, "alice"), (DORA, "dora"), (ALICE, "alice")):
        assert refusal(act(what, who, id=whom)) == "forbidden"
    assert (room().revision, role(ALICE), role(DORA)) == (before, "owner", "moderator")


@pytest.mark.parametrize("what", [Act.PROMOTE, Act.DEMOTE, Act.HAND_OVER])
def test_roles_are_the_owners(what: Act) -> None:
    assert refusal(act(what, DORA, id="bob")) == "forbidden"
    assert role(BOB) == "member"


def test_moderators_do_not_act_against_each_other() -> None:
    done(act(Act.PROMOTE, id="bob"))
    assert refusal(act(Act.BAN, DORA, id="bob")) == "forbidden"
    assert refusal(act(Act.DISMISS, BOB, id="dora")) == "forbidden"


def test_staff_does_everything_everywhere_even_where_it_never_spoke() -> None:
    root = staff()
    assert done(act(Act.MUTE, root, id="alice")) == "Alice is muted for good."
    assert done(act(Act.HAND_OVER, root, id="bob")) == "Bob owns this room now."
    assert (role(ALICE), role(BOB)) == ("moderator", "owner")
    assert acts() == [("Root", "mute", "Alice"), ("Root", "hand_over", "Bob")]


def test_nobody_but_the_house_acts_against_staff() -> None:
    root = staff()
    stored(post("I look after the site", root))
    assert refusal(act(Act.KICK, id=root.key)) == "forbidden"
    assert refusal(act(Act.BAN, root, id=root.key)) == "forbidden"
    come_in(Identity("account-77", "Fresh", 77), verified=True)
    assert refusal(act(Act.MUTE, id="account-77")) == "forbidden"


def test_the_house_acts_under_the_name_it_gives() -> None:
    done(replace(act(Act.BAN, None, id="alice", reason="court order"), by="Root of the site"))
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.actor_name, entry.target_key) == (None, "Root of the site", "alice")
    assert entry.detail == "for good · court order"


# --- Whom ---


def test_people_are_found_by_name_in_any_case_and_width() -> None:
    for name in ("Bob", "bob", "ＢＯＢ", "@Bob", "  bob "):
        assert done(act(Act.MUTE, name=name, seconds=60)) == "Bob is muted for 1 minute."


def test_who_only_looks_on_is_found_by_name_and_can_be_banned_and_muted() -> None:
    come_in(STRANGER, "203.0.113.7")
    assert done(act(Act.MUTE, name="stranger", seconds=600)) == "Stranger is muted for 10 minutes."
    assert refusal(post("but", STRANGER)) == "muted"
    come_in(Identity("lurker", "Lurker"))
    done(act(Act.BAN, name="lurker"))
    assert not Participant.objects.filter(key="lurker").exists()
    assert refusal(post("but", Identity("lurker", "Lurker"))) == "banned"


def test_a_name_that_two_people_have_is_ambiguous() -> None:
    write_one(rename("bob", CHARLIE))
    assert refusal(act(Act.KICK, name="Bob")) == "ambiguous"
    assert done(act(Act.KICK, id="charlie")) == "bob was sent out."


def test_nobody_is_found_under_a_name_from_another_room_or_an_odd_one() -> None:
    stored(post("hello", STRANGER, room="coffee"))
    for name in ("stranger", "", "\0", "x" * 60_000, "'; DROP TABLE chat_room; --", "%", "\ud83e"):
        assert refusal(act(Act.KICK, name=name)) in ("not_found", "invalid")
    for key in ("nobody", "\0"):
        assert refusal(act(Act.KICK, id=key)) in ("not_found", "invalid")
    assert refusal(act(Act.KICK)) == "invalid"
    assert refusal(act(Act.KICK, room="nowhere", id="bob")) == "not_found"


# --- Mutes ---


def test_who_is_muted_reads_and_does_not_talk_until_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    assert done(act(Act.MUTE, DORA, id="bob", seconds=600)) == "Bob is muted for 10 minutes."
    assert refusal(post("but", BOB)) == "muted"
    assert refusal(edit(2, "but", 2, BOB)) == "muted"
    later = timezone.now() + datetime.timedelta(seconds=601)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    stored(post("at last", BOB))


def test_a_mute_without_an_end_is_for_good_and_can_be_ended() -> None:
    assert done(act(Act.MUTE, id="bob")) == "Bob is muted for good."
    assert Membership.objects.get(participant__key="bob").muted_until == FOR_GOOD
    assert done(act(Act.UNMUTE, DORA, id="bob")) == "Bob may talk again."
    stored(post("thanks", BOB))
    assert acts() == [("Alice", "mute", "Bob"), ("Dora", "unmute", "Bob")]


def test_a_mute_of_no_time_is_refused() -> None:
    assert refusal(act(Act.MUTE, id="bob", seconds=0)) == "invalid"
    assert refusal(act(Act.BAN, id="bob", seconds=0)) == "invalid"


# --- Kicks and bans ---


def test_a_ban_holds_for_every_message_and_reaction_until_it_is_lifted() -> None:
    assert done(act(Act.BAN, DORA, id="charlie", reason="spam")) == "Charlie is banned for good."
    assert refusal(post("but", CHARLIE)) == "banned"
    assert refusal(edit(3, "but", 3, CHARLIE)) == "banned"
    write_one(rename("Charles", CHARLIE))
    assert refusal(post("but", CHARLIE)) == "banned"
    stored(post("elsewhere", CHARLIE, room="coffee"))
    assert done(act(Act.UNBAN, DORA, name="charlie")) == "Charles may come back."
    stored(post("sorry", CHARLIE))
    assert acts() == [("Dora", "ban", "Charlie"), ("Dora", "unban", "Charles")]


def test_a_ban_within_one_batch_holds_for_what_comes_after_it() -> None:
    outcomes = write([post("one", BOB), act(Act.BAN, id="bob"), post("two", BOB)]).outcomes
    assert [getattr(outcome, "code", "") for outcome in outcomes] == ["", "", "banned"]


def test_a_kick_is_a_ban_of_a_minute_by_the_databases_clock() -> None:
    assert done(act(Act.KICK, DORA, name="charlie")) == "Charlie was sent out."
    ban = Ban.objects.get()
    assert ban.until is not None
    left = ban.until - timezone.now()
    assert (
        datetime.timedelta(seconds=KICK_SECONDS - 30) < left < datetime.timedelta(seconds=KICK_SECONDS + 30)
    )
    Ban.objects.update(until=Now())
    stored(post("back again", CHARLIE))


def test_the_newest_ban_is_the_one_that_holds_and_a_kick_shortens_none() -> None:
    done(act(Act.BAN, id="bob"))
    assert done(act(Act.KICK, id="bob")) == "Bob is out already."
    assert Ban.objects.get().until is None
    assert done(act(Act.BAN, id="bob", seconds=3600)) == "Bob is banned for 1 hour."
    assert Ban.objects.get().until is not None
    assert done(act(Act.BAN, id="bob")) == "Bob is banned for good."
    assert Ban.objects.get().until is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_an_address_is_banned_with_the_person_and_freed_with_them(address: str, network: str) -> None:
    come_in(BOB, address)
    notice = done(act(Act.BAN, id="bob", seconds=600, address=True))
    assert notice == "Bob and their network address are banned for 10 minutes."
    assert Ban.objects.get().network == network
    detail = AuditEntry.objects.get().detail
    assert "with the network address" in detail
    assert network.partition("/")[0] not in detail
    done(act(Act.UNBAN, id="bob"))
    assert not Ban.objects.exists()


def test_the_address_of_who_has_left_is_the_last_one() -> None:
    Participant.objects.filter(key="bob").update(last_address="198.51.100.4")
    done(act(Act.BAN, id="bob", address=True))
    assert Ban.objects.get().network == "198.51.100.4/32"


def test_a_ban_whose_address_nobody_knows_says_so() -> None:
    notice = done(act(Act.BAN, id="bob", address=True))
    assert notice == "Bob is banned for good. The network address is not known."


def test_a_moderator_who_is_banned_is_none_any_more() -> None:
    done(act(Act.BAN, id="dora", seconds=60))
    assert role(DORA) == "member"
    assert refusal(act(Act.UNBAN, DORA, id="dora")) == "banned"
    assert refusal(change(DORA, topic="mine")) == "banned"
    assert refusal(delete(1, DORA)) == "forbidden"


def test_a_kick_ends_the_membership_of_a_private_room() -> None:
    done(change(is_private=True))
    done(act(Act.KICK, id="bob"))
    Ban.objects.update(until=Now())
    assert role(BOB) == "visitor"
    assert refusal(post("let me in", BOB)) == "forbidden"
    assert done(act(Act.ADMIT, DORA, id="bob")) == "Bob is a member now."
    stored(post("thanks", BOB))
    assert done(act(Act.DISMISS, DORA, id="bob")) == "Bob is no longer a member."
    assert refusal(post("why", BOB)) == "forbidden"


def test_every_change_of_who_may_what_moves_the_access_revision() -> None:
    seen = [room().access_revision]
    for what in (Act.MUTE, Act.UNMUTE, Act.KICK, Act.UNBAN, Act.BAN, Act.UNBAN, Act.PROMOTE, Act.DEMOTE):
        written = write([act(what, id="bob")])
        assert [batch.room.access for batch in written.batches if batch.room] == [room().access_revision]
        seen.append(room().access_revision)
    assert seen == sorted(set(seen))


@pytest.mark.parametrize(
    ("what", "details"),
    [
        (Act.UNMUTE, {"id": "bob"}),
        (Act.UNBAN, {"id": "bob"}),
        (Act.DEMOTE, {"id": "bob"}),
        (Act.PROMOTE, {"id": "dora"}),
        (Act.ADMIT, {"id": "bob"}),
        (Act.UNPIN, {}),
        (Act.UNPIN, {"sequence": 2}),
    ],
)
def test_an_act_that_changes_nothing_takes_no_number_and_no_entry(what: Act, details: Any) -> None:
    before = room().revision
    written = write([act(what, **details)])
    assert isinstance(written.outcomes[0], Done)
    assert written.batches == []
    assert room().revision == before
    assert acts() == []


@pytest.mark.parametrize(("what", "details"), [(Act.MUTE, {}), (Act.BAN, {}), (Act.KICK, {})])
def test_the_same_act_twice_is_done_once(what: Act, details: Any) -> None:
    done(act(what, id="bob", **details))
    before = room().revision
    done(act(what, id="bob", **details))
    assert room().revision == before
    assert len(acts()) == 1


# --- A resend is acked whatever came since ---


@pytest.mark.parametrize("what", [Act.MUTE, Act.BAN, Act.KICK, Act.DISMISS])
def test_a_resend_of_a_stored_message_is_acked_whatever_came_since(what: Act) -> None:
    client_id = uuid4()
    first = stored(post("on the train", BOB, client_id=client_id))
    done(
        change(is_private=True, is_read_only=True, slow_mode=60, filter_words="train", filter_action="reject")
    )
    done(act(what, id="bob"))
    assert write_one(post("on the train", BOB, client_id=client_id)) == first
    assert write_one(post("again", BOB)) != first
    done(change(closed=True))
    assert write_one(post("on the train", BOB, client_id=client_id)) == first


# --- Messages ---


def test_a_moderator_deletes_what_anybody_said_and_it_is_written_down() -> None:
    stored(delete(2, DORA))
    stored(delete(1, DORA))
    stored(delete(4, DORA))
    assert refusal(delete(3, BOB)) == "forbidden"
    assert refusal(delete(3, STRANGER)) == "forbidden"
    assert list(Message.objects.order_by("sequence").values_list("text", flat=True)) == ["", "", "hi", ""]
    entries = list(AuditEntry.objects.order_by("pk").values_list("act", "target_name", "detail"))
    assert entries == [("delete", "Bob", "#2"), ("delete", "Alice", "#1")]  # her own is nobody's business


def test_one_message_is_pinned_and_goes_down_when_it_is_deleted() -> None:
    assert done(act(Act.PIN, DORA, sequence=2)) == "The message is pinned."
    (batch,) = write([act(Act.PIN, DORA, sequence=3)]).batches
    assert batch.room
    assert batch.room.pinned == 3
    (batch,) = write([delete(3, CHARLIE)]).batches
    assert batch.room
    assert batch.room.pinned is None
    for sequence in (3, 99):
        assert refusal(act(Act.PIN, sequence=sequence)) == "not_found"
    assert refusal(act(Act.PIN)) == "invalid"
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
    assert AuditEntry.objects.get(act="purge").detail == "6 messages"
    before = room().revision
    assert done(act(Act.PURGE, DORA, name="bob")) == "Bob has no messages here."
    assert room().revision == before


def test_one_purge_of_1200_messages_finishes_the_job() -> None:
    write([post(f"spam {n}", CHARLIE) for n in range(1_199)])
    (outcome,) = write_and_publish([act(Act.PURGE, id="charlie")])
    assert outcome == Done("The messages of Charlie are deleted.")
    assert not Message.objects.filter(author__key="charlie", deleted_at=None).exists()
    assert Message.objects.count() == 4 + 1_199
    revisions = list(Message.objects.filter(author__key="charlie").values_list("revision", flat=True))
    assert len(set(revisions)) == 1_200
    assert [entry.detail for entry in AuditEntry.objects.order_by("pk")] == [
        "500 messages",
        "500 messages",
        "200 messages",
    ]


# --- The owner ---


def test_a_room_is_handed_over_and_has_one_owner() -> None:
    assert done(act(Act.HAND_OVER, name="bob")) == "Bob owns this room now."
    assert (role(ALICE), role(BOB)) == ("moderator", "owner")
    assert refusal(act(Act.DEMOTE, ALICE, id="dora")) == "forbidden"
    done(act(Act.DEMOTE, BOB, id="dora"))
    done(act(Act.BAN, BOB, id="charlie"))
    assert refusal(act(Act.HAND_OVER, BOB, id="charlie")) == "invalid"


def test_a_moderator_succeeds_an_owner_who_is_away_for_long_enough() -> None:
    assert refusal(act(Act.SUCCEED, DORA)) == "forbidden"
    long_ago = timezone.now() - datetime.timedelta(days=91)
    Participant.objects.filter(key="alice").update(created_at=long_ago, last_seen_at=long_ago)
    assert refusal(act(Act.SUCCEED, DORA)) == "forbidden"  # she has just said something
    Message.objects.filter(author__key="alice").update(sent_at=long_ago)
    assert refusal(act(Act.SUCCEED, BOB)) == "forbidden"
    come_in(ALICE)
    assert refusal(act(Act.SUCCEED, DORA)) == "forbidden"
    Process.objects.update(renewed_at=long_ago)
    RoomModel.objects.update(succession_days=100)
    assert refusal(act(Act.SUCCEED, DORA)) == "forbidden"
    RoomModel.objects.update(succession_days=None)
    assert done(act(Act.SUCCEED, DORA)) == "You own this room now."
    assert (role(ALICE), role(DORA)) == ("moderator", "owner")
    assert AuditEntry.objects.get().detail == "Alice"


def test_a_room_whose_owner_is_gone_can_be_had_by_any_moderator_at_once() -> None:
    Participant.objects.filter(key="alice").delete()
    assert refusal(act(Act.SUCCEED, BOB)) == "forbidden"
    done(act(Act.SUCCEED, DORA))
    assert role(DORA) == "owner"


# --- What people do for themselves ---


def block(key: str, who: Identity = BOB, *, on: bool = True) -> Any:
    return draft(who, BlockCommand(uuid4(), key, on))


def test_anybody_blocks_a_person_for_themselves_and_changes_nothing_for_others() -> None:
    before = room().revision
    assert done(block("charlie")) == "You read no more of Charlie."
    done(block("charlie"))
    assert list(Block.objects.values_list("participant__key", "blocked_key")) == [("bob", "charlie")]
    assert done(block("charlie", on=False)) == "You read Charlie again."
    assert not Block.objects.exists()
    assert refusal(block("bob")) == "invalid"
    assert refusal(block("\0")) == "invalid"
    assert room().revision == before


def test_blocks_have_an_end() -> None:
    bob = Participant.objects.get(key="bob")
    Block.objects.bulk_create(Block(participant=bob, blocked_key=f"{n}") for n in range(500))
    assert refusal(block("charlie")) == "too_many"
    done(block("7"))


def report(sequence: int, who: Identity = BOB, reason: str = "spam") -> Any:
    return draft(who, ReportCommand(uuid4(), sequence, reason))


def test_a_message_is_reported_once_a_person_and_says_the_newest_reason() -> None:
    done(report(3))
    done(report(3, reason="worse than spam"))
    done(report(3, STRANGER))
    assert sorted(Report.objects.values_list("reporter__key", "reason")) == [
        ("bob", "worse than spam"),
        ("stranger", "spam"),
    ]
    assert refusal(report(2)) == "invalid"
    assert refusal(report(99)) == "not_found"
    stored(delete(3, CHARLIE))
    assert refusal(report(3)) == "not_found"


def test_who_may_not_read_a_room_reports_nothing_of_it() -> None:
    done(act(Act.BAN, id="charlie"))
    done(change(is_private=True))
    assert refusal(report(1, CHARLIE)) == "banned"
    assert refusal(report(1, STRANGER)) == "forbidden"


# --- Accounts that are gone ---


def test_an_account_that_is_gone_or_disabled_says_nothing_more_and_leaves_no_row() -> None:
    gone = Identity("account-4711", "Ghost", 4711)
    user = User.objects.create_user("off", is_active=False)
    for who in (gone, Identity(f"account-{user.pk}", "Off", user.pk)):
        written = write([post("before"), post("boo", who), post("after")])
        assert [type(outcome) for outcome in written.outcomes[::2]] == [Stored, Stored]
        assert getattr(written.outcomes[1], "code", "") == "forbidden"
    assert not Participant.objects.filter(key__startswith="account-").exists()
