"""System checks of `manage.py check --deploy`: settings that are unsafe or likely to be a mistake."""

from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security, deploy=True)
def hosts_are_listed(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """With `*` any page of the web could open sockets with the cookies of its visitors.

    A socket's Origin is compared by its host alone, not by port and scheme: documented clients send any
    origin of an allowed host, a proxy may change the port, and a browser sends a host's cookies to all its
    ports anyway.
    """
    hint = "Name the site's own hosts."
    error = checks.Error("ALLOWED_HOSTS names every host.", hint, id="lobby.E001")
    return [error] if "*" in settings.ALLOWED_HOSTS else []


@checks.register(checks.Tags.security, deploy=True)
def redis_is_set(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    message = "REDIS_URL is not set: with more than one process a message takes up to 2 s to the others."
    hint = "Set REDIS_URL, or silence this where there is one process."
    return [] if settings.REDIS_URL else [checks.Warning(message, hint, id="lobby.W001")]


@checks.register(checks.Tags.security, deploy=True)
def proxies_are_trusted(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """HTTPS is on only behind a proxy; unless it is trusted, all visitors share the limits of one address."""
    message = "HTTPS is on and TRUSTED_PROXIES is 0: everybody counts as one address, the proxy's."
    hint = "Set TRUSTED_PROXIES to the number of your proxies, or silence this if they are none."
    is_risky = settings.HTTPS and not settings.TRUSTED_PROXIES
    return [checks.Warning(message, hint, id="lobby.W002")] if is_risky else []
