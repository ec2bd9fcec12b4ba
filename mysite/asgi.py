"""The ASGI application: `daphne mysite.asgi:application`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")

import django

django.setup(set_prefix=False)  # before any import that touches models

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from chat.routing import websocket_urlpatterns
from chat.server.guard import Guard
from chat.server.page_threads import PageHandler

application = Guard(
    ProtocolTypeRouter(
        {
            "http": PageHandler(),
            "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
        }
    )
)
