"""Accounts: what a guest becomes by signing up, and how an account goes."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Final
from uuid import uuid4

from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from ..access.identity import Identity, account_name, identity_of
from ..cluster import messages
from ..journal.forgetting import forget_participant
from ..journal.service import write_all_steps
from ..journal.types import Draft
from ..models import Ban, Membership, Participant, Role
from ..models.participant import Leaving, generated_name, is_claimed, new_key, unclaimed_name
from ..protocol import Act, Moderate

ROOMS_AT_ONCE: Final = 20  # locked together while roles are handed over


@transaction.atomic
def sign_up(user: User, who: Identity) -> Participant:
    """Store a new account. The guest `who` becomes its participant and keeps the public id, and with it
    everything said, owned and read; nothing is written anew.

    If that guest has become another account in the meantime, this one begins with nothing. IntegrityError
    when somebody else has just taken the name, or one that looks like it.
    """
    user.save()
    participant = _locked(who.key) or Participant(key=who.key)
    if participant.user_id:
        participant = Participant(key=new_key())
    participant.name = _name_to_begin_with(user, participant)
    participant.user = user
    participant.save()
    return participant


def _locked(key: str) -> Participant | None:
    """Two who sign up with one guest's cookie at once: the second sees what the first has done."""
    return Participant.objects.select_for_update(no_key=True).filter(key=key).first()


def _name_to_begin_with(user: User, guest: Participant) -> str:
    """The name that the guest had chosen, if no account has it; else the username."""
    is_chosen = guest.name and not guest.name.startswith(generated_name(guest.key))
    if is_chosen and not is_claimed(guest.name):
        return guest.name
    return account_name(user)


def participant_of(user: User) -> Participant:
    """Who the account is in rooms. Made by the first log-in if there is none."""
    who = identity_of(user, {})
    participant = Participant.objects.filter(user=user).first()
    return (
        participant
        or Participant.objects.get_or_create(
            key=who.key, defaults={"user": user, "name": unclaimed_name(who.name)}
        )[0]
    )


def keep_name(instance: User, *, created: bool, raw: bool, **_signal: object) -> None:
    """An account that a command or the admin has made has a participant at once: from then on its name, or
    one that looks like it, is nobody else's."""
    if created and not raw:
        transaction.on_commit(lambda: participant_of(instance), robust=True)


def recheck_sockets() -> None:
    """Sockets of a session or an account that has ended close now, and not only at the next look."""
    async_to_sync(messages.recheck_soon)()


# --- Rooms that were opened as a guest ---


def claimable(guest: Participant, account_key: str) -> QuerySet[Membership]:
    """What a guest is that an account can be as well: owner, moderator, member of a closed circle. Not where
    either is banned or the guest is muted: nobody sheds that by signing in."""
    closed_circle = Q(role=Role.MEMBER) & (Q(room__is_private=True) | ~Q(room__password=""))
    own = Membership.objects.filter(room=OuterRef("room"), participant__key=account_key)
    bans = Ban.objects.in_force().filter(
        Q(room=OuterRef("room")) | Q(room=None), participant_key__in=(guest.key, account_key)
    )
    return (
        guest.memberships.filter(
            Q(role__in=(Role.MODERATOR, Role.OWNER))
            | closed_circle & ~Exists(own.exclude(role=Role.VISITOR)),
            ~Exists(bans),
        )
        .exclude(muted_until__gt=Now())
        .select_related("room")
        .order_by("room__name")
    )


def claim(guest: Participant, account: Participant) -> None:
    """Hand the guest's roles over to the account. What the guest has said stays the guest's."""
    seats = list(claimable(guest, account.key))
    for start in range(0, len(seats), ROOMS_AT_ONCE):
        some = seats[start : start + ROOMS_AT_ONCE]
        write_all_steps([draft for seat in some for draft in _handing_over(seat, account)])


def _handing_over(seat: Membership, account: Participant) -> Iterator[Draft]:
    """The acts of the house by which one seat changes hands. One that changes nothing is nothing."""
    acts: Sequence[tuple[Act, str]] = {
        Role.MEMBER: [(Act.ADMIT, account.key)],
        Role.MODERATOR: [
            (Act.ADMIT, account.key),
            (Act.PROMOTE, account.key),
            (Act.DEMOTE, seat.participant.key),
        ],
        Role.OWNER: [
            (Act.ADMIT, account.key),
            (Act.HAND_OVER, account.key),
            (Act.DEMOTE, seat.participant.key),
        ],
    }[Role(seat.role)]
    for act, key in acts:
        command = Moderate(uuid4(), act, id=key)
        yield Draft(seat.room.name, seat.room.key, None, command, by=account.name)


# --- The end of an account ---


def delete_account(user: User, *, empty: bool) -> None:
    """The account goes. Its messages stay under "Deleted account", or go too (`empty`).

    It is disabled first, so that nothing more is said under it; if the database fails in between it is
    what it was, and can be deleted again. If the process ends in between, `finish_deletions` goes on.
    """
    participant = participant_of(user)
    _mark(user, Leaving.MESSAGES_GO if empty else Leaving.MESSAGES_STAY)
    try:
        forget_participant(participant, empty=empty)
    except (DatabaseError, InterfaceError):
        with contextlib.suppress(DatabaseError, InterfaceError):
            _mark(user, "")
        raise
    recheck_sockets()


@transaction.atomic
def _mark(user: User, leaving: str) -> None:
    """Note that the account is being deleted and disable it; or take both back."""
    Participant.objects.filter(user=user).update(leaving=leaving)
    User.objects.filter(pk=user.pk).update(is_active=not leaving)
