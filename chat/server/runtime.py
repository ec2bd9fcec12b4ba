"""What the sockets of a process share: feeds, the journal's worker, the listener, threads for reads."""

import asyncio
import gc
import logging
import secrets
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final
from weakref import WeakKeyDictionary

from channels.layers import InMemoryChannelLayer, get_channel_layer

from ..access.lookup_batcher import LookupBatcher
from ..cluster import messages
from ..cluster.listener import ChannelListener
from ..cluster.messages import group_of
from ..cluster.publisher import Publisher
from ..database.threads import DatabaseThreads
from ..infra.background import surviving
from ..journal import selectors
from ..journal.changes import Change
from ..journal.types import NewEpoch, Outcome, WriteRequest, WriteResult
from ..journal.worker import JournalWorker, Reply
from ..presence.tracker import Presence
from ..presence.typing import TypingTracker
from ..protocol import CloseCode
from ..realtime.feed import Feed
from ..realtime.room_list_feed import RoomListFeed
from ..realtime.subscriber import Subscriber
from ..unread.read_marks import ReadMarks
from .daphne_patches import widen_listen_backlog
from .hints import HintReader
from .indexing import Indexing
from .maintenance import Maintenance
from .page_threads import page_threads
from .revalidation import Revalidator
from .shutdown import drain_on_sigterm

logger = logging.getLogger(__name__)

CHECK_INTERVAL: Final = 2.0  # seconds between two checks of the counters of all open rooms
OPEN_TIMEOUT: Final = 0.25  # seconds that a room's first socket waits for the layer and for the presence list
WATCH_INTERVAL: Final = 0.25  # seconds
IDLE_FEED_TIMEOUT: Final = 30.0  # seconds that a feed without sockets is kept
JOURNAL_TIMEOUT: Final = 4.0  # seconds that the journal has to commit what waits before an exit
READ_THREADS: Final = 2
BUSY: Final = 50  # waiting writes from which on no typing names are sent and nothing is indexed

_runtimes: "WeakKeyDictionary[asyncio.AbstractEventLoop, Runtime]" = WeakKeyDictionary()


def current_runtime() -> "Runtime":
    """The runtime of the running loop; made by its first socket."""
    loop = asyncio.get_running_loop()
    runtime = _runtimes.get(loop)
    if runtime is None:
        runtime = _runtimes[loop] = Runtime(loop)
    return runtime


def running_runtimes() -> "list[Runtime]":
    """One in a process that serves sockets, none in others. May be called on any thread."""
    loops = [reference() for reference in _runtimes.keyrefs()]
    return [_runtimes[loop] for loop in loops if loop and loop.is_running()]


