"""Accounts: signing up, taking over the roles of a guest, deletion."""

import contextlib
from uuid import uuid4

from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from ..access.identity import Identity, account_name, identity_of
from ..cluster import messages
from ..journal.forgetting import forget_participant
from ..journal.joining import row_of
from ..journal.service import write_all_steps
from ..journal.types import WriteRequest
from ..models import Ban, Membership, Participant
from ..models.participant import Leaving, is_claimed
from ..protocol import Act, Moderate
from ..protocol.ids import new_key
from ..protocol.roles import Role
from ..text.guest_names import generated_name


@transaction.atomic
def sign_up(user: User, who: Identity) -> Participant:
    """Store a new account. The guest `who` becomes its participant and keeps the public id, and so its
    messages, roles and read marks.

    If that guest has become another account meanwhile, this one gets a new participant. Raises IntegrityError
    when somebody else has just taken the name, or one that looks like it.
    """
    user.save()
    # Locked, so that the second of two sign-ups with one guest's cookie sees what the first has done.
    known = Participant.objects.select_for_update(no_key=True).filter(key=who.key).first()
    participant = known or Participant(key=who.key)
    if participant.user_id:
        participant = Participant(key=new_key())
    participant.name = _initial_name(user, participant)
    participant.user = user
    participant.save()
    return participant


def _initial_name(user: User, guest: Participant) -> str:
    """The name that the guest had chosen, if no account has it; else the username."""
    is_chosen = guest.name and not guest.name.startswith(generated_name(guest.key))
    if is_chosen and not is_claimed(guest.name):
        return guest.name
    return account_name(user)


def participant_of(user: User) -> Participant:
    """Who the account is in rooms. The first log-in makes the row."""
    return row_of(identity_of(user, {}))


def keep_name(instance: User, *, created: bool, raw: bool, **_signal: object) -> None:
    """Give an account made by a command or the admin its participant, so that nobody else takes its name."""
    if created and not raw:
        transaction.on_commit(lambda: participant_of(instance), robust=True)


def recheck_sockets() -> None:
    """Sockets of a session or an account that has ended close now, and not only at the next look."""
    async_to_sync(messages.publish_revalidation)()


# --- Roles of a guest ---


def claimable(guest: Participant, account_key: str) -> QuerySet[Membership]:
    """The guest's memberships that an account can take over: as owner, as moderator, or as member of a room
    that is private or has a password. Not where either is banned or the guest is muted: logging in ends
    neither."""
    restricted = Q(role=Role.MEMBER) & (Q(room__is_private=True) | ~Q(room__password=""))
    own = Membership.objects.filter(room=OuterRef("room"), participant__key=account_key)
    bans = Ban.objects.in_force().filter(
        Q(room=OuterRef("room")) | Q(room=None), participant_key__in=(guest.key, account_key)
    )
    return (
        guest.memberships.filter(
            Q(role__in=(Role.MODERATOR, Role.OWNER)) | restricted & ~Exists(own.exclude(role=Role.VISITOR)),
            ~Exists(bans),
        )
        .exclude(muted_until__gt=Now())
        .select_related("room")
        .order_by("room__name")
    )


def claim(guest: Participant, account: Participant) -> None:
    """Give the guest's roles to the account. The guest's messages stay the guest's."""
    for row in list(claimable(guest, account.key)):
        write_all_steps(_handing_over(row, account))


def _handing_over(row: Membership, account: Participant) -> list[WriteRequest]:
    """The acts of the system that give the role to the account. Those that change nothing write nothing."""
    acts = [(Act.ADMIT, account.key)]
    if row.role in (Role.MODERATOR, Role.OWNER):
        given = Act.HAND_OVER if row.role == Role.OWNER else Act.PROMOTE
        acts += [(given, account.key), (Act.DEMOTE, row.participant.key)]
    commands = [Moderate(uuid4(), act, id=key) for act, key in acts]
    return [WriteRequest(row.room.name, row.room.key, None, command, account.name) for command in commands]


# --- Deletion ---


def delete_account(user: User, *, delete_texts: bool) -> None:
    """Delete the account. Its messages stay under "Deleted account" or, with `delete_texts`, are deleted too.

    It is disabled first, so that nothing more is posted under it. If the database fails in between, it is
    enabled again. If the process ends in between, the scheduled task `finish_deletions` goes on.
    """
    participant = participant_of(user)
    _mark(user, Leaving.MESSAGES_GO if delete_texts else Leaving.MESSAGES_STAY)
    try:
        forget_participant(participant, delete_texts=delete_texts)
    except (DatabaseError, InterfaceError):
        with contextlib.suppress(DatabaseError, InterfaceError):
            _mark(user, "")
        raise
    recheck_sockets()


@transaction.atomic
def _mark(user: User, leaving: str) -> None:
    """Note that the account is being deleted and disable it, or undo both."""
    Participant.objects.filter(user=user).update(leaving=leaving)
    User.objects.filter(pk=user.pk).update(is_active=not leaving)
