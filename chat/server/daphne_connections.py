"""Limits how many connections daphne keeps, and for how long an unfinished request may hold one."""

import resource
from collections.abc import Sequence
from math import ceil
from typing import Any, Final

from django.conf import settings

from ..access.client_address import address_of
from ..access.connection_limiter import ConnectionLimiter

REQUEST_TIMEOUT: Final = 30.0  # seconds for a request with its body, and for the pause before the next one
CHECK_INTERVAL: Final = 2  # seconds between two looks at a connection, as in daphne
CHECKED_AT_ONCE: Final = 100  # connections: about 1 ms
SPARE_DESCRIPTORS: Final = 256  # for databases, Redis, files, and connections that are being refused


def apply() -> None:
    _limit_requests()
    _limit_connections()
    _check_timeouts_in_parts()


def _limit_requests() -> None:
    """A request that is not complete in time loses its connection. (Twisted's own timer starts anew with each
    byte.) So does a peer that sends requests without reading the answers, which would wait in memory."""
    from daphne.http_protocol import HTTPFactory
    from twisted.protocols.basic import LineReceiver
    from twisted.web.http import HTTPChannel

    build, request_done = HTTPFactory.buildProtocol, HTTPChannel.requestDone

    def build_with_deadline(factory: Any, address: Any) -> Any:
        protocol = build(factory, address)
        protocol.timeOut = REQUEST_TIMEOUT
        return protocol

    def take(channel: Any, data: bytes) -> None:
        if not (channel._buffer or channel.requests):
            channel.resetTimeout()
        LineReceiver.dataReceived(channel, data)  # type: ignore[no-untyped-call]

    def done(channel: Any, request: Any) -> None:
        if channel._waitingForTransport and channel._dataBuffer:
            channel.persistent = False
        request_done(channel, request)  # type: ignore[no-untyped-call]

    HTTPFactory.buildProtocol = build_with_deadline
    HTTPChannel.dataReceived = take  # type: ignore[method-assign]
    HTTPChannel.requestDone = done  # type: ignore[method-assign]


def _check_timeouts_in_parts() -> None:
    """daphne looks at all its connections in one go, and pings some: 10,000 would hold up the event loop for
    70 ms. Here each has its turn within the interval."""
    import daphne.server

    def check(server: Any, waiting: Sequence[Any] = (), pause: float = CHECK_INTERVAL) -> None:
        if not waiting:
            waiting = list(server.connections)
            pause = CHECK_INTERVAL / max(1, ceil(len(waiting) / CHECKED_AT_ONCE))
        for protocol in waiting[:CHECKED_AT_ONCE]:
            if protocol in server.connections:
                protocol.check_timeouts()
        daphne.server.reactor.callLater(pause, check, server, waiting[CHECKED_AT_ONCE:], pause)

    daphne.server.Server.timeout_checker = check


def _connections_max() -> int:
    """How many connections the process's file descriptors suffice for."""
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if descriptors == resource.RLIM_INFINITY:
        descriptors = 1_048_576
    return max(descriptors - SPARE_DESCRIPTORS, descriptors // 2)


def _connections_of_an_address() -> int:
    """0: no limit. Behind a proxy all connections come from one address."""
    if settings.TRUSTED_PROXIES or not settings.RATE_LIMITS:
        return 0
    share = _connections_max() * 2 // 3
    return min(share, 2 * settings.SOCKETS_PER_ADDRESS) if settings.SOCKETS_PER_ADDRESS else share


def _limit_connections() -> None:
    """A connection over the limit of the process or of its address is aborted at once."""
    from twisted.internet import tcp

    class CountedConnection(tcp.Server):
        of_addresses = ConnectionLimiter(_connections_of_an_address())
        most, count = _connections_max(), 0

        def __init__(self, sock: Any, protocol: Any, client: Any, *rest: Any) -> None:
            super().__init__(sock, protocol, client, *rest)
            cls = CountedConnection
            self.address = address_of({"client": client, "headers": []})
            self.is_counted = cls.count < cls.most and self.of_addresses.enter(self.address)
            if self.is_counted:
                cls.count += 1
            else:
                self.reactor.callLater(0, self.abortConnection)

        def connectionLost(self, reason: Any) -> None:  # noqa: N802
            if self.is_counted:
                self.is_counted = False
                CountedConnection.count -= 1
                self.of_addresses.leave(self.address)
            super().connectionLost(reason)

    tcp.Port.transport = CountedConnection  # type: ignore[assignment]
