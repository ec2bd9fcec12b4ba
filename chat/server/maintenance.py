"""Tasks that one process of the site does at each look, once an hour, or once a day."""

import asyncio
import datetime
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from django.contrib.sessions.models import Session
from django.db import DatabaseError, InterfaceError
from django.db.models.functions import Now

from ..database.threads import DatabaseThreads
from ..files.sweeping import delete_removed, delete_unknown, remove_lost, sweep
from ..infra.background import surviving
from ..infra.logging import database_outage
from ..journal.forgetting import deletion_requests, finish_deletions, forget_some_guests
from ..journal.retention import drop_old_copies, expire_requests
from ..journal.types import Outcome, Refused, WriteRequest, refused
from ..models import Ban, ScheduledTask
from .uploads import on_a_thread

logger = logging.getLogger(__name__)

FIRST_LOOK: Final = 5.0  # seconds after the process's first socket
INTERVAL: Final = 3600.0  # seconds between two looks
FILES_INTERVAL: Final = 30.0  # seconds between two deletions of removed files
DAY: Final = datetime.timedelta(days=1)
AT_EACH_LOOK: Final = datetime.timedelta(0)
BANS_KEPT: Final = datetime.timedelta(days=30)  # after their end
SESSIONS_AT_ONCE: Final = 1000

Submit = Callable[[WriteRequest, Callable[[Outcome], None]], bool]
Task = Callable[[], Awaitable[bool]]
"""False: it is not finished and is run again at the next look."""


class Maintenance:
    """Looks every hour for tasks that are due. Messages are removed through the process's journal, in turn
    with what people write."""

    def __init__(self, threads: DatabaseThreads, submit: Submit) -> None:
        self._threads = threads
        self._submit = submit
        self._unfinished: set[str] = set()
        self._tasks: dict[str, tuple[Task, datetime.timedelta]] = {
            "finish_deletions": (self._finish_deletions, AT_EACH_LOOK),
            "sweep_files": (self._sweep_files, AT_EACH_LOOK),
            "sweep_storage": (self._sweep_storage, AT_EACH_LOOK),
            "purge_expired": (self._purge_expired, DAY),
            "clear_sessions": (self._clear_sessions, DAY),
            "drop_old_bans": (self._drop_old_bans, DAY),
            "drop_old_copies": (self._drop_old_copies, DAY),
            "forget_guests": (self._forget_guests, DAY),
        }
        self._loops = [asyncio.ensure_future(loop()) for loop in (self._run, self._delete_files)]

    def stop(self) -> None:
        """The process is about to end. Another one finishes what is left at one of its looks."""
        for loop in self._loops:
            loop.cancel()

    async def _run(self) -> None:
        await asyncio.sleep(FIRST_LOOK)
        while True:
            await self.look()
            await asyncio.sleep(INTERVAL)

    async def _delete_files(self) -> None:
        """The files of a deleted message, which nobody can read any more, go from the storage soon."""
        while True:
            await asyncio.sleep(FILES_INTERVAL)
            with surviving("Files were not deleted"):
                await on_a_thread(delete_removed)

    async def look(self) -> None:
        """Run what is due and no other process has claimed. A task that fails ends no other."""
        for name, (task, interval) in self._tasks.items():
            try:
                if name in self._unfinished or await self._threads.run(
                    ScheduledTask.objects.claim, name, interval
                ):
                    self._unfinished.add(name)
                    if await task():
                        self._unfinished.discard(name)
            except (DatabaseError, InterfaceError) as error:
                database_outage.warning("The scheduled task %s was not done: %s", name, str(error).strip())
            except Exception as error:
                logger.error("The scheduled task %s was not done: %r", name, error)

    async def _finish_deletions(self) -> bool:
        if requests := await self._threads.run(deletion_requests):
            await self._write_all(requests)
        await self._threads.run(finish_deletions)
        return True

    async def _purge_expired(self) -> bool:
        outcomes = await self._write_all(await self._threads.run(expire_requests))
        failed = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        if failed:
            logger.warning("Old messages stay in %d rooms for now: %s", len(failed), failed[0].text)
        return not failed

    async def _write_all(self, requests: Sequence[WriteRequest]) -> list[Outcome]:
        return [await self._write(request) for request in requests]

    async def _write(self, request: WriteRequest) -> Outcome:
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def settle(outcome: Outcome) -> None:
            if not answer.done():
                answer.set_result(outcome)

        if not self._submit(request, settle):
            return refused("busy.journal")
        return await answer

    async def _sweep_files(self) -> bool:
        after = 0
        while after := await on_a_thread(partial(remove_lost, after)):
            pass
        while not await on_a_thread(sweep):
            pass
        return True

    async def _sweep_storage(self) -> bool:
        """A folder an hour: each of them every eleven days."""
        await on_a_thread(partial(delete_unknown, int(time.time() / INTERVAL)))
        return True

    async def _clear_sessions(self) -> bool:
        while await self._threads.run(_clear_some_sessions):
            pass
        return True

    async def _forget_guests(self) -> bool:
        after = 0
        while after := await self._threads.run(forget_some_guests, after):
            pass
        return True

    async def _drop_old_bans(self) -> bool:
        await self._threads.run(Ban.objects.filter(until__lt=Now() - BANS_KEPT).delete)
        return True

    async def _drop_old_copies(self) -> bool:
        await self._threads.run(drop_old_copies)
        return True


def _clear_some_sessions() -> bool:
    """Delete up to 1,000 expired sessions. False when none is left."""
    expired = Session.objects.filter(expire_date__lt=Now())
    keys = list(expired.values_list("pk", flat=True)[:SESSIONS_AT_ONCE])
    Session.objects.filter(pk__in=keys).delete()
    return len(keys) == SESSIONS_AT_ONCE
