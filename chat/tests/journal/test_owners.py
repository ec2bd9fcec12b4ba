"""Owners: handing a room over, succession, and deleted accounts."""

import datetime

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.utils import timezone

from chat.access.identity import Identity
from chat.access.lookup import AccessQuery, look_up
from chat.journal.service import write
from chat.journal.types import Stored
from chat.models import AuditEntry, Membership, Message, Participant, Process
from chat.models import Room as RoomModel
from chat.protocol import Act

from ..harness.moderated_room import connect, role
from ..harness.write_requests import ALICE, BOB, DORA, act, change, done, post, refusal

pytestmark = pytest.mark.usefixtures("moderated_room")


def test_a_room_is_handed_over_and_has_one_owner() -> None:
    assert refusal(act(Act.ACCEPT, BOB)) == "not_found"
    assert done(act(Act.HAND_OVER, name="bob")).startswith("This room has been offered to Bob")
    assert (role(ALICE), role(BOB)) == ("owner", "member")
    assert refusal(act(Act.ACCEPT, DORA)) == "not_found"
    assert done(act(Act.ACCEPT, BOB)) == "You now own this room."
    assert (role(ALICE), role(BOB)) == ("moderator", "owner")
    assert refusal(act(Act.DEMOTE, ALICE, id="dora")) == "forbidden"
    done(act(Act.DEMOTE, BOB, id="dora"))
    done(act(Act.BAN, BOB, id="charlie"))
    assert refusal(act(Act.HAND_OVER, BOB, id="charlie")) == "invalid"


def test_an_offer_ends_when_it_is_declined_taken_back_replaced_or_old_and_with_the_owner() -> None:
    def bob_is_offered() -> bool:
        [result] = look_up([AccessQuery("tea", BOB, "")])
        return result.permissions.offered

    def offer_to_bob() -> None:
        done(act(Act.HAND_OVER, name="bob"))
        assert bob_is_offered()

    for who in (BOB, ALICE):
        offer_to_bob()
        assert done(act(Act.DECLINE, DORA)) == "This room has not been offered to anyone."
        assert done(act(Act.DECLINE, who)) == "The offer has ended."
        assert not bob_is_offered()
    offer_to_bob()
    done(act(Act.HAND_OVER, name="dora"))
    assert not bob_is_offered()
    offer_to_bob()
    done(act(Act.HAND_OVER, None, id="dora"))  # staff needs nobody's consent
    assert not bob_is_offered()
    done(act(Act.HAND_OVER, DORA, name="bob"))
    assert bob_is_offered()
    Membership.objects.filter(offered_at__isnull=False).update(offered_at=Now() - datetime.timedelta(days=8))
    assert not bob_is_offered()
    assert refusal(act(Act.ACCEPT, BOB)) == "not_found"
    assert role(DORA) == "owner"


def test_an_offer_ends_with_a_ban_or_a_dismissal_and_cannot_be_made_to_who_may_not_enter() -> None:
    done(change(is_private=True))
    for by, ending, whom, undone in (
        (DORA, Act.BAN, "bob", Act.UNBAN),
        (DORA, Act.DISMISS, "bob", Act.ADMIT),
        (None, Act.BAN, "alice", Act.UNBAN),
    ):
        done(act(Act.HAND_OVER, name="bob"))
        done(act(ending, by, id=whom))
        done(act(undone, by, id=whom))
        assert refusal(act(Act.ACCEPT, BOB)) == "not_found", ending
    done(act(Act.DISMISS, id="bob"))
    assert refusal(act(Act.HAND_OVER, name="bob")) == "forbidden"


def test_a_moderator_succeeds_an_owner_who_is_away_for_long_enough() -> None:
    assert refusal(act(Act.SUCCEED, DORA)) == "forbidden"
    long_ago = timezone.now() - datetime.timedelta(days=91)
    Participant.objects.filter(key="alice").update(created_at=long_ago, last_seen_at=long_ago)
    assert refusal(act(Act.SUCCEED, DORA)) == "forbidden"  # she has just said something
    Message.objects.filter(author__key="alice").update(sent_at=long_ago)
    assert refusal(act(Act.SUCCEED, BOB)) == "forbidden"
    connect(ALICE)
    assert refusal(act(Act.SUCCEED, DORA)) == "forbidden"
    Process.objects.update(renewed_at=long_ago)
    RoomModel.objects.update(succession_days=100)
    assert refusal(act(Act.SUCCEED, DORA)) == "forbidden"
    RoomModel.objects.update(succession_days=None)
    assert done(act(Act.SUCCEED, DORA)) == "You now own this room."
    assert (role(ALICE), role(DORA)) == ("moderator", "owner")
    assert AuditEntry.objects.get().detail == "Alice"


def test_who_acts_on_the_pages_alone_is_not_away() -> None:
    """Neither the owner nor who has just succeeded."""
    long_ago = timezone.now() - datetime.timedelta(days=91)
    Participant.objects.update(created_at=long_ago, last_seen_at=long_ago)
    Message.objects.update(sent_at=long_ago)
    done(change(topic="I am still here"))
    assert refusal(act(Act.SUCCEED, DORA)) == "forbidden"
    AuditEntry.objects.update(at=long_ago)
    done(act(Act.SUCCEED, DORA))
    assert refusal(act(Act.SUCCEED, ALICE)) == "forbidden"


def test_any_moderator_can_succeed_an_owner_who_is_gone_at_once() -> None:
    Participant.objects.filter(key="alice").delete()
    assert refusal(act(Act.SUCCEED, BOB)) == "forbidden"
    done(act(Act.SUCCEED, DORA))
    assert role(DORA) == "owner"


# --- Accounts that are gone ---


def test_an_account_that_is_gone_or_disabled_posts_nothing_more_and_gets_no_row() -> None:
    gone = Identity("account-4711", "Ghost", 4711)
    user = User.objects.create_user("off", is_active=False)
    for who in (gone, Identity(f"account-{user.pk}", "Off", user.pk)):
        written = write([post("before"), post("boo", who), post("after")])
        assert [type(outcome) for outcome in written.outcomes[::2]] == [Stored, Stored]
        assert getattr(written.outcomes[1], "code", "") == "forbidden"
    assert not Participant.objects.filter(key__startswith="account-").exists()
