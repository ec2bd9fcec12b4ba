"""A mail server (SMTP, RFC 5321) that keeps what a site sends, in the order of sending."""

import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any, Self

from .sockets import PATIENCE

ANSWERS = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class MailServer(ThreadingTCPServer):
    """`with MailServer() as mail:` a site started with `EMAIL_URL=mail.url` sends to it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.messages: list[EmailMessage] = []
        self.url = f"smtp://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_exception: Any) -> None:
        self.shutdown()
        self.server_close()

    def addresses(self) -> list[str]:
        """The recipients, in the order of sending."""
        return [message["To"] for message in self.messages]

    def wait_for(self, count: int) -> str:
        """Wait until `count` messages are there; the text of the newest."""
        deadline = time.monotonic() + PATIENCE
        while len(self.messages) < count:
            assert time.monotonic() < deadline, "no mail came"
            time.sleep(0.05)
        text: str = self.messages[-1].get_content()
        return text


class _Session(StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 mail.test\r\n")
        while command := self.rfile.readline().strip().upper():
            self.wfile.write(ANSWERS.get(command, b"250 ok\r\n"))
            if command == b"DATA":
                lines = [line.removeprefix(b".") for line in iter(self.rfile.readline, b".\r\n")]
                self.server.messages.append(message_from_bytes(b"".join(lines), policy=policy.default))
                self.wfile.write(b"250 kept\r\n")
            elif command == b"QUIT":
                return
