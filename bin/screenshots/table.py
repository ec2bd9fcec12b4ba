"""The table of states, by name: how a window comes there."""

from collections.abc import Awaitable, Callable
from typing import Final

from playwright.async_api import Page

from .world import Window

Reach = Callable[[Window], Awaitable[Page]]
STATES: Final[dict[str, Reach]] = {}


def state(reach: Reach) -> Reach:
    STATES[reach.__name__] = reach
    return reach
