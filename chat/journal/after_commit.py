"""What follows each commit of the journal, whether a socket, a page or a command wrote.

Subscribe in `AppConfig.ready()`.
"""

from collections.abc import Callable
from typing import Final

from ..infra.background import surviving
from .types import WriteResult

Subscriber = Callable[[WriteResult], None]

_subscribers: Final[list[Subscriber]] = []


def subscribe(subscriber: Subscriber) -> None:
    """Call `subscriber` after every commit from now on, on the thread that committed, after those that
    subscribed before it. It must not block and must not raise; what it raises is logged."""
    _subscribers.append(subscriber)


def notify(result: WriteResult) -> None:
    """Call all subscribers with what was committed. Raises nothing."""
    for subscriber in _subscribers:
        with surviving(f"{subscriber.__module__}.{subscriber.__qualname__} failed after a commit"):
            subscriber(result)
