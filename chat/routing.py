"""WebSocket paths."""

from django.urls import re_path

from .consumers import ChatConsumer, IndexConsumer
from .server.guard import unknown_path

websocket_urlpatterns = [
    re_path(r"^ws/chat/\Z", IndexConsumer.as_asgi()),
    re_path(r"^ws/chat/(?P<room_name>(?s:.+))/\Z", ChatConsumer.as_asgi()),
    re_path(r"", unknown_path),  # type: ignore[arg-type]  # URLRouter raises for a path that it does not know
]
