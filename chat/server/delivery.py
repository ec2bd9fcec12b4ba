"""From a commit to whoever is to see it: this process's sockets and the other processes."""

from asgiref.sync import async_to_sync

from ..cluster import messages
from ..infra.background import surviving
from ..journal.types import WriteResult
from ..presence import store
from .runtime import running_runtimes


def deliver(result: WriteResult) -> None:
    """Subscribes to `after_commit`. A process that serves sockets hands the result to its event loop, which
    tells the others. Where there is none (commands, shells, a process without a socket so far) the others are
    told before this returns, or within 1 s not at all: then they read the database at their next check."""
    runtimes = running_runtimes()
    for runtime in runtimes:
        runtime.journal.after_commit(result)
    if not runtimes and (result.batches or result.renamed):
        _tell_others(result)


def _tell_others(result: WriteResult) -> None:
    if names := {person.id: person.name for person in result.renamed if person.id}:
        with surviving("A name could not be written where it is shown"):
            store.rename(names)
    async_to_sync(_publish)(result, names)


async def _publish(result: WriteResult, names: dict[str, str]) -> None:
    for batch in result.batches:
        if not await messages.publish_batch(batch.key, batch):
            return  # the channel layer is away
    for key, name in names.items():
        await messages.publish_event(messages.RenameEvent("", key, name))
