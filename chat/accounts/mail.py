"""Mail about accounts: to confirm an address, replace a forgotten password, and report a changed address.

Mail is sent by one thread, 0.5 s after the response it belongs to, so that the time of the response does not
show whether an address is known. A mailbox gets at most three mails an hour.
"""

import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from threading import BoundedSemaphore
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.core import signing
from django.core.mail import send_mail
from django.db import connection
from django.db.models import F
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation

from ..access.token_buckets import AttemptLimiter, Limit
from ..database.threads import DatabaseThreads
from ..infra.background import surviving
from ..models import Participant

logger = logging.getLogger(__name__)

CONSOLE: Final = "django.core.mail.backends.console.EmailBackend"
DELAY: Final = 0.5  # seconds: the response has been sent by then
QUEUE_MAX: Final = 200  # mails
PER_ADDRESS: Final = Limit(3, 3600)
PER_ACCOUNT: Final = Limit(5, 3600)
LINK_AGE_MAX: Final = 3 * 24 * 3600  # seconds, as Django's password reset links
SALT: Final = "lobby.email"

_thread = DatabaseThreads(1, "mail")
_places = BoundedSemaphore(QUEUE_MAX)
_addresses, _accounts = AttemptLimiter(PER_ADDRESS), AttemptLimiter(PER_ACCOUNT)


class Origin(NamedTuple):
    protocol: str
    domain: str


def is_mail_sent() -> bool:
    """Not by the console backend, but in development: it prints links that open accounts."""
    return settings.DEBUG or settings.EMAIL_BACKEND != CONSOLE


def origin_of(request: HttpRequest) -> Origin:
    """Where the site is. The client chooses `Host`: Django has checked its name against ALLOWED_HOSTS; its
    port is left out unless this process listens on it or CSRF_TRUSTED_ORIGINS has it."""
    protocol, host = "https" if request.is_secure() else "http", request.get_host()
    name, colon, port = host.rpartition(":")
    has_port = bool(colon) and port.isdecimal()
    ours = {urlsplit(origin).netloc for origin in settings.CSRF_TRUSTED_ORIGINS}
    if has_port and port != request.META.get("SERVER_PORT") and host not in ours:
        host = name
    return Origin(protocol, host)


# --- Confirming an address ---


def is_confirmed(user: User) -> bool:
    """Whether somebody has followed a link that was mailed to the account's present address."""
    return bool(user.email) and Participant.objects.filter(user=user, verified_email=user.email).exists()


def ask_to_confirm(user: User, origin: Origin) -> None:
    """Mail a link to the account's address, if it has one that is not confirmed."""
    if user.email and is_mail_sent() and not is_confirmed(user):
        link = signing.dumps([user.pk, user.email], salt=SALT)
        _enqueue(partial(_send, user, user.email, "confirm", {**origin._asdict(), "link": link}))


def confirm(link: str) -> bool:
    """Confirm the address. False if the link is forged or older than three days, or if the account has
    another address now."""
    try:
        pk, email = signing.loads(link, salt=SALT, max_age=LINK_AGE_MAX)
    except signing.BadSignature:
        return False
    return bool(Participant.objects.filter(user=pk, user__email=email).update(verified_email=email))


def report_change(user: User, before: str) -> None:
    """Mail the address that the account had before: perhaps somebody else has changed it."""
    if is_mail_sent():
        _enqueue(partial(_send, user, before, "changed", {}))


# --- A forgotten password ---


class ResetForm(PasswordResetForm):
    def mail_links(self, origin: Origin) -> None:
        """Mail a link for each account that has confirmed this address."""
        is_https = origin.protocol == "https"
        _enqueue(lambda: self.save(origin.domain, email_template_name="reset", use_https=is_https))

    def get_users(self, email: str) -> Iterable[User]:
        confirmed = User.objects.filter(email__iexact=email, participant__verified_email=F("email"))
        keys = set(confirmed.values_list("pk", flat=True))
        return [user for user in super().get_users(email) if user.pk in keys]

    def send_mail(self, *arguments: Any, **_options: Any) -> None:
        _subject, template, context, *_rest = arguments
        _send(context["user"], context["email"], template, context)


# --- The thread that sends ---


def _enqueue(send: Callable[[], None]) -> None:
    if _places.acquire(blocking=False):
        _thread.submit(_work, time.monotonic() + DELAY, translation.get_language(), send)
    else:
        logger.warning("A mail was not sent: too many are waiting")


def _work(due: float, language: str | None, send: Callable[[], None]) -> None:
    time.sleep(max(0.0, due - time.monotonic()))
    try:
        with surviving("A mail was not sent"), translation.override(language):
            send()
    finally:
        _places.release()
        connection.close()


def _send(user: User, address: str, template: str, context: dict[str, Any]) -> None:
    """A mail server that fails is one line in the log."""
    if not _may_send(user, address):
        logger.warning("A mail was not sent: too many to one address, or of one account")
        return
    context = {"user": user, **context}
    subject = render_to_string(f"registration/{template}_subject.txt", context).strip()
    body = render_to_string(f"registration/{template}_mail.txt", context)
    try:
        send_mail(subject, body, None, [address])
    except OSError as error:  # SMTP's errors are among them
        logger.warning("A mail was not sent: %s", error)


def _may_send(user: User, address: str) -> bool:
    """Counted in this process, by the thread that sends."""
    local, _at, domain = address.casefold().rpartition("@")
    mailbox = f"{local.partition('+')[0]}@{domain}"
    if _addresses.wait(mailbox) or _accounts.wait(str(user.pk)):
        return False
    _addresses.record(mailbox)
    _accounts.record(str(user.pk))
    return True
