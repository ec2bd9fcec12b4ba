"""What daphne and autobahn have no option for."""

import sys
from typing import Any, Final

LISTEN_BACKLOG: Final = (
    1024  # connections; Twisted's 50 make a thousand that come back at once wait for seconds
)


def spare_debug_texts() -> None:
    """autobahn renders the texts of its debug lines, in colour, whether anybody logs them or not: a quarter
    of what a new connection costs, and some of every frame."""
    import autobahn.twisted.websocket
    import autobahn.websocket.protocol

    for module in (autobahn.websocket.protocol, autobahn.twisted.websocket):
        for name in ("pformat", "hltype", "hlval"):
            if hasattr(module, name):
                setattr(module, name, _unrendered)


def _unrendered(value: Any, *_: Any, **__: Any) -> Any:
    return value


def ignore_root_path_header() -> None:
    """daphne takes its root path from a header that any stranger can send, and fails on one beyond ASCII."""
    from daphne.http_protocol import WebRequest

    process = WebRequest.process

    def process_without_it(request: Any) -> Any:
        request.requestHeaders.removeHeader(b"daphne-root-path")
        return process(request)

    WebRequest.process = process_without_it


def ignore_unreadable_subprotocols() -> None:
    """Subprotocols are named in ASCII; daphne fails over others, with a traceback."""
    from daphne.ws_protocol import WebSocketProtocol

    connect = WebSocketProtocol.onConnect

    def connect_readably(self: Any, request: Any) -> Any:
        if not request.headers.get("sec-websocket-protocol", "").isascii():
            del request.headers["sec-websocket-protocol"]
        return connect(self, request)

    WebSocketProtocol.onConnect = connect_readably


def escape_access_lines() -> None:
    """daphne writes a request's line into its access log as it came."""
    from daphne.access import AccessLogGenerator

    from ..infra.logging import escaped

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
