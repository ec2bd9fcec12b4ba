"""Read marks, written together once a second. They take no revision and are sent to nobody."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final

from django.db import connection

from ..database.durability import relaxed_durability
from ..database.threads import DatabaseThreads
from ..infra.background import surviving
from ..infra.throttle import ThrottledTask

INTERVAL: Final = 1.0  # seconds
END_LIMIT: Final = 1.0  # seconds
STEP: Final = 1000  # marks a statement


Place = tuple[str, str]
"""A room's key and a participant's."""


class ReadMarks:
    """Runs on the thread of presence: no read or write of messages waits for a mark."""

    def __init__(self, threads: DatabaseThreads) -> None:
        self._threads = threads
        self._marks: dict[Place, int] = {}
        self._writing = ThrottledTask(self._write, INTERVAL)

    def move(self, room_key: str, participant_key: str, sequence: int) -> None:
        """A participant with a row has read so far; a mark never goes back."""
        place = room_key, participant_key
        if sequence > self._marks.get(place, 0):
            self._marks[place] = sequence
            self._writing.soon()

    async def end(self) -> None:
        """Write what waits: the process ends."""
        self._writing.stop()
        if self._marks:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END_LIMIT):
                    await self._write()

    async def _write(self) -> None:
        marks, self._marks = self._marks, {}
        with surviving("Read marks could not be written"):
            await self._threads.run(store, marks)
            return
        self._marks = {
            place: max(marks.get(place, 0), self._marks.get(place, 0))
            for place in marks.keys() | self._marks.keys()
        }
        self._writing.soon()


def store(marks: Mapping[Place, int]) -> None:
    """Move the marks of those who have a row, in rooms that have one, never back and never beyond the last
    message. Who is no member yet becomes a visitor."""
    rows = [(room_key, key, sequence) for (room_key, key), sequence in sorted(marks.items())]
    with relaxed_durability(), connection.cursor() as cursor:
        for start in range(0, len(rows), STEP):
            some = rows[start : start + STEP]
            cursor.execute(
                _MOVE.format(", ".join(["(%s, %s, %s)"] * len(some))), [v for row in some for v in row]
            )


_MOVE: Final = (
    "INSERT INTO chat_membership (room_id, participant_id, role, seen)"
    " SELECT r.id, p.id, 'visitor', CASE WHEN m.column3 < r.sequence THEN m.column3 ELSE r.sequence END"
    " FROM (VALUES {}) AS m"
    " JOIN chat_room r ON r.key = m.column1 JOIN chat_participant p ON p.key = m.column2"
    " WHERE true ORDER BY r.id, p.id"
    " ON CONFLICT (participant_id, room_id) DO UPDATE SET seen = excluded.seen"
    " WHERE excluded.seen > chat_membership.seen"
)
