"""The mail with which a forgotten password is replaced."""

import logging
from threading import Thread
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.core.mail import send_mail
from django.db import DatabaseError, InterfaceError, connection
from django.template.loader import render_to_string
from django.utils import translation

logger = logging.getLogger(__name__)

CONSOLE = "django.core.mail.backends.console.EmailBackend"


def is_mail_sent() -> bool:
    """Whether mail leaves this site. Printed, a link that opens an account would stand in the log: that is
    for development alone."""
    return settings.DEBUG or settings.EMAIL_BACKEND != CONSOLE


class ResetForm(PasswordResetForm):
    def mail_links(self, host: str, *, is_secure: bool) -> None:
        """Write to every account with this address, later and on a thread of its own: neither the answer nor
        the time that it takes tells whether there is one."""
        arguments = {
            "domain_override": host,
            "use_https": is_secure,
            "subject_template_name": "registration/reset_subject.txt",
            "email_template_name": "registration/reset_mail.txt",
        }
        # A daemon: a mail server that hangs does not hold up the exit.
        Thread(target=self._mail, args=(translation.get_language(), arguments), daemon=True).start()

    def _mail(self, language: str, arguments: dict[str, Any]) -> None:
        try:
            with translation.override(language):
                self.save(**arguments)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("A mail was not written: %s", str(error).strip())
        finally:
            connection.close()

    def send_mail(
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,
    ) -> None:
        """A mail server that is away is one line in the log."""
        subject = render_to_string(subject_template_name, context).strip()
        body = render_to_string(email_template_name, context)
        try:
            send_mail(subject, body, from_email, [to_email])
        except OSError as error:  # SMTP's errors are among them
            logger.warning("A mail was not sent: %s", error)