class Runtime:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.origin = secrets.token_hex(8)
        self.journal = JournalWorker(loop, self._on_committed)
        self.threads = DatabaseThreads(READ_THREADS, "reads")
        self.lookups = LookupBatcher(self.threads)
        self.revalidator = Revalidator(self.threads)
        self.search_thread = DatabaseThreads(1, "search")
        presence_thread = DatabaseThreads(1, "presence")
        self.presence = Presence(self.origin, presence_thread, self._rename_sockets)
        self.read_marks = ReadMarks(presence_thread)
        self.maintenance = Maintenance(presence_thread, self.submit)
        self.indexing = Indexing(self.search_thread, self._is_busy)
        self.room_list = RoomListFeed(page_threads)
        self._loop = loop
        self._feeds: dict[str, Feed] = {}
        self._by_group: dict[str, Feed] = {}
        self._idle: dict[Feed, asyncio.TimerHandle] = {}
        self._background_tasks: set[asyncio.Future[Any]] = set()
        self._publisher = Publisher(self.origin)
        self.typing = TypingTracker(
            self.origin, self._publisher.publish_if_idle, lambda: self.journal.waiting > BUSY
        )
        hints = HintReader(
            self.origin, self._feeds, self.presence, self.typing, self.revalidator, self._check_soon
        )
        self._listener = ChannelListener(self.origin, hints.take, self._on_joined)
        self._spawn(self._listener.join(messages.ALL_PROCESSES))
        self._tasks = [
            asyncio.ensure_future(self._check_periodically()),
            asyncio.ensure_future(self._watch()),
        ]
        self.draining = False
        self._warned = False
        self._connections = self._connections_before = 0
        self._all_closed = asyncio.Event()
        drain_on_sigterm(loop, self.drain)
        widen_listen_backlog()
        # With many sockets a full garbage collection stops the process for tens of milliseconds: it need not
        # visit what stays as long as the process.
        gc.freeze()
        gc.set_threshold(10_000, 50, 1000)

    # --- Feeds ---

    def feed(self, name: str, key: str) -> Feed:
        """The room's feed. The first caller opens it; each caller must call `release`."""
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = Feed(name, key, self.threads, self)
            self._by_group[group_of(key)] = feed
            self._spawn(self._open(feed))
        feed.users += 1
        if idle := self._idle.pop(feed, None):
            idle.cancel()
        return feed

    async def _open(self, feed: Feed) -> None:
        """Join the group, then read the room: a change in between arrives by one way or the other."""
        joining = asyncio.ensure_future(self._listener.join(group_of(feed.key)))
        people = asyncio.ensure_future(self.presence.open(feed))
        await asyncio.wait([joining, people], timeout=OPEN_TIMEOUT)
        feed.open()

    def release(self, feed: Feed, subscriber: Subscriber) -> None:
        feed.fanout.leave(subscriber)
        feed.users -= 1
        if not feed.users:
            self._idle[feed] = self._loop.call_later(IDLE_FEED_TIMEOUT, self._close, feed)

    def _close(self, feed: Feed) -> None:
        del self._idle[feed], self._feeds[feed.key], self._by_group[group_of(feed.key)]
        feed.close()
        self.presence.close(feed.key)
        self.typing.forget(feed)
        self._spawn(self._listener.leave(group_of(feed.key)))

    # --- The end ---

    @contextmanager
    def counted_connection(self) -> Iterator[None]:
        """Counts a socket until its consumer ends: `drain` waits for all that are counted."""
        self._connections += 1
        try:
            yield
        finally:
            self._connections -= 1
            self._note_if_all_closed()

    async def drain(self) -> None:
        """Commit and acknowledge what waits, then close every socket (4012); refuse new ones meanwhile."""
        self.maintenance.stop()
        self.indexing.stop()
        self.draining = True
        await asyncio.to_thread(self.journal.stop, JOURNAL_TIMEOUT)
        await asyncio.sleep(0)  # the last acks
        for socket in self.revalidator.sockets:
            socket.close_with(CloseCode.RESTART)
        await asyncio.gather(self.read_marks.end(), self.presence.end())
        self._note_if_all_closed()
        await self._all_closed.wait()

    def _note_if_all_closed(self) -> None:
        if self.draining and not self._connections:
            self._all_closed.set()

    def _is_busy(self) -> bool:
        """Whether many writes wait, or many sockets have come since this was asked last, as after a start."""
        came, self._connections_before = self._connections - self._connections_before, self._connections
        return max(self.journal.waiting, came) > BUSY

    # --- Changes: from our journal, from the other processes, from the database ---

    def submit(self, request: WriteRequest, reply: Reply) -> bool:
        """Hand a write to the journal; False when its queue is full."""
        return self.journal.submit(request, reply)

    def _on_committed(self, result: WriteResult) -> None:
        """Whatever this process has committed: from a socket, a page or the admin."""
        for person in result.renamed:
            if person.id:
                self._renamed(person.id, person.name)
        for batch in result.batches:
            if feed := self._feeds.get(batch.key):
                with surviving("What was committed could not be delivered"):
                    feed.offer(batch)
        self._publisher.publish(result.batches)

    def mention_seen(self, feed: Feed, participant_key: str, sequence: int) -> None:
        """A participant has read a mention of them: all their sockets in the room, in every process, learn
        how far they have read."""
        self.revalidator.read_up_to(feed.key, participant_key, sequence)
        self._spawn(
            messages.publish_event(messages.SeenEvent(self.origin, feed.key, participant_key, sequence))
        )

    def on_mention_of_all(self, feed: Feed) -> None:
        self._spawn(self.revalidator.check_room(feed))

    def _on_joined(self, group: str) -> None:
        if group == messages.ALL_PROCESSES:
            self.presence.peers.read_soon()
        elif feed := self._by_group.get(group):
            self._check_soon(feed)

    def on_counters_went_back(self, feed: Feed) -> None:
        """The room's counters went back, as after a restored backup: a new epoch, so that no client waits for
        numbers that never come or takes new messages for old ones."""

        def reload(_outcome: Outcome) -> None:
            feed.reload()

        logger.warning("The counters of a room went back: it begins a new epoch")
        request = WriteRequest(feed.name, feed.key, None, NewEpoch(feed.sequencer.epoch or ""))
        if not self.submit(request, reload):
            feed.reload()

    def on_repaired(self, changes: list[Change]) -> None:
        """No hint announced these changes: without Redis, another process wrote them. Warns once."""
        ours = self.journal.committing()
        alone = isinstance(get_channel_layer(), InMemoryChannelLayer)
        if alone and not self._warned and any(change.message.client_id not in ours for change in changes):
            self._warned = True
            logger.warning(
                "Another process writes to this database, and without REDIS_URL they tell each other nothing:"
                " messages take up to 2 s between them"
            )

    def _renamed(self, participant_key: str, name: str) -> None:
        """A participant has another name: update their sockets, presence and the other processes."""
        self.presence.rename(participant_key, name)
        self._spawn(messages.publish_event(messages.RenameEvent(self.origin, participant_key, name)))

    def _rename_sockets(self, participant_key: str, name: str) -> None:
        for socket in self.revalidator.of_person(participant_key):
            socket.set_name(name)

    def revalidate_person(self, participant_key: str) -> None:
        """A participant has changed their own blocks or membership: refresh all their sockets."""
        self._spawn(self.revalidator.check_person(participant_key))

    def on_access_changed(self, feed: Feed) -> None:
        self.revalidator.pause_outsiders(feed)
        self._spawn(self.revalidator.check_room(feed))

    # --- Periodic checks ---

    async def _check_periodically(self) -> None:
        while True:
            await asyncio.sleep(CHECK_INTERVAL)
            self._spawn(self._listener.retry())
            self.journal.processes = 1 + len(self.presence.peers)
            await self._check(list(self._feeds.values()))

    def _check_soon(self, feed: Feed) -> None:
        self._spawn(self._check([feed]))

    async def _check(self, feeds: list[Feed]) -> None:
        """Compare the feeds with the counters of their rooms in the database: one query."""
        asked_at = {feed.key: feed.sequencer.revision for feed in feeds}
        if not asked_at:
            return
        with surviving("The counters could not be read"):
            counters = await self.threads.run(selectors.counters, list(asked_at))
            for feed in feeds:
                feed.check(counters.get(feed.key, selectors.Counters()), asked_at[feed.key])

    async def _watch(self) -> None:
        """Goes on while the database hangs: writes that waited too long expire, slow sockets catch up."""
        while True:
            await asyncio.sleep(WATCH_INTERVAL)
            slow = [feed.catch_up_slow_sockets for feed in self._feeds.values() if feed.fanout.behind]
            for step in (
                self.journal.expire,
                *slow,
                self.presence.catch_up_slow_sockets,
                self.room_list.catch_up,
            ):
                with surviving("A periodic step failed"):
                    step()

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        """Run it in the background. The set keeps the task from being collected before it ends."""
        task = asyncio.ensure_future(work)
        self._background_tasks.add(task)
        task.add_done_callback(self._background_tasks.discard)
