"""What the socket of a room and that of the list of rooms have in common: admission and replies."""

import asyncio
import logging
from contextlib import suppress
from typing import Any, Final

from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import HASH_SESSION_KEY
from django.db import DatabaseError, InterfaceError

from .. import protocol
from ..access.client_address import address_of
from ..access.identity import Identity, identity_of
from ..access.rate_limits import Kind, rates, socket_limiter
from ..access.token_buckets import REFUSALS, Bucket
from ..journal.types import Refused
from ..protocol import CloseCode
from ..protocol.errors import text_of
from ..protocol.text import Text
from ..realtime.subscriber import Subscriber
from ..realtime.transports import Send
from ..text.translation import language_of, translated
from .guard import RAW_SEND, SERVE
from .runtime import Runtime, current_runtime

logger = logging.getLogger(__name__)

ANSWER_TIMEOUT: Final = 10.0  # seconds a read waits for the database
BUSY_PAUSE: Final = 1.0  # seconds after which a client may try again


class SocketConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Admits a socket while the limits allow it, and answers in its dialect.

    It has a receive loop of its own: Channels' loop hops to a thread before every event and gives each socket
    a channel on the layer, which the feeds make needless.
    """

    runtime: Runtime
    subscriber: Subscriber
    who: Identity
    session: tuple[str, str] | None = None
    is_paused = False

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        """Keep what is needed of the scope and return: the Guard goes on with `serve` once the middleware is
        done. An open socket would otherwise hold the middleware, its scopes, the session and the user."""
        self.scope = scope
        self.base_send = scope[RAW_SEND]
        self.plain = protocol.SUBPROTOCOL not in scope["subprotocols"]
        self.address = address_of(scope)
        accepted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        self.language = language_of(scope["cookies"], accepted)
        self.has_place = self.parse_path()
        self.identify()
        del self.scope
        scope[SERVE].append(self.serve)

    async def serve(self, receive: Any) -> None:
        """Admit the socket, or close it with the reason, and serve it until it closes."""
        await receive()  # websocket.connect
        if not self.has_place:
            await self._reject(CloseCode.NO_SUCH_PLACE)
            return
        self.runtime = current_runtime()
        if self.runtime.draining:
            await self._reject(CloseCode.RESTART)
        elif rates.take(Kind.CONNECT, self.address) or not socket_limiter.enter(self.address):
            await self._reject(CloseCode.FLOODING)
        else:
            try:
                self.refusals = Bucket(REFUSALS)
                self.subscriber = Subscriber(self.base_send, plain=self.plain)
                with self.runtime.counted_connection():
                    await self.run(receive)
            finally:
                socket_limiter.leave(self.address)

    def parse_path(self) -> bool:
        """Read what the path names; False if it names no place."""
        return True

    async def run(self, receive: Any) -> None:
        """Serve the socket until it closes. It is admitted, but not accepted yet."""
        raise NotImplementedError

    def identify(self) -> None:
        """Take the identity from the session or the cookie."""
        self.who = identity_of(self.scope["user"], self.scope["cookies"])
        if self.who.user_id:
            session = self.scope["session"]
            self.session = session.session_key, session.get(HASH_SESSION_KEY, "")

    def close_with(self, code: CloseCode) -> None:
        self.subscriber.close(code)

    async def accept_dialect(self) -> None:
        await self.accept(None if self.plain else protocol.SUBPROTOCOL)

    async def listen(self, receive: Any) -> None:
        while (message := await receive())["type"] == "websocket.receive":
            await self.receive(message.get("text"))

    async def _reject(self, code: CloseCode) -> None:
        """Accept, then close: a refused handshake cannot carry a close code, and a browser reads it only if
        its dialect was accepted."""
        await self.accept_dialect()
        try:
            await self.close(int(code))
        except Exception as error:  # uvicorn has answered by itself once it shuts down, and takes no close
            logger.debug("A socket had been closed by the server: %r", error)

    def parse(self, text: str | None) -> protocol.Command | protocol.Say:
        """The command of a frame, in the socket's dialect. Raises ProtocolError."""
        return protocol.parse_plain(text) if self.plain else protocol.parse(text)

    # --- Replies ---

    def reply(self, event: protocol.Event) -> None:
        self.subscriber.reply(protocol.encode(event))

    async def answer(self, read: Any) -> None:
        """Reply with the frame that `read` gives, or why there is none."""
        with suppress(DatabaseError, InterfaceError, TimeoutError):
            async with asyncio.timeout(ANSWER_TIMEOUT):
                answer = await read
            if not self.is_paused:
                if isinstance(answer, Refused):
                    self.refuse(answer.code, answer.text, retry_after=answer.retry_after)
                else:
                    self.subscriber.reply(answer)
                return
        self.refuse("unavailable", retry_after=BUSY_PAUSE)

    def refuse(
        self,
        code: str,
        text: Text | None = None,
        client_id: Any = None,
        retry_after: float | None = None,
    ) -> None:
        text = text or text_of(code)
        reason = translated(text, self.language)
        if self.plain:
            self.subscriber.reply(protocol.encode(protocol.Refusal(code, reason)))
        else:
            self.reply(protocol.Error(code, reason, client_id, retry_after, text.parameters.get("files", [])))

    def ask_to_wait(self, seconds: float, client_id: Any = None) -> None:
        """Answer `too_fast` with the seconds to wait; a client that goes on all the same is closed (4429)."""
        if not self.refusals.take():
            self.subscriber.close(CloseCode.FLOODING)
        else:
            self.refuse("too_fast", client_id=client_id, retry_after=seconds)
