"""A room with roles, in the database: alice owns it, dora moderates, bob and charlie have posted."""

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now

from chat.access.identity import Identity
from chat.journal.service import write
from chat.models import AuditEntry, Connection, Membership, Process
from chat.models import Room as RoomModel
from chat.protocol import Act

from .write_requests import BOB, CHARLIE, DORA, act, done, post

STRANGER = Identity("stranger", "Stranger")


@pytest.fixture
def moderated_room(db: None) -> None:
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


def connect(who: Identity, address: str = "", *, verified: bool = False) -> None:
    """Store a connection of a participant, as presence does."""
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
