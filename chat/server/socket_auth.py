"""Whose socket it is: the user of its session."""

from typing import Any

from channels.auth import AuthMiddleware
from channels.sessions import CookieMiddleware, SessionMiddleware
from django.conf import settings
from django.contrib.auth.models import AnonymousUser


class SocketAuthMiddleware(AuthMiddleware):  # type: ignore[misc]
    """Channels' own takes a thread for every socket; one without a session's cookie needs none."""

    async def resolve_scope(self, scope: dict[str, Any]) -> None:
        if scope["cookies"].get(settings.SESSION_COOKIE_NAME):
            await super().resolve_scope(scope)
        else:
            scope["user"]._wrapped = AnonymousUser()


def with_user(application: Any) -> Any:
    """As `AuthMiddlewareStack`: cookies, session and user are in the scope."""
    return CookieMiddleware(SessionMiddleware(SocketAuthMiddleware(application)))
