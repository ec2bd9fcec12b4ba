"""Mutes, kicks and bans: how long they hold, and what remains of them."""

import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from chat.journal.handlers.mutes import FOR_GOOD
from chat.journal.service import write
from chat.journal.types import Done
from chat.models import AuditEntry, Ban, Membership, Participant
from chat.protocol import Act

from ..harness.moderated_room import acts, connect, role, room
from ..harness.write_requests import (
    BOB,
    CHARLIE,
    DORA,
    act,
    change,
    delete,
    done,
    edit,
    post,
    refusal,
    rename,
    stored,
    write_one,
)

pytestmark = pytest.mark.usefixtures("moderated_room")


# --- Mutes ---


def test_who_is_muted_reads_and_does_not_talk_until_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    assert done(act(Act.MUTE, DORA, id="bob", seconds=600)) == "Bob is muted for 10 minutes."
    assert refusal(post("but", BOB)) == "muted"
    assert refusal(edit(2, "but", 2, BOB)) == "muted"
    later = timezone.now() + datetime.timedelta(seconds=601)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    stored(post("at last", BOB))


def test_a_mute_without_an_end_is_for_good_and_can_be_ended() -> None:
    assert done(act(Act.MUTE, id="bob")) == "Bob is muted permanently."
    assert Membership.objects.get(participant__key="bob").muted_until == FOR_GOOD
    assert done(act(Act.UNMUTE, DORA, id="bob")) == "Bob is no longer muted."
    stored(post("thanks", BOB))
    assert acts() == [("Alice", "mute", "Bob"), ("Dora", "unmute", "Bob")]


def test_a_moderator_can_be_muted_and_keeps_order_all_the_same() -> None:
    done(act(Act.MUTE, id="dora"))
    assert refusal(post("but", DORA)) == "muted"
    assert refusal(act(Act.UNMUTE, DORA, id="dora")) == "forbidden"
    done(act(Act.KICK, DORA, id="bob"))


def test_a_mute_of_no_time_is_refused() -> None:
    assert refusal(act(Act.MUTE, id="bob", seconds=0)) == "invalid"
    assert refusal(act(Act.BAN, id="bob", seconds=0)) == "invalid"


# --- Kicks and bans ---


def test_a_ban_holds_for_every_message_and_reaction_until_it_is_lifted() -> None:
    assert done(act(Act.BAN, DORA, id="charlie", reason="spam")) == "Charlie is banned permanently."
    assert refusal(post("but", CHARLIE)) == "banned"
    assert refusal(edit(3, "but", 3, CHARLIE)) == "banned"
    write_one(rename("Charles", CHARLIE))
    assert refusal(post("but", CHARLIE)) == "banned"
    stored(post("elsewhere", CHARLIE, room="coffee"))
    assert done(act(Act.UNBAN, DORA, name="charlie")) == "Charles is no longer banned."
    stored(post("sorry", CHARLIE))
    assert acts() == [("Dora", "ban", "Charlie"), ("Dora", "unban", "Charles")]


def test_a_ban_within_one_batch_holds_for_what_comes_after_it() -> None:
    outcomes = write([post("one", BOB), act(Act.BAN, id="bob"), post("two", BOB)]).outcomes
    assert [getattr(outcome, "code", "") for outcome in outcomes] == ["", "", "banned"]


def test_a_kick_is_a_ban_of_a_minute_by_the_databases_clock() -> None:
    assert done(act(Act.KICK, DORA, name="charlie")) == "Charlie was kicked."
    ban = Ban.objects.get()
    assert ban.until is not None
    left = ban.until - timezone.now()
    assert datetime.timedelta(seconds=30) < left < datetime.timedelta(seconds=90)
    Ban.objects.update(until=Now())
    stored(post("back again", CHARLIE))


def test_the_newest_ban_is_the_one_that_holds_and_a_kick_shortens_none() -> None:
    done(act(Act.BAN, id="bob"))
    assert done(act(Act.KICK, id="bob")) == "Bob is already out."
    assert Ban.objects.get().until is None
    assert done(act(Act.BAN, id="bob", seconds=3600)) == "Bob is banned for 1 hour."
    assert Ban.objects.get().until is not None
    assert done(act(Act.BAN, id="bob")) == "Bob is banned permanently."
    assert Ban.objects.get().until is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_an_address_is_banned_with_the_person_and_freed_with_them(address: str, network: str) -> None:
    connect(BOB, address)
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
    assert notice == "Bob is banned permanently. The network address is not known."


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
    assert done(act(Act.ADMIT, DORA, id="bob")) == "Bob is now a member."
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
