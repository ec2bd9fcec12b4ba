"""Sets constants of modules in the processes of a site from the environment variable `CONSTANTS`, which
holds `chat.server.runtime.CHECK_INTERVAL=9` and the like, separated by spaces."""

import os
from importlib import import_module

from django.apps import AppConfig


class Constants(AppConfig):
    name = "chat.tests"
    label = "constants"

    def ready(self) -> None:
        for assignment in os.environ["CONSTANTS"].split():
            path, value = assignment.split("=")
            module_name, name = path.rsplit(".", 1)
            module = import_module(module_name)
            assert hasattr(module, name), f"{path} is no constant any more"
            setattr(module, name, float(value))
