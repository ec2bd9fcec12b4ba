"""The channel layer on Redis: channels_redis's pub/sub layer over one connection of our own a process.

Its own connections poll ten times a second and take several tasks and timers for each message that is
published or heard. Here a publish is one write, and what is heard goes from the socket to who listens.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, Final

import hiredis
from channels_redis.pubsub import RedisPubSubChannelLayer, RedisSingleShardConnection
from channels_redis.utils import create_pool
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from ..infra.logging import redis_outage

REPLY_TIMEOUT: Final = 7.0  # seconds Redis has to answer; looked at with each ping
PING_INTERVAL: Final = 5.0  # seconds
RETRY_PAUSE: Final = 1.0  # seconds

_pack: Final[Callable[[Any], bytes]] = hiredis.pack_command

Done = Callable[[Any], None]
"""Gets Redis's reply, or the error."""


class RedisChannelLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    def _get_layer(self) -> Any:
        is_new = asyncio.get_running_loop() not in self._layers
        layer = super()._get_layer()
        if is_new:
            layer._shards = [RedisConnection(shard.host, layer) for shard in layer._shards]
        return layer

    def publish(self, messages: Sequence[tuple[str, dict[str, Any]]], done: Done) -> None:
        """Send messages to groups, all in one write; `done` gets the reply to the last one."""
        layer = self._get_layer()
        layer._get_shard(messages[0][0]).write(
            [
                ("PUBLISH", layer._get_group_channel_name(group), self.serialize(message))
                for group, message in messages
            ],
            done,
        )

    def listen(self, channel: str, on_message: Callable[[bytes], None], own: dict[str, Any]) -> None:
        """Give `on_message` each message of the channel, serialized, as soon as it is read: none waits in a
        queue for `receive`. Messages whose first items are `own` are dropped undecoded. It must not raise."""
        layer = self._get_layer()
        layer.channels[channel] = SimpleNamespace(put_nowait=on_message)
        for connection in layer._shards:
            connection.ignored = self.serialize(own)[1:]


class RedisConnection(RedisSingleShardConnection, asyncio.Protocol):  # type: ignore[misc]
    """Publishes and subscribes on one connection (RESP3), so that a reply to a publish also tells that the
    subscriptions are alive. It is made anew when it is lost, or when Redis has not answered for 7 to 12 s."""

    def __init__(self, host: dict[str, Any], layer: Any) -> None:
        super().__init__(host, layer)
        self._pool = create_pool({**host, "protocol": 3})
        self.ignored = b""
        self._client: Any = None  # redis-py's connection, which has opened and authenticated ours
        self._transport: asyncio.Transport | None = None
        self._awaited: deque[tuple[float, Done]] = deque()
        self._reconnecting: asyncio.Task[None] | None = None
        self._ping_timer: asyncio.TimerHandle | None = None

    async def publish(self, channel: str, message: bytes) -> None:
        await self._ask("PUBLISH", channel, message)

    async def subscribe(self, channel: str) -> None:
        """Returns once Redis has confirmed it: from then on nothing that is published there is missed."""
        if channel not in self._subscribed_to:
            await self._ask("SUBSCRIBE", channel)
            self._subscribed_to.add(channel)

    async def unsubscribe(self, channel: str) -> None:
        if channel in self._subscribed_to:
            await self._ask("UNSUBSCRIBE", channel)
            self._subscribed_to.discard(channel)

    async def flush(self) -> None:
        self._subscribed_to.clear()
        self._drop()
        if self._reconnecting:
            self._reconnecting.cancel()
        await asyncio.sleep(0)  # the task and the transport end

    def write(self, commands: Sequence[tuple[str | bytes, ...]], done: Done) -> None:
        """Send commands; `done` gets the reply to the last one, at once if there is no connection."""
        if self._transport is None:
            done(RedisConnectionError("There is no connection to Redis"))
            return
        now = time.monotonic()
        self._awaited.extend((now, _ignore) for _ in commands[1:])
        self._awaited.append((now, done))
        self._transport.write(b"".join(map(_pack, commands)))

    async def _ask(self, *command: str | bytes) -> None:
        await self._connect()
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def answer(reply: Any) -> None:
            if answered.done():
                return
            if isinstance(reply, Exception):
                answered.set_exception(reply)
            else:
                answered.set_result(reply)

        self.write([command], answer)
        await answered

    # --- Opening and losing the connection ---

    async def _connect(self) -> None:
        """Open the connection, unless it is open. Raises redis-py's errors."""
        async with self._lock:
            if self._transport is None:
                self._client = self._pool.make_connection()
                try:
                    await self._client.connect()
                except BaseException:
                    await self._client.disconnect(nowait=True)
                    raise
                self._open(self._client._writer.transport)

    def _open(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._parser = hiredis.Reader()
        transport.set_protocol(self)
        if self._subscribed_to:
            self.write([("SUBSCRIBE", channel) for channel in self._subscribed_to], _ignore)
        self._ping_timer = asyncio.get_running_loop().call_later(PING_INTERVAL, self._ping)

    def _ping(self) -> None:
        if self._awaited and time.monotonic() - self._awaited[0][0] > REPLY_TIMEOUT:
            redis_outage.warning("Redis does not answer: the connection is made anew")
            self._drop()
            return
        self.write([("PING",)], _ignore)
        self._ping_timer = asyncio.get_running_loop().call_later(PING_INTERVAL, self._ping)

    def connection_lost(self, error: Exception | None) -> None:
        self._drop()

    def _drop(self) -> None:
        """Forget the connection; who waits for a reply is told. It is made anew for the subscriptions."""
        if self._transport is None:
            return
        self._transport.set_protocol(asyncio.Protocol())
        self._transport.abort()
        self._client._close()
        self._transport = None
        if self._ping_timer:
            self._ping_timer.cancel()
        awaited, self._awaited = self._awaited, deque()
        for _since, done in awaited:
            done(RedisConnectionError("The connection to Redis was lost"))
        if self._subscribed_to:
            self._reconnecting = asyncio.ensure_future(self._reconnect())

    async def _reconnect(self) -> None:
        while True:
            try:
                await self._connect()
                return
            except (RedisError, OSError) as error:
                redis_outage.warning("Redis is away: %s", type(error).__name__)
            await asyncio.sleep(RETRY_PAUSE)

    # --- What Redis sends ---

    def data_received(self, data: bytes) -> None:
        self._parser.feed(data)
        while (reply := self._parser.gets()) is not False:
            if not isinstance(reply, hiredis.PushNotification):
                self._on_reply(reply)
            elif reply[0] == b"message":
                if not (self.ignored and reply[2].startswith(self.ignored, 1)):
                    self._receive_message({"channel": reply[1], "data": reply[2]})
            elif reply[0] in (b"subscribe", b"unsubscribe"):
                self._on_reply(reply)

    def _on_reply(self, reply: Any) -> None:
        _since, done = self._awaited.popleft()
        done(reply)


def _ignore(_reply: Any) -> None:
    pass
