"""Mail about accounts: an address is confirmed, a forgotten password replaced, a changed address told of.

Mail is written on a thread of its own, a moment after the answer that it belongs to: the answer's time tells
nobody whether there was something to write. Somebody's mailbox gets three an hour, whoever asks for them.
"""

import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from queue import Full, Queue
from threading import Lock, Thread
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.core import signing
from django.core.mail import send_mail
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import F
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation

from ..access.rate_limits import Buckets, Limit
from ..models import Participant

logger = logging.getLogger(__name__)

CONSOLE: Final = "django.core.mail.backends.console.EmailBackend"
PAUSE: Final = 0.5  # seconds before each mail: its answer is on the way by then
WAITING_MAX: Final = 200  # mails
TO_ONE_ADDRESS: Final = Limit(3, 3600)
OF_ONE_ACCOUNT: Final = Limit(5, 3600)
LINK_LASTS: Final = 3 * 24 * 3600  # seconds: as long as Django's links for a password
SALT: Final = "lobby.email"

_waiting: Queue[tuple[float, Callable[[], None]]] = Queue(WAITING_MAX)
_lock = Lock()
_addresses, _accounts = Buckets(TO_ONE_ADDRESS), Buckets(OF_ONE_ACCOUNT)
_threads: list[Thread] = []


class Origin(NamedTuple):
    """What the links in a mail begin with."""

    protocol: str
    domain: str


def is_mail_sent() -> bool:
    """Whether mail leaves this site. Printed, a link that opens an account would stand in the log: that is
    for development alone."""
    return settings.DEBUG or settings.EMAIL_BACKEND != CONSOLE


def origin_of(request: HttpRequest) -> Origin:
    """Where the site is. `Host` is a stranger's word: its name is one of ALLOWED_HOSTS, its port one on which
    this process listens, or of an origin in CSRF_TRUSTED_ORIGINS; any other port is left out."""
    protocol, host = "https" if request.is_secure() else "http", request.get_host()
    name, colon, port = host.rpartition(":")
    has_port = bool(colon) and port.isdecimal()
    ours = {urlsplit(origin).netloc for origin in settings.CSRF_TRUSTED_ORIGINS}
    if has_port and port != request.META.get("SERVER_PORT") and host not in ours:
        host = name
    return Origin(protocol, host)


# --- An address is somebody's who has followed a link that was mailed to it ---


def is_confirmed(user: User) -> bool:
    return bool(user.email) and Participant.objects.filter(user=user, verified_email=user.email).exists()


def ask_to_confirm(user: User, origin: Origin) -> None:
    """Mail a link to the account's address, if it has one that is not confirmed."""
    if user.email and is_mail_sent() and not is_confirmed(user):
        link = signing.dumps([user.pk, user.email], salt=SALT)
        _later(partial(_write, user, user.email, "confirm", {**origin._asdict(), "link": link}))


def confirm(link: str) -> bool:
    """Whether the link is whole, in time, and of an address that its account still has."""
    try:
        pk, email = signing.loads(link, salt=SALT, max_age=LINK_LASTS)
    except signing.BadSignature:
        return False
    return bool(Participant.objects.filter(user=pk, user__email=email).update(verified_email=email))


def tell_of_change(user: User, before: str) -> None:
    """To the address that an account had: perhaps somebody else has changed it."""
    if is_mail_sent():
        _later(partial(_write, user, before, "changed", {}))


# --- A forgotten password ---


class ResetForm(PasswordResetForm):
    def mail_links(self, origin: Origin) -> None:
        """Write to every account that has confirmed this address."""
        is_https = origin.protocol == "https"
        _later(lambda: self.save(origin.domain, email_template_name="reset", use_https=is_https))

    def get_users(self, email: str) -> Iterable[User]:
        confirmed = User.objects.filter(email__iexact=email, participant__verified_email=F("email"))
        keys = set(confirmed.values_list("pk", flat=True))
        return [user for user in super().get_users(email) if user.pk in keys]

    def send_mail(
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,
    ) -> None:
        _write(context["user"], to_email, email_template_name, context)


# --- One thread writes ---


def _later(write: Callable[[], None]) -> None:
    try:
        write = partial(_in_language, translation.get_language(), write)
        _waiting.put_nowait((time.monotonic() + PAUSE, write))
    except Full:
        logger.warning("A mail was not written: too many wait")
    with _lock:
        if not _threads:
            # A daemon: a mail server that hangs does not hold up the exit.
            _threads.append(Thread(target=_work, daemon=True))
            _threads[0].start()


def _work() -> None:
    while True:
        due, write = _waiting.get()
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            write()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("A mail was not written: %s", str(error).strip())
        except Exception:  # it must not end the others
            logger.exception("A mail was not written")
        finally:
            connection.close()


def _in_language(language: str | None, write: Callable[[], None]) -> None:
    with translation.override(language):
        write()


def _write(user: User, address: str, template: str, context: dict[str, Any]) -> None:
    """A mail server that is away is one line in the log."""
    if not _may_write(user, address):
        logger.warning("A mail was not written: too many to one address, or of one account")
        return
    context = {"user": user, **context}
    subject = render_to_string(f"registration/{template}_subject.txt", context).strip()
    body = render_to_string(f"registration/{template}_mail.txt", context)
    try:
        send_mail(subject, body, None, [address])
    except OSError as error:  # SMTP's errors are among them
        logger.warning("A mail was not sent: %s", error)


def _may_write(user: User, address: str) -> bool:
    """Counted in this process, by the thread that writes."""
    now, account = time.monotonic(), str(user.pk)
    local, _at, domain = address.casefold().rpartition("@")
    mailbox = f"{local.partition('+')[0]}@{domain}"
    if _addresses.wait(mailbox, now) > 0 or _accounts.wait(account, now) > 0:
        return False
    _addresses.take(mailbox, now)
    _accounts.take(account, now)
    return True
