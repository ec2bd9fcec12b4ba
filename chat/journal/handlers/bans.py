"""Kicks and bans of a participant and of their networks. They end by the database's clock."""

import datetime
from ipaddress import ip_network
from typing import Final

from django.db.models.functions import Now

from ...access.client_address import network_of
from ...models import Ban, Connection, Participant
from ...models.moderation import KICK, KICK_LASTS, BanQuerySet
from ...protocol.roles import Role
from ...protocol.text import mark as _
from ...text.durations import as_code, in_words_lazy
from ..types import Outcome
from .actions import ModerationAction
from .audit import WITH_ADDRESS
from .roles import end_offers
from .targets import Target

NETWORKS_MAX: Final = 5  # of one person who is here from several places


def kick(action: ModerationAction, target: Target) -> Outcome:
    """Ban for a minute. In a private room or one with a password it ends the membership too."""
    was_member = target.permissions.is_member and (action.room.row.is_private or action.room.row.password)
    is_out = _in_force(action, target).exists()
    if is_out and not was_member:
        return action.nothing_to_do(_("%(name)s is already out."), target)
    if not is_out:
        _put(action, target, round(KICK_LASTS.total_seconds()), reason=KICK)
    if was_member and target.person:
        action.transaction.reduce_role(action.room, target.person, Role.VISITOR)
    _changed(action, target)
    return action.done(_("%(name)s was kicked."), target)


def ban(action: ModerationAction, target: Target) -> Outcome:
    """Replaces earlier bans. A moderator who is banned becomes a member."""
    seconds = action.command.seconds
    before = list(_in_force(action, target))
    banned_before = {one.network for one in before} - {""}
    asked = _networks(action, target) if action.command.address else set[str]()
    if before and seconds is None and all(one.until is None for one in before) and asked <= banned_before:
        return action.nothing_to_do(_("%(name)s is already banned."), target)
    _in_force(action, target).delete()
    for network in sorted(banned_before | asked) or [""]:
        _put(action, target, seconds, network, action.command.reason)
    if target.permissions.role is Role.OWNER:
        end_offers(action)
    if target.person:
        role = target.permissions.role
        action.transaction.reduce_role(
            action.room, target.person, Role.MEMBER if role is Role.MODERATOR else role
        )
    _changed(action, target)
    notice = _("%(name)s is banned %(time)s.")
    if asked:
        notice = _("%(name)s and their network address are banned %(time)s.")
    elif action.command.address:
        notice = _("%(name)s is banned %(time)s. The network address is not known.")
    # Moderators, who may be guests, read the log: it names no address.
    detail = as_code(seconds) + (WITH_ADDRESS if asked else "")
    return action.done(notice, target, detail=detail, time=in_words_lazy(seconds))


def unban(action: ModerationAction, target: Target) -> Outcome:
    """End all bans of a person in this room, with those of their networks."""
    if not _in_force(action, target).delete()[0]:
        return action.nothing_to_do(_("%(name)s is not banned."), target)
    _changed(action, target)
    return action.done(_("%(name)s is no longer banned."), target)


def _in_force(action: ModerationAction, target: Target) -> BanQuerySet:
    return Ban.objects.in_force().filter(room=action.room.row.id, participant_key=target.key)


def _put(
    action: ModerationAction, target: Target, seconds: int | None, network: str = "", reason: str = ""
) -> None:
    Ban.objects.create(
        room_id=action.room.row.id,
        participant_key=target.key,
        name=target.name,
        network=network,
        until=None if seconds is None else Now() + datetime.timedelta(seconds=seconds),
        reason=reason,
        created_by_id=action.actor.id if action.actor else None,
    )


def _changed(action: ModerationAction, target: Target) -> None:
    if target.person:
        action.transaction.reload_membership(action.room, target.person)
    action.room.access_changed()


def _networks(action: ModerationAction, target: Target) -> set[str]:
    """Where somebody is, else where they were last: an address, or of IPv6 what a household has."""
    here = Connection.objects.filter(room_key=action.room.row.key, participant_key=target.key)
    addresses = set(here.exclude(address="").values_list("address", flat=True)[:NETWORKS_MAX])
    if not addresses and target.person:
        addresses = set(
            Participant.objects.filter(pk=target.person.id).values_list("last_address", flat=True)
        )
    return {str(ip_network(network)) for address in addresses if (network := network_of(address))}
