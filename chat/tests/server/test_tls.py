"""daphne's own TLS: nothing is written past it, and what it holds back is known."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..harness.clients import ChatClient
from ..harness.servers import Daphne, Site
from ..harness.slow import SlowChatClient
from ..harness.talk import never_left, together
from ..realtime.test_transports import talk


class TlsDaphne(Daphne):
    """Serves one port with a certificate of its own."""

    @property
    def certificate(self) -> Path:
        return self.directory / "certificate.pem"

    def command(self) -> list[str]:
        key = self.directory / "key.pem"
        what = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
        files = ["-keyout", str(key), "-out", str(self.certificate)]
        subprocess.run(["openssl", "req", "-x509", *what, *names, *files], check=True, capture_output=True)
        endpoint = f"ssl:{self.port}:interface=127.0.0.1:privateKey={key}:certKey={self.certificate}"
        plain = list(super().command())
        at = plain.index("-b")
        return [*plain[:at], "-e", endpoint, *plain[at + 4 :]]

    def ws_url(self, room: str) -> str:
        return super().ws_url(room).replace("ws://", "wss://")


@pytest.fixture
def server(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[TlsDaphne]:
    with TlsDaphne(site, {}) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        yield server


async def test_messages_pass_over_tls_and_a_slow_reader_catches_up(server: TlsDaphne, room: str) -> None:
    url = server.ws_url(room)
    alice, bob, slow = ChatClient(url), ChatClient(url), SlowChatClient(url)
    async with together(alice, bob, slow):
        await bob.post("hello")
        await alice.wait_until(lambda alice: alice.texts == ["hello"])
        slow.stop_reading()
        texts = ["hello", *await talk(alice, 80)]
        await bob.wait_until(lambda bob: bob.texts == texts)
        assert len(slow.texts) < 81
        slow.read_again()
        await slow.wait_until(lambda slow: slow.texts == texts)
        assert never_left(alice, bob, slow)
    server.assert_no_traceback()
