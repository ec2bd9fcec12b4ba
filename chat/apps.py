from functools import partial
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import pre_migrate

from .protocol.limits import MESSAGE_MAX

PING_INTERVAL = 25  # seconds
PING_TIMEOUT = 15  # seconds; not shorter than the interval would orphan daphne's pings


def lift_limits(using: str, **_: Any) -> None:
    connection: Any = connections[using]
    if connection.vendor == "postgresql":
        connection.lift_limits()


class ChatConfig(AppConfig):
    name = "chat"

    def ready(self) -> None:
        from daphne.management.commands import runserver
        from daphne.server import Server
        from django.contrib.auth import get_user_model
        from django.db.models.signals import post_save

        from . import checks  # noqa: F401  registers them
        from .accounts import service
        from .journal import after_commit
        from .server import daphne_connections, daphne_limits, daphne_patches, delivery, uvicorn_limits

        pre_migrate.connect(lift_limits, sender=self)
        daphne_patches.spare_debug_texts()
        daphne_patches.ignore_root_path_header()
        daphne_patches.ignore_unreadable_subprotocols()
        daphne_patches.escape_access_lines()
        daphne_connections.bound_requests()
        daphne_connections.bound_connections()
        daphne_limits.bound_bodies()
        daphne_limits.bound_frames()
        daphne_limits.bound_unread_messages()
        daphne_limits.part_from_flooders()
        uvicorn_limits.bound_frames()
        runserver.Command.server_cls = partial(
            Server,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            websocket_max_message_size=MESSAGE_MAX,
        )
        after_commit.subscribe(delivery.deliver)
        post_save.connect(service.keep_name, sender=get_user_model(), dispatch_uid="keep_name")
