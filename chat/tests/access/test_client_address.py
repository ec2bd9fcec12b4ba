"""The address of a visitor: what our own proxies say, and nobody else."""

from typing import Any

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from chat.access.client_address import address_of, address_of_request, network_of
from chat.checks import proxies_are_trusted

PEER = "203.0.113.9"


def scope(*forwarded: str, peer: str | None = PEER) -> dict[str, Any]:
    headers = [(b"host", b"localhost"), *((b"x-forwarded-for", line.encode()) for line in forwarded)]
    return {"client": [peer, 4711] if peer else None, "headers": headers}


@pytest.fixture
def hops(settings: Settings, request: pytest.FixtureRequest) -> int:
    settings.TRUSTED_PROXIES = request.param
    return int(request.param)


@pytest.mark.parametrize("hops", [0], indirect=True)
@pytest.mark.parametrize("forged", ["192.0.2.1", "192.0.2.1, 192.0.2.2", "127.0.0.1", "", "unknown"])
def test_without_proxies_the_header_is_not_read(hops: int, forged: str) -> None:
    assert address_of(scope(forged)) == PEER


@pytest.mark.parametrize(
    ("hops", "lines", "expected"),
    [
        (1, ["192.0.2.1"], "192.0.2.1"),
        (1, ["10.0.0.1, 192.0.2.1"], "192.0.2.1"),
        (1, ["127.0.0.1", "192.0.2.1"], "192.0.2.1"),
        (1, ["127.0.0.1, ::1", "10.0.0.1,192.0.2.1"], "192.0.2.1"),
        (2, ["192.0.2.1, 10.0.0.1"], "192.0.2.1"),
        (2, ["192.0.2.1", "10.0.0.1"], "192.0.2.1"),
        (2, ["8.8.8.8, 192.0.2.1, 10.0.0.1"], "192.0.2.1"),
        (2, ["192.0.2.1"], "192.0.2.1"),
        (3, ["8.8.8.8,192.0.2.1 , 10.0.0.2,10.0.0.1"], "192.0.2.1"),
    ],
    indirect=["hops"],
)
def test_the_entry_of_the_outermost_proxy_counts_whatever_is_left_of_it(
    hops: int, lines: list[str], expected: str
) -> None:
    assert address_of(scope(*lines)) == expected


@pytest.mark.parametrize(
    ("hops", "line", "expected"),
    [
        (1, "unknown", PEER),
        (1, "", PEER),
        (1, ",,,", PEER),
        (1, "192.0.2.1, nonsense", PEER),
        (1, "192.0.2.1, 999.1.1.1", PEER),
        (1, "192.0.2.1\n10.0.0.1", PEER),
        (2, "8.8.8.8, unknown, 10.0.0.1", "10.0.0.1"),
        (2, "8.8.8.8, unknown, _hidden", PEER),
        (1, "9" * 100_000, PEER),
    ],
    indirect=["hops"],
)
def test_an_entry_that_is_no_address_is_skipped_for_the_next(hops: int, line: str, expected: str) -> None:
    assert address_of(scope(line)) == expected


@pytest.mark.parametrize(
    ("hops", "entry", "expected"),
    [
        (1, "192.0.2.1:4711", "192.0.2.1"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, '"[2001:db8::1]:4711"', "2001:db8::1"),
        (1, "2001:DB8:0:0::1", "2001:db8::1"),
        (1, "::ffff:192.0.2.1", "192.0.2.1"),
        (1, "fe80::1%eth0", "fe80::1"),
    ],
    indirect=["hops"],
)
def test_ports_brackets_and_spellings_do_not_make_another_address(
    hops: int, entry: str, expected: str
) -> None:
    assert address_of(scope(entry)) == expected


@pytest.mark.parametrize("hops", [1], indirect=True)
def test_behind_a_unix_socket_the_header_is_enough(hops: int) -> None:
    assert address_of(scope("192.0.2.1", peer=None)) == "192.0.2.1"
    assert address_of(scope(peer=None)) == ""


@pytest.mark.parametrize("hops", [0], indirect=True)
def test_a_peer_is_written_in_one_way(hops: int) -> None:
    assert address_of(scope(peer="::ffff:192.0.2.1")) == "192.0.2.1"
    assert address_of(scope(peer="/run/lobby.sock")) == ""


@pytest.mark.parametrize(
    ("hops", "expected"), [(0, PEER), (1, "192.0.2.1"), (2, "10.0.0.1")], indirect=["hops"]
)
def test_a_page_s_request_has_the_address_that_a_socket_has(hops: int, expected: str) -> None:
    line = "8.8.8.8, 10.0.0.1, 192.0.2.1"
    request = RequestFactory().get("/", REMOTE_ADDR=PEER, HTTP_X_FORWARDED_FOR=line)
    assert address_of_request(request) == expected == address_of(scope(line))


@pytest.mark.parametrize(("https", "hops", "found"), [(True, 0, 1), (True, 1, 0), (False, 0, 0)])
def test_a_proxy_that_is_not_counted_is_reported_by_check_deploy(
    settings: Settings, https: bool, hops: int, found: int
) -> None:
    settings.HTTPS, settings.TRUSTED_PROXIES = https, hops
    assert len(proxies_are_trusted(None)) == found


def test_a_network_is_an_ipv4_address_or_a_64() -> None:
    assert network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2::") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::") == "2001:db8:1:3::/64"
    assert network_of("") == ""
