"""The ASGI application: `daphne mysite.asgi:application`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")

import django

django.setup(set_prefix=False)  # before any import that touches models

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from chat.routing import websocket_urlpatterns
from chat.server.guard import Guard
from chat.server.page_threads import PageHandler
from chat.server.socket_auth import with_user

application = Guard(
    ProtocolTypeRouter(
        {
            "http": PageHandler(),
            "websocket": AllowedHostsOriginValidator(with_user(URLRouter(websocket_urlpatterns))),
        }
    )
)
