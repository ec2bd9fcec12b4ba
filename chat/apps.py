from functools import partial

from django.apps import AppConfig

PING_INTERVAL = 25  # seconds
PING_TIMEOUT = 15  # seconds; not shorter than the interval would orphan daphne's pings


class ChatConfig(AppConfig):
    name = "chat"

    def ready(self) -> None:
        from daphne.management.commands import runserver
        from daphne.server import Server

        from . import checks, daphne_limits, daphne_tuning  # noqa: F401  registers them

        daphne_tuning.spare_debug_texts()
        daphne_tuning.ignore_root_path_header()
        daphne_tuning.escape_access_lines()
        daphne_limits.bound_bodies()
        runserver.Command.server_cls = partial(Server, ping_interval=PING_INTERVAL, ping_timeout=PING_TIMEOUT)
