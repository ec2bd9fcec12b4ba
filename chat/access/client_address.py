"""The address of a request or a socket: what the trusted proxies say, or the peer's.

Anybody can send `X-Forwarded-For`. Each proxy appends the address that it was reached from, so behind
`TRUSTED_PROXIES` proxies of ours the entry that many from the right was written by the outermost of them;
what is left of it may be forged. Without proxies the header is not read at all. The server must
not read it either (daphne's `--proxy-headers` believes the leftmost entry).
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

WITH_PORT: Final = re.compile(r"\[(?P<v6>[^\]]+)\](?::\d+)?|(?P<v4>[\d.]+):\d+")
V6_PREFIX: Final = 64  # bits: what one customer or server is given
V6_SITE: Final = 48  # bits: what one customer may be given
SITE_IS: Final = 16  # times what an address may, for such a site
V4_MAPPED: Final = 96  # bits before an IPv4 address in IPv6's notation


def address_of(scope: dict[str, Any]) -> str:
    """The address of an ASGI scope, without a port; empty when nobody knows it (a Unix socket)."""
    client = scope.get("client")
    lines = (value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for")
    return _address(client[0] if client else "", lines)


def address_of_request(request: HttpRequest) -> str:
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return _address(request.META.get("REMOTE_ADDR") or "", [forwarded])


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """What counts as one visitor: an IPv4 address, or the /64 of an IPv6 address. Empty for no address."""
    if ":" not in address:
        return address
    return str(ip_network((address, V6_PREFIX), strict=False))


@lru_cache(maxsize=16_384)
def network(text: str) -> IPv4Network | IPv6Network:
    """A network as somebody typed it. One of IPv4 addresses in IPv6's notation is an IPv4 network, as the
    addresses are that are compared with it. Raises ValueError."""
    found = ip_network(text, strict=False)
    mapped = found.network_address.ipv4_mapped if isinstance(found, IPv6Network) else None
    if mapped and found.prefixlen >= V4_MAPPED:
        return ip_network(f"{mapped}/{found.prefixlen - V4_MAPPED}", strict=False)
    return found


@lru_cache(maxsize=4096)
def site_of(address: str) -> str:
    """The /48 of an IPv6 address, which may hold 65,536 visitors who are one; empty for any other."""
    return str(ip_network((address, V6_SITE), strict=False)) if ":" in address else ""


def _address(peer: str, forwarded: Iterable[str]) -> str:
    hops = settings.TRUSTED_PROXIES
    if hops:
        entries = ",".join(forwarded).split(",")[-hops:]
        # An entry that is no address (`unknown`) is skipped for the next one on our side.
        for entry in entries:
            if address := _clean(entry):
                return address
    return _clean(peer)


def _clean(entry: str) -> str:
    """The address in its canonical spelling, else empty. An IPv4-mapped IPv6 address becomes IPv4."""
    entry = entry.strip().strip('"')
    if found := WITH_PORT.fullmatch(entry):
        entry = found["v6"] or found["v4"]
    try:
        address = ip_address(entry.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)
