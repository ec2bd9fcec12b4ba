"""The mail that a site sends: it is started with `EMAIL_URL="filemail:///mail"`."""

import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from .servers import Site
from .sockets import PATIENCE

END = b"-" * 79 + b"\n"  # what Django's file backend writes last


class SentMail:
    """What a site has sent, in files of its directory. An unfinished message does not count."""

    def __init__(self, site: Site) -> None:
        self._directory = Path(site.directory) / "mail"

    def all(self) -> list[EmailMessage]:
        files = sorted(self._directory.glob("*"), key=lambda file: file.stat().st_mtime_ns)
        # Two of one second may share a file.
        texts = [text for file in files for text in file.read_bytes().split(END)[:-1]]
        return [message_from_bytes(text, policy=policy.default) for text in texts]

    def addresses(self) -> list[str]:
        """The recipients, in the order of sending."""
        return [message["To"] for message in self.all()]

    def wait_for(self, count: int) -> str:
        """Wait until `count` messages are there; the text of the newest."""
        deadline = time.monotonic() + PATIENCE
        while len(self.all()) < count:
            assert time.monotonic() < deadline, "no mail came"
            time.sleep(0.05)
        text: str = self.all()[-1].get_content()
        return text
