"""The journal's thread: commits all waiting requests together and passes the outcomes to the loop."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection
from msgspec.structs import replace

from .. import protocol
from ..database.threads import recycle_connection
from ..infra.background import surviving
from ..infra.logging import database_outage
from . import service
from .types import Done, Outcome, Refused, WriteRequest, WriteResult, refused

logger = logging.getLogger(__name__)

QUEUE_MAX: Final = 10_000  # requests
BATCH_MAX: Final = 500  # requests a transaction
GATHER_INTERVAL: Final = 0.01  # seconds from one commit's start to the next, times the site's processes,
GATHER_PROCESSES_MAX: Final = 4  # up to four
COMMIT_TIMEOUT: Final = 10.0  # seconds a request waits for a database that is away
RETRY_PAUSE: Final = 0.25  # seconds
HEALTH_CHECK_INTERVAL: Final = 1.0  # seconds, unless a commit fails: it is tried again anyway

Reply = Callable[[Outcome], None]


@dataclass(slots=True, eq=False)
class PendingWrite:
    request: WriteRequest
    reply: Reply
    since: float
    answered: bool = False

    def answer(self, outcome: Outcome) -> None:
        if not self.answered:
            self.answered = True
            with surviving("A reply failed"):
                self.reply(outcome)


def _writer(request: WriteRequest) -> str:
    return request.who.key if request.who else ""


def unavailable() -> Refused:
    return refused("unavailable.not_now")


class JournalWorker:
    """One a process. `reply`, and `on_committed` for all that the process commits, are called on the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, on_committed: Callable[[WriteResult], None]) -> None:
        self._loop = loop
        self._on_committed = on_committed
        self._committed: deque[WriteResult] = deque()
        self._queue: deque[PendingWrite] = deque()
        self._arrived = threading.Condition()
        self._committing: list[PendingWrite] = []
        self.processes = 1
        """How many serve the site. Each hears of all commits: the more there are, the longer each gathers."""
        self._checked_at = 0.0
        self._target = 1
        self._writers: set[str] = set()  # of the last commit, and
        self._recent_writers: set[str] = set()  # of the last two
        self._has_closed_loop = False
        self._is_idle = False
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def submit(self, request: WriteRequest, reply: Reply) -> bool:
        """Queue a request; `reply` gets its outcome. False when the queue is full: say `busy`."""
        if len(self._queue) >= QUEUE_MAX or self._stopping:
            return False
        with self._arrived:
            self._queue.append(PendingWrite(request, reply, time.monotonic()))
            self._has_closed_loop |= _writer(request) in self._recent_writers
            if self._is_idle or self._is_complete():
                self._arrived.notify()
        return True

    @property
    def waiting(self) -> int:
        """How many requests wait for the next transaction."""
        return len(self._queue)

    def committing(self) -> set[UUID]:
        """The client_ids of writes that may be committed and are not answered yet."""
        commands = [waiting.request.command for waiting in self._committing]
        return {command.client_id for command in commands if isinstance(command, protocol.Write)}

    def expire(self) -> None:
        """Answer `unavailable` to overdue requests while the thread hangs in a database that does not answer.

        What was not begun is dropped. What was begun may still be committed: then the resend finds it."""
        limit = time.monotonic() - COMMIT_TIMEOUT - 2 * RETRY_PAUSE
        if self._committing and self._committing[0].since < limit:
            for waiting in (*self._committing, *self._queue):
                if waiting.since < limit:
                    waiting.answer(unavailable())

    def after_commit(self, result: WriteResult) -> None:
        """Hand to the loop what the calling thread has committed. From the journal's own thread it goes there
        together with the replies, which come first: that is one turn of the loop."""
        self._committed.append(result)
        if threading.current_thread() is not self._thread:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._deliver_committed)

    def stop(self, limit: float) -> None:
        """Commit what waits, then end; gives up after `limit` seconds. Not to be called on the loop."""
        with self._arrived:
            self._stopping = True
            self._arrived.notify()
        self._thread.join(limit)

    def _work(self) -> None:
        started = 0.0
        while (waiting := self._gather(started)) is not None:
            started = time.monotonic()
            outcomes = self._commit(waiting)
            try:
                self._loop.call_soon_threadsafe(self._deliver, waiting, outcomes)
            except RuntimeError:  # the loop is closed
                break
        connection.close()

    def _is_complete(self) -> bool:
        return self._stopping or (self._has_closed_loop and len(self._queue) >= self._target)

    @property
    def _interval(self) -> float:
        return GATHER_INTERVAL * min(self.processes, GATHER_PROCESSES_MAX)

    def _gather(self, last_start: float) -> list[PendingWrite] | None:
        """What waits 10 to 40 ms after the last start. None: stop.

        Closed loops (writers that wait for their ack) do not wait for the clock: as many as last time are
        taken at once, if one of them had a part in the last two commits.
        """
        with self._arrived:
            self._arrived.wait_for(
                self._is_complete, max(0.0, last_start + self._interval - time.monotonic())
            )
            self._is_idle = True
            self._arrived.wait_for(lambda: self._queue or self._stopping)
            self._is_idle = self._has_closed_loop = False
            taken = [self._queue.popleft() for _ in range(min(len(self._queue), BATCH_MAX))]
            self._committing = [waiting for waiting in taken if not waiting.answered]
            self._target = max(1, len(self._committing))
            writers = {_writer(waiting.request) for waiting in taken}
            self._recent_writers, self._writers = self._writers | writers, writers
        return self._committing if taken else None

    def _commit(self, waiting: list[PendingWrite]) -> list[Outcome]:
        requests = [w.request for w in waiting]
        deadline = min((w.since for w in waiting), default=0.0) + COMMIT_TIMEOUT
        while True:
            try:
                self._check_connection()
                return service.write(requests).outcomes
            except service.DATABASE_AWAY as error:
                self._checked_at = 0.0
                if time.monotonic() > deadline or self._stopping or "full" in str(error):
                    database_outage.warning(
                        "%d writes were not stored: %s", len(requests), str(error).strip()
                    )
                    return [unavailable()] * len(requests)
                time.sleep(RETRY_PAUSE)
            except Exception:
                logger.exception("%d writes were not stored", len(requests))
                return [unavailable()] * len(requests)

    def _check_connection(self) -> None:
        if (now := time.monotonic()) - self._checked_at > HEALTH_CHECK_INTERVAL:
            recycle_connection()
            self._checked_at = now

    def _deliver(self, waiting: list[PendingWrite], outcomes: list[Outcome]) -> None:
        if self._committing is waiting:  # the thread may have gathered the next ones already
            self._committing = []
        for one, outcome in zip(waiting, outcomes, strict=True):
            if isinstance(outcome, Done) and outcome.then:
                one.request = replace(one.request, command=outcome.then)
                self._queue_next_step(one)
            else:
                one.answer(outcome)
        self._deliver_committed()

    def _deliver_committed(self) -> None:
        while self._committed:
            with surviving("A committed result could not be delivered"):
                self._on_committed(self._committed.popleft())

    def _queue_next_step(self, waiting: PendingWrite) -> None:
        """Queue the next step of a request behind all that wait, so that they need not wait for all steps."""
        if self._stopping:
            waiting.answer(unavailable())
            return
        waiting.since = time.monotonic()
        with self._arrived:
            self._queue.append(waiting)
            self._arrived.notify()
