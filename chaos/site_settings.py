"""The site's own settings, with a layer and a clock that chaos can make wrong. For chaos' site processes."""

import os

from mysite.settings import *  # noqa: F403
from mysite.settings import CHANNEL_LAYERS, INSTALLED_APPS

if os.environ.get("CHAOS_LAYER_FILE"):
    layer = CHANNEL_LAYERS["default"]
    CHANNEL_LAYERS["default"] = {
        "BACKEND": "chaos.layer.UnreliableLayer",
        "CONFIG": {"backend": layer["BACKEND"], "config": layer.get("CONFIG", {})},
    }
if os.environ.get("CHAOS_CLOCK"):
    INSTALLED_APPS.append("chaos.clock.ClockConfig")
