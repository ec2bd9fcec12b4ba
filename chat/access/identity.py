"""Who makes a request: a guest known by a signed cookie, or an account known by its session."""

from collections.abc import Mapping
from typing import Final

import msgspec
from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from .. import protocol
from ..models import Participant
from ..protocol.ids import new_key
from ..protocol.limits import NAME_MAX
from ..text.cleaning import clean_participant_name
from ..text.guest_names import generated_name

OLD_COOKIE: Final = "guest"
COOKIE: Final = settings.COOKIE_PREFIX + OLD_COOKIE
"""Under HTTPS no other host of the domain, and nobody in between, can set a cookie of this name."""
COOKIE_AGE: Final = 365 * 24 * 3600  # seconds
_signer = signing.get_cookie_signer(salt="lobby.guest")


class Identity(msgspec.Struct, frozen=True):
    """A participant. `name` is the one that a participant without a row yet will get."""

    key: str
    name: str
    user_id: int | None = None

    @property
    def author(self) -> protocol.Author:
        return protocol.Author(self.key, self.name, self.user_id is not None)


def identity_of(user: AbstractUser | AnonymousUser, cookies: Mapping[str, str]) -> Identity:
    """The account, else the cookie's guest, else a guest who is new. Asks no database."""
    if isinstance(user, AbstractUser):
        return Identity(account_key(user.pk), account_name(user), user.pk)
    return guest(guest_key(cookies) or new_key())


def account_key(pk: int) -> str:
    """The public id of an account that was no guest before; like a guest's, nobody can guess it."""
    return salted_hmac("lobby.account", str(pk)).hexdigest()[:32]


def identify(request: HttpRequest) -> Identity:
    """Who asks for a page, under the name last chosen. The cookie of a guest who has become an account is no
    cookie any more: whoever has it is a guest who is new."""
    who = identity_of(request.user, request.COOKIES)
    row = Participant.objects.filter(Q(user=who.user_id) if who.user_id else Q(key=who.key)).first()
    if row is None:
        return who
    if row.user_id != who.user_id:
        return guest(new_key())
    return Identity(row.key, row.name, row.user_id)


def account_name(user: AbstractUser) -> str:
    """What an account is called before it has chosen: its full name or username, if that can be a name."""
    for wanted in (user.get_full_name(), user.get_username()):
        try:
            return clean_participant_name(wanted[:NAME_MAX])
        except ValidationError:
            continue
    return generated_name(str(user.pk))


def guest(key: str) -> Identity:
    """A guest as long as there is no row that says another name."""
    return Identity(key, generated_name(key))


def guest_key(cookies: Mapping[str, str]) -> str | None:
    """The guest's id in a cookie that we signed within a year; None without one, or with a forged one."""
    try:
        # Until November 2027: guests from before the new name have the old one, which is issued anew.
        return _signer.unsign(cookies.get(COOKIE) or cookies[OLD_COOKIE], max_age=COOKIE_AGE)
    except (KeyError, signing.BadSignature):
        return None


def guest_of_browser(request: HttpRequest) -> Participant | None:
    """The guest of this browser's cookie, if they are kept and have not become an account."""
    key = guest_key(request.COOKIES)
    return Participant.objects.filter(key=key, user=None).first() if key else None


def remember_guest(response: HttpResponse, key: str) -> None:
    response.set_cookie(
        COOKIE, _signer.sign(key), max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=settings.HTTPS
    )


def forget_guest(response: HttpResponse) -> None:
    for name in {COOKIE, OLD_COOKIE}:
        response.delete_cookie(name, samesite="Lax")
