"""What starts with every process: patches of the servers, system checks, subscriptions."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, post_save, pre_migrate


class ChatConfig(AppConfig):
    name = "chat"

    def ready(self) -> None:
        from django.contrib.auth import get_user_model

        from . import checks  # noqa: F401  registers them
        from .accounts import service
        from .journal import after_commit
        from .search import sqlite
        from .server import (
            daphne_bodies,
            daphne_connections,
            daphne_frames,
            daphne_patches,
            delivery,
            socket_auth,
            uvicorn_frames,
        )

        for patched in (
            daphne_patches,
            daphne_connections,
            daphne_bodies,
            daphne_frames,
            uvicorn_frames,
            socket_auth,
        ):
            patched.apply()
        after_commit.subscribe(delivery.deliver)
        pre_migrate.connect(_lift_limits, sender=self)
        post_migrate.connect(sqlite.create_triggers, sender=self)
        post_save.connect(service.keep_name, sender=get_user_model(), dispatch_uid="keep_name")


def _lift_limits(using: str, **_: Any) -> None:
    connection: Any = connections[using]
    if connection.vendor == "postgresql":
        connection.lift_limits()
