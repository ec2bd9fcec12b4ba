"""Sites with a past: one room in which fifty things were said, and one with as many as are asked for."""

from typing import Final

from chat.tests.harness.servers import Site

from .ground import Ground

SHORT_ROOM: Final = "short"
LONG_ROOM: Final = "long"
SHORT: Final = 50  # messages
QUICKLY = ("PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000")
AUTHOR = """
INSERT INTO chat_participant (key, name, created_at) VALUES ('someone', 'Amber Otter', CURRENT_TIMESTAMP)
"""
ROOM = """
INSERT INTO chat_room (name, key, topic, epoch, sequence, revision, room_revision, created_at, last_posted_at)
    VALUES ('{room}', '{room}', '', 'abcdef0123456789', {count}, {count}, 0,
            CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)
"""
MESSAGES = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
INSERT INTO chat_message (room_id, sequence, revision, author_id, author_name, text, html, client_id, sent_at)
    SELECT (SELECT id FROM chat_room WHERE key = '{room}'), i, i, (SELECT id FROM chat_participant),
           'Amber Otter', 'Message ' || i || ' of many', 'Message ' || i || ' of many', {client_id}, {sent_at}
    FROM n
"""
ON_SQLITE = {
    "client_id": "lower(hex(randomblob(16)))",
    "sent_at": "datetime('2025-01-01', '+' || i || ' seconds')",
}
ON_POSTGRES = {
    "client_id": "gen_random_uuid()",
    "sent_at": "timestamptz '2025-01-01' + i * interval '1 second'",
}


def site_with_history(ground: Ground, database: str, messages: int) -> Site | None:
    """`database`: sqlite or postgres; None without PostgreSQL."""
    site = ground.site() if database == "sqlite" else ground.postgres_site()
    if site:
        _fill(site, messages)
    return site


def _fill(site: Site, messages: int) -> None:
    dialect = ON_SQLITE if site.is_sqlite else ON_POSTGRES
    with site.connection() as connection:
        for pragma in QUICKLY if site.is_sqlite else ():
            connection.execute(pragma)
        connection.execute("BEGIN")
        connection.execute(AUTHOR)
        for room, count in ((SHORT_ROOM, SHORT), (LONG_ROOM, messages)):
            connection.execute(ROOM.format(room=room, count=count))
            connection.execute(MESSAGES.format(room=room, count=count, **dialect))
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
