"""Whose socket it is: the user of its session."""

from typing import Any


def apply() -> None:
    """`AuthMiddlewareStack` takes a thread for every socket; one without a session's cookie needs none."""
    import channels.auth
    from django.conf import settings
    from django.contrib.auth.models import AnonymousUser

    user_of_session = channels.auth.get_user

    async def get_user(scope: dict[str, Any]) -> Any:
        has_session = scope["cookies"].get(settings.SESSION_COOKIE_NAME)
        return await user_of_session(scope) if has_session else AnonymousUser()

    channels.auth.get_user = get_user
