"""Everything that is stored about an account, as one JSON document that is streamed while it is read."""

import json
from collections.abc import AsyncIterator
from typing import Any, Final

from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.utils import timezone

from ..models import (
    AuditEntry,
    Ban,
    EarlierText,
    File,
    FileState,
    Invite,
    Mention,
    Message,
    Participant,
    Reaction,
    Report,
)
from ..server.page_threads import page_threads

ROWS_AT_ONCE: Final = 500

Columns = dict[str, str]
"""By the name in the document: the field."""


def _columns(fields: str, **renamed: str) -> Columns:
    return renamed | {field: field for field in fields.split()}


ACCOUNT: Final = ("username", "email", "first_name", "last_name", "date_joined", "last_login")
PARTICIPANT: Final = _columns("name created_at last_seen_at last_address", id="key")
ROOM: Final = _columns("role muted_until last_posted_at", room="room__name", read_up_to="seen")
MESSAGE: Final = _columns(
    "sent_at text reply_to edited_at deleted_at", room="room__name", place="sequence", said_as="author_name"
)
OF_A_MESSAGE: Final[Columns] = {"room": "message__room__name", "place": "message__sequence"}
EARLIER_TEXT: Final = OF_A_MESSAGE | _columns("written_at text")
FILE: Final = _columns(
    "name alt type size", id="key", room="room_key", place="message__sequence", sent_at="created_at"
)
"""As long as a file is there, it is read at `/files/<id>/`."""
INVITE: Final = _columns(
    "expires_at revoked_at", room="room__name", made_at="created_at", used="uses", uses_at_most="max_uses"
)
ACT_ON_YOU: Final = _columns("at act", room="room__name")
"""Without the actor: who moderated is for the room's moderators to know."""
BAN: Final = _columns("until network reason", room="room__name", since="created_at")


async def export(user: User) -> AsyncIterator[str]:
    """The document in parts: the account, its participant, what it did in rooms and what was done to it. Of
    others it has public ids and names that everybody in the room saw, but no address and no invite token."""
    participant = await page_threads.run(Participant.objects.filter(user=user).first)
    account = {column: getattr(user, column) for column in ACCOUNT}
    yield _json({"exported_at": timezone.now(), "account": account})[:-1]
    if participant:
        yield "," + _json(await page_threads.run(_participant, participant))[1:-1]
        for name, (rows, columns) in _lists(participant).items():
            yield f",\n{_json(name)}: ["
            separator = "\n"
            async for row in _rows(rows, columns):
                yield separator + _json(row)
                separator = ",\n"
            yield "]"
    yield "}\n"


def _participant(participant: Participant) -> dict[str, Any]:
    rooms = participant.memberships.order_by("room__name").values_list(*ROOM.values())
    return {
        "participant": {name: getattr(participant, field) for name, field in PARTICIPANT.items()},
        "rooms": [dict(zip(ROOM, row, strict=True)) for row in rooms],
        "blocked": sorted(participant.blocks.values_list("blocked_key", flat=True)),
    }


def _lists(participant: Participant) -> dict[str, tuple[QuerySet[Any], Columns]]:
    reports = Report.objects.filter(reporter=participant)
    return {
        "messages": (Message.objects.filter(author=participant), MESSAGE),
        "earlier_texts": (EarlierText.objects.filter(message__author=participant), EARLIER_TEXT),
        "files": (File.objects.filter(owner_key=participant.key, state=FileState.STORED), FILE),
        "mentions": (Mention.objects.filter(participant=participant), OF_A_MESSAGE),
        "reactions": (Reaction.objects.filter(participant=participant), OF_A_MESSAGE | {"emoji": "emoji"}),
        "reports": (reports, OF_A_MESSAGE | {"reason": "reason", "at": "created_at"}),
        "invite_links": (Invite.objects.filter(created_by=participant), INVITE),
        "acts": (AuditEntry.objects.filter(actor=participant), ACT_ON_YOU | {"whom": "target_name"}),
        "acts_on_you": (AuditEntry.objects.filter(target_key=participant.key), ACT_ON_YOU),
        "bans": (Ban.objects.filter(participant_key=participant.key), BAN),
    }


async def _rows(rows: QuerySet[Any], columns: Columns) -> AsyncIterator[dict[str, Any]]:
    """All rows, 500 at a time, so that no cursor stays open while the client reads."""
    after, rows = 0, rows.order_by("pk").values_list("pk", *columns.values())
    while page := await page_threads.run(list, rows.filter(pk__gt=after)[:ROWS_AT_ONCE]):
        for _pk, *values in page:
            yield dict(zip(columns, values, strict=True))
        after = page[-1][0]


def _json(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
