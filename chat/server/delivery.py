"""Delivers what was committed to this process's sockets and to the other processes."""

from asgiref.sync import async_to_sync

from ..cluster import messages
from ..journal.types import WriteResult
from .runtime import running_runtimes


def deliver(result: WriteResult) -> None:
    """Subscribes to `after_commit`. A process that serves sockets passes the result to its event loop, which
    publishes it. Where there is none (commands, shells, a process without a socket so far) it is published
    before this returns. If that takes longer than 1 s, the others read the database at their next check."""
    runtimes = running_runtimes()
    for runtime in runtimes:
        runtime.journal.after_commit(result)
    if not runtimes and (result.batches or result.renamed):
        async_to_sync(_publish)(result)


async def _publish(result: WriteResult) -> None:
    for batch in result.batches:
        if not await messages.publish_batch(batch):
            return  # the channel layer is away
    for person in result.renamed:
        if person.id:
            await messages.publish_event(messages.RenameEvent("", person.id, person.name))
