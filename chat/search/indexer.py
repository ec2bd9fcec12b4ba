"""The index follows the revisions of the rooms, behind their commits."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ..database.durability import relaxed_durability
from ..database.statements import select
from ..models import Message, SearchCursor
from . import index
from .contents import COLUMNS, VERSION, Entry, entry_of

STEP: Final = 50  # changes that one transaction stores: others wait less than 20 ms
ROOMS_AT_ONCE: Final = 500

# The last change that is indexed of a room. Its counters may have begun anew, and its entries may be old.
LAGGING: Final = f"""
SELECT r.id, r.epoch, r.revision, CASE WHEN c.epoch = r.epoch AND c.version = {VERSION} THEN c.revision END
FROM chat_room r LEFT JOIN chat_searchcursor c ON c.room_id = r.id
WHERE (c.revision IS NULL OR c.revision < r.revision OR c.epoch <> r.epoch OR c.version <> {VERSION})
AND r.revision > 0
"""


@dataclass(frozen=True, slots=True)
class Lag:
    """Of a room, the changes after one revision up to another that the index may not have."""

    room_id: int
    epoch: str
    revision: int
    indexed: int | None
    """None: nothing, or it has to be replaced."""

    @property
    def after(self) -> int:
        return self.indexed or 0

    def __len__(self) -> int:
        return self.revision - self.after

    def first(self, count: int) -> "Lag":
        return Lag(self.room_id, self.epoch, min(self.revision, self.after + count), self.indexed)


def lags(room_ids: Collection[int] | None = None, limit: int | None = None) -> list[Lag]:
    """Of these rooms, or of all."""
    statement = LAGGING
    if room_ids is not None:
        statement += f"AND r.id IN ({', '.join(map(str, room_ids)) or 'NULL'})"
    return [Lag(*row) for row in select(statement + (f" LIMIT {limit}" if limit else ""), [])]


def changed(of: Sequence[Lag]) -> list[int]:
    """The messages (ids) of these changes."""
    rows = select(
        f"SELECT m.id FROM (VALUES {', '.join(['(%s, %s, %s)'] * len(of))}) AS lag JOIN chat_message m"
        " ON m.room_id = lag.column1 AND m.revision > lag.column2 AND m.revision <= lag.column3",
        [value for lag in of for value in (lag.room_id, lag.after, lag.revision)],
    )
    return [pk for (pk,) in rows]


def index_step(count: int = STEP) -> int:
    """Index the next changes, some of several rooms: how many. 0: the index has them all. Call it outside a
    transaction, on a thread that writes nothing else."""
    step: list[Lag] = []
    for lag in lags(limit=ROOMS_AT_ONCE):
        step.append(lag.first(count))
        count -= len(step[-1])
        if count <= 0:
            break
    if not step:
        return 0
    messages = Message.objects.filter(pk__in=changed(step), deleted_at=None)
    entries = [entry_of(*row) for row in messages.order_by("pk").values_list(*COLUMNS)]
    outdated = {lag.room_id for lag in step if lag.indexed is None}
    with relaxed_durability():
        index.remove([entry.message_id for entry in entries if entry.room_id in outdated])
        present = index.among([entry.message_id for entry in entries])
        wanted = [entry for entry in entries if entry.message_id not in present]
        added = index.add(wanted)
        # What was changed meanwhile, or is being changed now, is looked at again.
        left = [entry for entry in wanted if entry.message_id not in added]
        _store_cursors(step, left)
    index.tidy()
    return sum(map(len, step))


def _store_cursors(step: Iterable[Lag], left: Iterable[Entry]) -> None:
    """`left`: what the index does not have after all."""
    cursors = []
    for lag in step:
        missing = [entry.revision - 1 for entry in left if entry.room_id == lag.room_id]
        revision = min(lag.revision, *missing) if missing else lag.revision
        cursors.append(SearchCursor(room_id=lag.room_id, epoch=lag.epoch, revision=revision, version=VERSION))
    SearchCursor.objects.bulk_create(
        cursors,
        update_conflicts=True,
        unique_fields=["room"],
        update_fields=["epoch", "revision", "version"],
    )


def begin_anew() -> None:
    """Every entry is replaced from now on, room by room. Until then it is found as it is."""
    SearchCursor.objects.update(version=0)
