"""The page of a room in which a million things were said, beside that of an empty one."""

import http.client
import time

from chat.tests.servers import Site

from ..contenders import LobbyDaphne, lobby
from ..ground import Ground
from ..load import percentile
from ..measurement import Measurement

ROOM = "big"
FILL = f"""
PRAGMA synchronous=OFF;
PRAGMA cache_size=-400000;
BEGIN;
INSERT INTO chat_participant (key, name, created_at) VALUES ('someone', 'Amber Otter', datetime('now'));
INSERT INTO chat_room (name, key, topic, epoch, sequence, revision, room_revision, created_at, last_posted_at)
    VALUES ('{ROOM}', '{ROOM}', '', 'abcdef0123456789', {{count}}, {{count}}, 0,
            datetime('now'), datetime('now'));
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {{count}})
INSERT INTO chat_message (room_id, sequence, revision, author_id, author_name, text, html, client_id, sent_at)
    SELECT (SELECT id FROM chat_room), i, i, (SELECT id FROM chat_participant), 'Amber Otter',
           'Message ' || i || ' of many', 'Message ' || i || ' of many', lower(hex(randomblob(16))),
           datetime('2025-01-01', '+' || i || ' seconds')
    FROM n;
COMMIT;
"""


def room_page(ground: Ground, name: str, messages: int, requests: int) -> Measurement:
    site = ground.site()
    _fill(site, messages)
    with lobby(LobbyDaphne, site).start() as server:
        big, empty = f"/chat/{ROOM}/", "/chat/nobody-was-here/"
        _first_bytes(server.port, [big, empty] * 10)
        times = _first_bytes(server.port, [big, empty] * requests)
    figures: dict[str, float] = {"messages": messages, "requests": requests}
    for label, path in (("big", big), ("empty", empty)):
        ordered = sorted(times[path])
        figures[f"{label}_p50_ms"] = round(percentile(ordered, 0.5) / 1000, 3)
        figures[f"{label}_p99_ms"] = round(percentile(ordered, 0.99) / 1000, 3)
    figures["ratio"] = round(figures["big_p50_ms"] / figures["empty_p50_ms"], 3)
    return Measurement(name, "daphne", figures)


def _fill(site: Site, count: int) -> None:
    with site.connection() as connection:
        connection.executescript(FILL.format(count=count))


def _first_bytes(port: int, paths: list[str]) -> dict[str, list[int]]:
    """Microseconds to the first byte of each answer, in turn, each on a connection of its own."""
    times: dict[str, list[int]] = {path: [] for path in paths}
    for path in paths:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.connect()
        began = time.perf_counter_ns()
        connection.request("GET", path)
        response = connection.getresponse()
        times[path].append((time.perf_counter_ns() - began) // 1000)
        response.read()
        connection.close()
        assert response.status == 200, f"{path}: {response.status}"
    return times
