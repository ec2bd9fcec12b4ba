"""What a feed keeps in memory so that thousands can reconnect without a query each. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from ..journal.changes import Batch, Change, Page
from ..protocol.limits import PAGE_SIZE, RESUME_MAX

BYTES_MAX: Final = 1024 * 1024


class ReplayBuffer:
    """The newest state of each message that changed after revision `floor`, and the newest page.

    Deleted text cannot be had from it: a deletion replaces the state before it.
    """

    def __init__(self, floor: int, page: Page) -> None:
        self.floor = floor
        self._ring: dict[int, Change] = {}  # by sequence, in the order of revisions
        self._size = 0
        self._page = {change.sequence: change for change in page.changes}
        self._older = page.more

    def __iter__(self) -> Iterator[Change]:
        """The changes that are held, by revision."""
        return iter(self._ring.values())

    def add(self, changes: list[Change]) -> None:
        """Changes in the order of their revisions, all newer than what is held."""
        for change in changes:
            self._put(change)
        self._put_on_page(changes)
        while len(self._ring) > RESUME_MAX or self._size > BYTES_MAX:
            oldest = self._ring.pop(next(iter(self._ring)))
            self._size -= oldest.size
            self.floor = oldest.revision

    def _put(self, change: Change) -> None:
        if before := self._ring.pop(change.sequence, None):
            self._size -= before.size
        self._ring[change.sequence] = change
        self._size += change.size

    def _put_on_page(self, changes: Iterable[Change]) -> None:
        page = self._page
        for change in sorted(changes, key=lambda change: change.sequence):
            if ours := page.get(change.sequence):
                page[change.sequence] = max(ours, change, key=lambda change: change.revision)
            elif not page or change.sequence > next(reversed(page)):
                page[change.sequence] = change
                if len(page) > PAGE_SIZE:
                    del page[next(iter(page))]
                    self._older = True

    def drop(self, through: int) -> None:
        """Messages up to this place were removed for good."""
        for sequence in [sequence for sequence in self._ring if sequence <= through]:
            self._size -= self._ring.pop(sequence).size
        self._page = {sequence: change for sequence, change in self._page.items() if sequence > through}
        self._older = self._older and next(iter(self._page), 0) > through + 1

    def backfill(self, floor: int, changes: list[Change]) -> None:
        """Older changes from the database; newer states that arrived meanwhile stay."""
        newest = {change.sequence: change for change in changes}
        for sequence, change in self._ring.items():
            if sequence not in newest or newest[sequence].revision < change.revision:
                newest[sequence] = change
        self._ring, self._size = {}, 0
        self.floor = min(floor, self.floor)
        self.add(sorted(newest.values(), key=lambda change: change.revision))

    def since(self, after: int) -> list[Change] | None:
        """What changed after a revision, by revision; None when that is further back than we know."""
        if after < self.floor:
            return None
        found: list[Change] = []
        for change in reversed(self._ring.values()):
            if change.revision <= after:
                break
            found.append(change)
        return found[::-1]

    def contradicts(self, batch: Batch, cursor: int) -> bool:
        """Another message, text or reactions under numbers that we know, or a change of a message that we
        should have been sent before `cursor`: the counters went back."""
        known = self._page | self._ring
        return any(
            (ours := known.get(theirs.sequence))
            and (ours.differs(theirs) or ours.revision < theirs.revision <= cursor)
            for theirs in batch.changes
        )

    @property
    def newest(self) -> Change | None:
        """The last change of all. None where it is not held: of a message further up, before we began."""
        if self._ring:
            return next(reversed(self._ring.values()))
        return next((change for change in self._page.values() if change.revision == self.floor), None)

    def unseen(self, page: Page) -> list[Change]:
        """The messages on the newest page of another epoch that ours did not have. Messages older than all
        that we remember are none of it."""
        known = self._page | self._ring
        said = {change.message.client_id for change in known.values()}
        oldest = min((change.message.sent_at for change in known.values()), default=None)
        return [
            change
            for change in page.changes
            if change.message.client_id not in said and (oldest is None or change.message.sent_at > oldest)
        ]

    @property
    def page(self) -> Page:
        """The newest messages by sequence."""
        return Page(list(self._page.values()), self._older)
