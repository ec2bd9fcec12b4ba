"""The ASGI application: `daphne mysite.asgi:application`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")

import django

django.setup(set_prefix=False)  # before any import that touches models

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from chat.guard import Guard
from chat.page_threads import PageHandler
from chat.routing import websocket_urlpatterns

application = Guard(
    ProtocolTypeRouter(
        {
            "http": PageHandler(),
            "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
        }
    )
)
