"""Changes the behaviour of daphne and autobahn where they have no option for it."""

import sys
from functools import partial
from typing import Any, Final, NamedTuple

from ..infra.logging import escaped
from ..protocol.limits import MESSAGE_MAX
from ..realtime.transports import descriptor_of

PING_INTERVAL: Final = 25  # seconds
PING_TIMEOUT: Final = 15  # seconds; not shorter than the interval would orphan daphne's pings
LISTEN_BACKLOG: Final = 1024
"""Connections. With Twisted's 50, a thousand that reconnect at once wait for seconds."""


def apply() -> None:
    """All but the listen backlog, which needs ports that are open."""
    _set_development_server()
    _spare_debug_texts()
    _ignore_root_path_header()
    _ignore_unreadable_subprotocols()
    _escape_access_lines()
    _forget_handshakes()


def _forget_handshakes() -> None:
    """An open socket lets go of its handshake: the HTTP request with its channel, and the headers."""
    from daphne.ws_protocol import WebSocketProtocol

    on_open = WebSocketProtocol.onOpen

    def open_and_forget(socket: Any) -> None:
        on_open(socket)
        descriptor_of(socket.transport).unregisterProducer()  # the HTTP channel, which would pause nothing
        socket.request = Request(socket.request.path)
        socket.http_headers, socket.clean_headers = {}, []
        socket.http_request_data = socket.http_response_data = None

    WebSocketProtocol.onOpen = open_and_forget


class Request(NamedTuple):
    """What daphne's log lines name of a socket's request."""

    path: str


def _set_development_server() -> None:
    """The development server pings and limits messages as the documented start commands do."""
    from daphne.management.commands import runserver
    from daphne.server import Server

    runserver.Command.server_cls = partial(
        Server,
        ping_interval=PING_INTERVAL,
        ping_timeout=PING_TIMEOUT,
        websocket_max_message_size=MESSAGE_MAX,
    )


def _spare_debug_texts() -> None:
    """autobahn formats its debug lines, in colour, even when nothing logs them: a quarter of what a new
    connection costs, and a part of every frame."""
    import autobahn.twisted.websocket
    import autobahn.websocket.protocol

    for module in (autobahn.websocket.protocol, autobahn.twisted.websocket):
        for name in ("pformat", "hltype", "hlval"):
            if hasattr(module, name):
                setattr(module, name, _unformatted)


def _unformatted(value: Any, *_: Any, **__: Any) -> Any:
    return value


def _ignore_root_path_header() -> None:
    """daphne takes its root path from a header that any client can send, and fails where it is not ASCII."""
    from daphne.http_protocol import WebRequest

    process = WebRequest.process

    def process_without_it(request: Any) -> Any:
        request.requestHeaders.removeHeader(b"daphne-root-path")
        return process(request)

    WebRequest.process = process_without_it


def _ignore_unreadable_subprotocols() -> None:
    """daphne fails with a traceback on subprotocols that are not ASCII."""
    from daphne.ws_protocol import WebSocketProtocol

    connect = WebSocketProtocol.onConnect

    def connect_readably(self: Any, request: Any) -> Any:
        if not request.headers.get("sec-websocket-protocol", "").isascii():
            del request.headers["sec-websocket-protocol"]
        return connect(self, request)

    WebSocketProtocol.onConnect = connect_readably


def _escape_access_lines() -> None:
    """daphne writes the request line into its access log without escaping it."""
    from daphne.access import AccessLogGenerator

    write_entry = AccessLogGenerator.write_entry

    def write_escaped(log: Any, host: Any, date: Any, request: str, *rest: Any, **named: Any) -> None:
        write_entry(log, host, date, escaped(request).replace('"', "\\x22"), *rest, **named)

    AccessLogGenerator.write_entry = write_escaped


def widen_listen_backlog() -> None:
    """Listen again on the sockets that are open, with a longer queue. Does nothing under another server."""
    reactor = sys.modules.get("twisted.internet.reactor")
    if reactor is None or not reactor.running:
        return
    from twisted.internet.tcp import Port

    for port in reactor.getReaders():
        if isinstance(port, Port):
            port.socket.listen(LISTEN_BACKLOG)
