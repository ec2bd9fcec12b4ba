"""The mail that a site sends: it is started with `EMAIL_URL="filemail:///letters"`."""

import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from .servers import Site


class Letters:
    """What a site has sent, into files of its directory."""

    def __init__(self, site: Site) -> None:
        self._directory = Path(site.directory) / "letters"

    def all(self) -> list[EmailMessage]:
        files = sorted(self._directory.glob("*")) if self._directory.exists() else []
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    def wait_for_one(self) -> str:
        deadline = time.monotonic() + 10
        while not self.all():
            assert time.monotonic() < deadline, "no mail came"
            time.sleep(0.05)
        text: str = self.all()[-1].get_content()
        return text
