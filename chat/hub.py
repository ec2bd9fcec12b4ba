"""What the sockets of a process share: the feeds, the journal's worker, the mailbox, the read threads."""

import asyncio
import gc
import logging
import secrets
from collections.abc import Coroutine
from typing import Any, Final
from weakref import WeakKeyDictionary

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import DatabaseError, InterfaceError

from . import hints, reads
from .backpressure import Member
from .changes import Batch, Change
from .daphne_tuning import widen_listen_backlog
from .database_threads import DatabaseThreads
from .drafts import Draft, NewEpoch, Outcome
from .drain import drain_before_exit
from .feed import Feed
from .journal_worker import JournalWorker, Reply
from .logs import database_outage
from .mailbox import Mailbox
from .models.room import group_of
from .names import Names
from .protocol import CloseCode

logger = logging.getLogger(__name__)

CHECK_INTERVAL: Final = 2.0  # seconds between two looks at the counters of all open rooms
SECOND_LOOK: Final = 0.25  # seconds after a join: the layer's subscribe is sent, not confirmed
JOIN_PATIENCE: Final = 0.25  # seconds that a room's first socket waits for the layer
WATCH_INTERVAL: Final = 0.25  # seconds
IDLE_FEED: Final = 30.0  # seconds an empty feed is kept
JOURNAL_LIMIT: Final = 4.0  # seconds that the journal has to commit what waits before an exit
READ_THREADS: Final = 2
PUBLISH_BACKLOG_MAX: Final = 1000  # rooms

