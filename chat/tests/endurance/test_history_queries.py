"""A room of a million messages opens as fast as an empty one: every read uses an index, none counts rows."""

import json
import re
from collections.abc import Callable

import pytest

from ..harness.clients import ChatClient
from ..harness.servers import Site

CAPTURE = """
import json, sys
from django.db import connection
from django.test.utils import CaptureQueriesContext
from chat.journal import selectors
from chat.access.identity import Identity
from chat.models import Participant, Room
from chat.access.lookup import AccessQuery, look_up
from chat.protocol import History

READS = {
    "newest page": lambda: selectors.newest_page("tea"),
    "page before": lambda: selectors.history("tea", History(before=8_000)),
    "page after": lambda: selectors.history("tea", History(after=2_000)),
    "page around": lambda: selectors.history("tea", History(around=5_000)),
    "changes after": lambda: selectors.changed_after("tea", 8_000),
    "room": lambda: selectors.room_row("tea"),
    "counters": lambda: selectors.counters(["tea", "coffee"]),
    "people": lambda: look_up([AccessQuery("tea", who, "::1") for who in (speaker, Identity("bob", "Bob"))]),
    "index": lambda: list(Room.objects.recently_talked_in()),
}
found = {}
speaker = Identity(Participant.objects.first().key, "")
for name, read in READS.items():
    with CaptureQueriesContext(connection) as queries:
        read()
    plans = []
    for query in queries:
        with connection.cursor() as cursor:
            explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
            cursor.execute(explain + query["sql"].replace("%", "%%"))
            plans.append([query["sql"], "\\n".join(str(row[-1]) for row in cursor.fetchall())])
    found[name] = plans
print(json.dumps(found))
"""
MANY_ROWS = """
from datetime import timedelta
from django.db import connection
from django.utils import timezone
from chat.journal.service import write
from django.contrib.auth.models import User
from chat.models import Ban, Block, Membership, Mention, Message, Participant, Room
from chat.tests.harness.write_requests import post

COUNT = "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
UUID = "printf('%%032x', i)" if connection.vendor == "sqlite" else "lpad(to_hex(i), 32, '0')::uuid"

def multiply(model, row, **columns):
    names = [field.column for field in model._meta.fields if not field.primary_key]
    values = [columns.get(name, name) for name in names]
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({', '.join(names)})"
        f" {COUNT} SELECT {', '.join(values)} FROM {model._meta.db_table}, n WHERE id = %s",
        [row.pk],
    )

with connection.cursor() as cursor:
    for room in ("coffee", "tea"):
        write([post("the first", room=room)])
        first = Message.objects.get(room__key=room)
        multiply(Message, first, sequence="i", revision="i", client_id=UUID)
    Room.objects.update(sequence=10000, revision=10000)
    multiply(Room, Room.objects.get(key="tea"), name="'room ' || i", key="'room ' || i")
    Room.objects.update(created_at=timezone.now() - timedelta(hours=2))
    speaker = Participant.objects.get()
    multiply(Participant, speaker, key="'guest-' || i")
    multiply(User, User.objects.create(username="staff"), username="'account ' || i")
    tea = Room.objects.get(key="tea")
    multiply(Ban, Ban.objects.create(room=tea, participant_key="guest"), room_id="i")
    multiply(Membership, Membership.objects.get(room=tea), participant_id="i", role="'member'")
    multiply(Block, Block.objects.create(participant=speaker, blocked_key="guest"), participant_id="i")
    mention = Mention.objects.create(message=first, participant=speaker, room=tea, sequence=1)
    multiply(Mention, mention, participant_id="i", sequence="i")
    cursor.execute("ANALYZE")
"""


@pytest.fixture
def plans(any_site: Site) -> Callable[[str], list[tuple[str, str]]]:
    """The statements of a read with their plans, in a database with many rows."""
    any_site.shell(MANY_ROWS)
    found = json.loads(any_site.shell(CAPTURE))
    return lambda name: [(sql, plan) for sql, plan in found[name]]


def test_every_read_uses_an_index_and_counts_nothing(
    plans: Callable[[str], list[tuple[str, str]]],
) -> None:
    pages = ["newest page", "page before", "page after", "page around", "changes after"]
    most = dict.fromkeys(pages, 2) | {"people": 5}
    for name in (*pages, "room", "counters", "people", "index"):
        statements = plans(name)
        assert 0 < len(statements) <= most.get(name, 1), statements
        for sql, plan in statements:
            assert not re.search(r"\b(COUNT|OFFSET)\b", sql, re.IGNORECASE), sql
            if 'key" = ' not in sql:  # one row needs no order
                assert not re.search(r"TEMP B-TREE|\bSort\b", plan), f"{sql}\n{plan}"
            # SQLite says SCAN also for a walk along an index; the index of rooms needs no more than that.
            scans = [
                line for line in plan.splitlines() if re.search(r"Seq Scan|SCAN (?!.*USING.*INDEX)", line)
            ]
            assert not scans, f"{sql}\n{plan}"
            if "chat_message" in sql:
                assert re.search(
                    r"SEARCH chat_message USING (INDEX|INTEGER PRIMARY KEY)|Index Scan.* on chat_message",
                    plan,
                )
                assert "LIMIT" in sql


async def test_a_page_and_a_socket_cost_as_few_queries_in_a_full_room_as_in_an_empty_one(site: Site) -> None:
    site.shell(MANY_ROWS)
    server = site.daphne()
    async with ChatClient(server.ws_url("tea")) as alice:
        assert len(alice.log) == 50
        assert alice.more
        await alice.post("the newest")
        page = await alice.history(before=5_000, limit=100)
        assert [m["sequence"] for m in page["messages"]] == list(range(4_900, 5_000))
    code = """
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
for path in ("/chat/", "/chat/tea/", "/chat/nobody was here/"):
    with CaptureQueriesContext(connection) as queries:
        assert Client(headers={"host": "localhost"}).get(path).status_code == 200
    print(path, len(queries))
"""
    counted = {path: int(n) for path, n in (line.rsplit(" ", 1) for line in site.shell(code).splitlines())}
    assert counted == {"/chat/": 3, "/chat/tea/": 4, "/chat/nobody was here/": 3}
