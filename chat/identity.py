"""Who is there: a guest known by a signed cookie, or an account known by its session."""

from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core import signing
from django.http import HttpResponse

from .drafts import Identity
from .limits import NAME_MAX
from .models.participant import generated_name, new_key

COOKIE: Final = "guest"
COOKIE_AGE: Final = 365 * 24 * 3600  # seconds
_signer = signing.get_cookie_signer(salt="lobby.guest")


def identity_of(user: AbstractUser | AnonymousUser, cookies: Mapping[str, str]) -> Identity:
    """The account, else the cookie's guest, else a guest who is new. Asks no database."""
    if isinstance(user, AbstractUser):
        name = (user.get_full_name() or user.get_username())[:NAME_MAX]
        return Identity(f"account-{user.pk}", name, user.pk)
    key = guest_key(cookies) or new_key()
    return Identity(key, generated_name(key))


def guest_key(cookies: Mapping[str, str]) -> str | None:
    """The guest's id in a cookie that we signed; None without one, or with a forged one."""
    try:
        return _signer.unsign(cookies[COOKIE])
    except (KeyError, signing.BadSignature):
        return None


def remember_guest(response: HttpResponse, key: str) -> None:
    response.set_cookie(
        COOKIE,
        _signer.sign(key),
        max_age=COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.HTTPS,
    )
