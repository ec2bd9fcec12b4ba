"""Everything that is stored about an account, as one JSON document that is streamed while it is read."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.utils import timezone

from ..models import AuditEntry, Ban, Invite, Message, Participant, Reaction, Report
from ..server.page_threads import page_threads

ROWS_AT_ONCE: Final = 500

Shape = Callable[[Any], dict[str, Any]]


async def export(user: User) -> AsyncIterator[str]:
    """The document in parts: the account, its participant, what it did in rooms and what was done to it. Of
    others it has public ids and names that everybody in the room saw, but no address and no invite token."""
    participant = await page_threads.run(Participant.objects.filter(user=user).first)
    head = {"exported_at": timezone.now(), "account": _account(user)}
    yield _json(head)[:-1]
    if participant:
        yield "," + _json(await page_threads.run(_participant, participant))[1:-1]
        for name, (rows, shape) in _lists(participant).items():
            async for part in _list(name, rows, shape):
                yield part
    yield "}\n"


def _lists(participant: Participant) -> dict[str, tuple[QuerySet[Any], Shape]]:
    """The lists that may be long: their rows and the shape of one."""
    acts = AuditEntry.objects.select_related("room")
    bans = Ban.objects.filter(participant_key=participant.key)
    return {
        "messages": (Message.objects.filter(author=participant).select_related("room"), _message),
        "reactions": (_about_messages(Reaction.objects.filter(participant=participant)), _reaction),
        "reports": (_about_messages(Report.objects.filter(reporter=participant)), _report),
        "invite_links": (Invite.objects.filter(created_by=participant).select_related("room"), _invite),
        "acts": (acts.filter(actor=participant), _act),
        "acts_on_you": (acts.filter(target_key=participant.key), _act_on_you),
        "bans": (bans.select_related("room"), _ban),
    }


async def _list(name: str, rows: QuerySet[Any], shape: Shape) -> AsyncIterator[str]:
    yield f",\n{_json(name)}: ["
    separator = "\n"
    async for row in _rows(rows):
        yield separator + _json(shape(row))
        separator = ",\n"
    yield "]"


async def _rows(rows: QuerySet[Any]) -> AsyncIterator[Any]:
    """All rows, 500 at a time, so that no cursor stays open while the client reads."""
    after = 0
    while page := await page_threads.run(list, rows.filter(pk__gt=after).order_by("pk")[:ROWS_AT_ONCE]):
        for row in page:
            yield row
        after = page[-1].pk


def _about_messages(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("message__room")


def _account(user: User) -> dict[str, Any]:
    columns = ("username", "email", "first_name", "last_name", "date_joined", "last_login")
    return {column: getattr(user, column) for column in columns}


def _participant(participant: Participant) -> dict[str, Any]:
    return {
        "participant": {
            "id": participant.key,
            "name": participant.name,
            "created_at": participant.created_at,
            "last_seen_at": participant.last_seen_at,
            "last_address": participant.last_address,
        },
        "rooms": [
            {
                "room": row.room.name,
                "role": row.role,
                "read_up_to": row.seen,
                "muted_until": row.muted_until,
                "last_posted_at": row.last_posted_at,
            }
            for row in participant.memberships.select_related("room").order_by("room__name")
        ],
        "blocked": sorted(participant.blocks.values_list("blocked_key", flat=True)),
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "room": message.room.name,
        "place": message.sequence,
        "sent_at": message.sent_at,
        "said_as": message.author_name,
        "text": message.text,
        "reply_to": message.reply_to,
        "edited_at": message.edited_at,
        "deleted_at": message.deleted_at,
    }


def _reaction(reaction: Reaction) -> dict[str, Any]:
    return {
        "room": reaction.message.room.name,
        "place": reaction.message.sequence,
        "emoji": reaction.emoji,
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "room": report.message.room.name,
        "place": report.message.sequence,
        "reason": report.reason,
        "at": report.created_at,
    }


def _invite(invite: Invite) -> dict[str, Any]:
    return {
        "room": invite.room.name,
        "made_at": invite.created_at,
        "expires_at": invite.expires_at,
        "used": invite.uses,
        "uses_at_most": invite.max_uses,
        "revoked_at": invite.revoked_at,
    }


def _act(entry: AuditEntry) -> dict[str, Any]:
    return {**_act_on_you(entry), "whom": entry.target_name}


def _act_on_you(entry: AuditEntry) -> dict[str, Any]:
    """Without the actor: who moderated is for the room's moderators to know."""
    return {"room": entry.room.name, "at": entry.at, "act": entry.act}


def _ban(ban: Ban) -> dict[str, Any]:
    return {
        "room": ban.room.name if ban.room else None,
        "since": ban.created_at,
        "until": ban.until,
        "network": ban.network,
        "reason": ban.reason,
    }


def _json(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
