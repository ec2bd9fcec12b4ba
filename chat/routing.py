"""WebSocket paths."""

from django.urls import re_path

from .consumers import ChatConsumer
from .index_consumer import IndexConsumer
from .server.guard import no_such_place

websocket_urlpatterns = [
    re_path(r"^ws/chat/\Z", IndexConsumer.as_asgi()),
    re_path(r"^ws/chat/(?P<room_name>(?s:.+))/\Z", ChatConsumer.as_asgi()),
    re_path(r"", no_such_place),  # type: ignore[arg-type]  # URLRouter raises for a path that it does not know
]