_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def current_hub() -> "Hub":
    """The hub of the running loop; made by its first socket."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        hub = _hubs[loop] = Hub(loop)
    return hub


class Hub:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.origin = secrets.token_hex(8)
        self.journal = JournalWorker(loop, self._on_batches)
        self.threads = DatabaseThreads(loop, READ_THREADS, "reads")
        self.names = Names(self.threads)
        self._loop = loop
        self._feeds: dict[str, Feed] = {}
        self._by_group: dict[str, Feed] = {}
        self._to_publish: dict[str, Batch] = {}
        self._publishing: asyncio.Task[None] | None = None
        self._background: set[asyncio.Future[None]] = set()
        self._mailbox = Mailbox(self._on_hint, self._on_joined)
        self._tasks = [
            asyncio.ensure_future(self._check_often()),
            asyncio.ensure_future(self._watch()),
        ]
        self.draining = False
        self._warned = False
        self._emptied = asyncio.Event()
        drain_before_exit(loop, self.drain)
        widen_listen_backlog()
        # What lives as long as the process need not be looked at by every full collection, and with many
        # sockets a full collection stops everybody for tens of milliseconds.
        gc.freeze()
        gc.set_threshold(10_000, 50, 1000)

    # --- Feeds ---

    def feed(self, name: str, key: str) -> Feed:
        """The room's feed; its first caller opens it, each caller lets it go with `release`."""
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = Feed(name, key, self.threads, self._renew_epoch, self._on_repaired)
            self._by_group[group_of(key)] = feed
            self._soon(self._open(feed))
        feed.users += 1
        return feed

    async def _open(self, feed: Feed) -> None:
        """Join, then read: what is committed in between arrives by the one way or the other."""
        joining = asyncio.ensure_future(self._mailbox.join(group_of(feed.key)))
        await asyncio.wait([joining], timeout=JOIN_PATIENCE)
        feed.open()

    def release(self, feed: Feed, member: Member) -> None:
        feed.fanout.leave(member)
        feed.users -= 1
        if self.draining and not any(feed.users for feed in self._feeds.values()):
            self._emptied.set()
        if not feed.users:
            self._loop.call_later(IDLE_FEED, self._close_if_empty, feed)

    def _close_if_empty(self, feed: Feed) -> None:
        if not feed.users and self._feeds.get(feed.key) is feed:
            del self._feeds[feed.key], self._by_group[group_of(feed.key)]
            feed.close()
            self._soon(self._mailbox.leave(group_of(feed.key)))

    async def drain(self) -> None:
        """Commit and acknowledge what waits, then close every socket; new ones are sent away meanwhile."""
        self.draining = True
        await asyncio.to_thread(self.journal.stop, JOURNAL_LIMIT)
        await asyncio.sleep(0)  # the last acks
        for feed in self._feeds.values():
            for member in feed.fanout.members:
                member.close(CloseCode.RESTART)
        if any(feed.users for feed in self._feeds.values()):
            await self._emptied.wait()

    # --- Changes: from our journal, from the other processes, from the database ---

    def submit(self, draft: Draft, reply: Reply) -> bool:
        """Hand a draft to the journal; False when it is full."""
        return self.journal.submit(draft, reply)

    def _on_batches(self, batches: list[Batch]) -> None:
        for batch in batches:
            if feed := self._feeds.get(batch.key):
                feed.offer(batch)
            self._publish(batch)

    def _publish(self, batch: Batch) -> None:
        """Queue a hint for the other processes. Batches of a room that wait become one; the rooms that
        find no place are found by the others' next check."""
        waiting = self._to_publish.get(batch.key)
        if waiting and waiting.epoch == batch.epoch and waiting.revision == batch.after:
            self._to_publish[batch.key] = waiting.followed_by(batch)
        elif waiting or len(self._to_publish) < PUBLISH_BACKLOG_MAX:
            self._to_publish[batch.key] = batch
        if self._publishing is None:
            self._publishing = asyncio.ensure_future(self._publish_all())

    async def _publish_all(self) -> None:
        try:
            while self._to_publish:
                batch = self._to_publish.pop(next(iter(self._to_publish)))
                if await hints.publish(batch, self.origin):
                    self._mailbox.expect_hint(group_of(batch.key))
        finally:
            self._publishing = None

    def _on_hint(self, hint: dict[str, Any]) -> None:
        if hint.get("origin") == self.origin:
            return
        key = hint.get("key")
        if isinstance(key, str) and (feed := self._feeds.get(key)):
            batch = hints.batch_of(hint)
            if batch:
                feed.offer(batch)
            else:
                self._soon(self._check([feed]))

    def _on_joined(self, group: str) -> None:
        if feed := self._by_group.get(group):
            self._soon(self._check([feed]))
            self._loop.call_later(SECOND_LOOK, lambda: self._soon(self._check([feed])))

    def _renew_epoch(self, feed: Feed) -> None:
        """The counters went back under a feed: the room begins a new life, so that nobody waits for numbers
        that never come or takes new messages for old ones."""

        def reload(_outcome: Outcome) -> None:
            feed.reload()

        logger.warning("The counters of a room went back: it begins a new epoch")
        draft = Draft(feed.name, feed.key, None, NewEpoch(feed.ordering.epoch or ""))
        if not self.submit(draft, reload):
            feed.reload()

    def _on_repaired(self, changes: list[Change]) -> None:
        """No hint had told of these changes: with the in-memory layer, another process wrote them."""
        ours = self.journal.committing()
        alone = isinstance(get_channel_layer(), InMemoryChannelLayer)
        if alone and not self._warned and any(change.message.client_id not in ours for change in changes):
            self._warned = True
            logger.warning(
                "Another process writes to this database, and without REDIS_URL they tell each other nothing:"
                " messages take up to 2 s between them"
            )

    # --- Looks at the database ---

    async def _check_often(self) -> None:
        while True:
            await asyncio.sleep(CHECK_INTERVAL)
            self._soon(self._mailbox.retry())
            await self._check(list(self._feeds.values()))

    async def _check(self, feeds: list[Feed]) -> None:
        """Compare the feeds with the counters of their rooms: one query."""
        asked_at = {feed.key: feed.ordering.revision for feed in feeds}
        if not asked_at:
            return
        try:
            counters = await self.threads.run(reads.counters, list(asked_at))
        except (DatabaseError, InterfaceError) as error:
            database_outage.warning("The counters could not be read: %s", str(error).strip())
            return
        for feed in feeds:
            epoch, revision = counters.get(feed.key, (None, 0))
            feed.check(epoch, revision, asked_at[feed.key])

    async def _watch(self) -> None:
        """What must go on while the database hangs: drafts that waited too long, sockets that are slow."""
        while True:
            await asyncio.sleep(WATCH_INTERVAL)
            self.journal.expire()
            for feed in self._feeds.values():
                if feed.fanout.behind:
                    feed.catch_up_slow_sockets()

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Run it in the background; the set keeps it from being collected before it ends."""
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
