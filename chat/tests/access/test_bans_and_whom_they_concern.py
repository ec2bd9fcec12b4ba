"""Bans: whom they keep out when a socket connects or is checked again, and who is exempt."""

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from chat.access.identity import Identity
from chat.access.lookup import AccessQuery, look_up
from chat.journal.service import write
from chat.models import Ban, Participant
from chat.protocol import Act

from ..harness.write_requests import ALICE, BOB, DORA, act, done, post

pytestmark = pytest.mark.django_db(transaction=True)

NETWORK = "203.0.113.7"


@pytest.fixture(autouse=True)
def rooms() -> None:
    write([post("welcome"), post("hello", BOB), post("tea?", DORA)])
    done(act(Act.PROMOTE, id="dora"))


def is_banned(who: Identity, address: str = "", room: str = "tea") -> bool:
    (result,) = look_up([AccessQuery(room, who, address)])
    return result.permissions.banned


def test_a_ban_holds_for_an_account_that_was_a_guest_when_it_is_known_by_its_session_alone() -> None:
    with transaction.atomic():
        user = User.objects.create_user("bobby")
        Participant.objects.filter(key="bob").update(user=user)
    session = Identity(f"account-{user.pk}", "bobby", user.pk)
    assert not is_banned(session)
    done(act(Act.BAN, id="bob"))
    assert is_banned(session)
    assert not is_banned(session, room="coffee")
    done(act(Act.UNBAN, id="bob"))
    assert not is_banned(session)


def test_a_network_of_ipv4_addresses_may_be_typed_in_ipv6_notation() -> None:
    Ban.objects.create(network="::ffff:203.0.113.7")
    Ban.objects.create(network="::ffff:198.51.100.0/120")
    assert is_banned(BOB, NETWORK)
    assert is_banned(BOB, "198.51.100.9")
    assert not is_banned(BOB, "203.0.113.8")
    assert not is_banned(BOB, "198.51.101.9")


def test_a_moderator_is_exempt_from_a_banned_network() -> None:
    Participant.objects.filter(key="bob").update(last_address=NETWORK)
    done(act(Act.BAN, id="bob", address=True))
    assert is_banned(Identity("new", "Newcomer"), NETWORK)
    assert not is_banned(Identity("new", "Newcomer"), "203.0.113.8")
    for who in (ALICE, DORA):
        assert not is_banned(who, NETWORK)
    Ban.objects.create(network=NETWORK)  # from the whole site
    for who in (ALICE, DORA):
        assert is_banned(who, NETWORK)
