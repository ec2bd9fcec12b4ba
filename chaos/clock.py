"""Puts a site process's clock forward or back by CHAOS_CLOCK seconds.

libfaketime does not do: in its presence Python's waits on the monotonic clock fail or never end. So the
wall clock is moved where the site asks for it: `time.time`, Django's `now`, `datetime` in the site's modules.
"""

import datetime
import os
import sys
import time
from types import ModuleType
from typing import Any

from django.apps import AppConfig
from django.utils import timezone

OFFSET = datetime.timedelta(seconds=float(os.environ.get("CHAOS_CLOCK", "0")))


class _AnyDatetime(type(datetime.datetime)):  # type: ignore[misc]
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime.datetime)


class MovedDatetime(datetime.datetime, metaclass=_AnyDatetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return datetime.datetime.now(tz) + OFFSET


class MovedModule(ModuleType):
    """The datetime module, but for its one clock."""

    datetime = MovedDatetime

    def __getattr__(self, name: str) -> Any:
        return getattr(datetime, name)


class ClockConfig(AppConfig):
    name = "chaos"
    label = "chaos_clock"

    def ready(self) -> None:
        """Once the site's modules are loaded: their types are made, only calls are still to come."""
        import chat.routing  # noqa: F401  and all that it imports

        wall_clock, now = time.time, timezone.now
        time.time = lambda: wall_clock() + OFFSET.total_seconds()
        timezone.now = lambda: now() + OFFSET
        moved = MovedModule("datetime")
        for name, module in list(sys.modules.items()):
            if name.startswith("chat.") and getattr(module, "datetime", None) is datetime:
                module.datetime = moved  # type: ignore[attr-defined]
