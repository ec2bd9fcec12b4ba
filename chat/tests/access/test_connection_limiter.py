"""How many connections an address may have at the same time."""

from chat.access.client_address import SITE_IS
from chat.access.connection_limiter import ConnectionLimiter

OFFICE = "192.0.2.7"


def test_an_address_has_so_many_sockets_and_a_new_one_when_one_is_closed() -> None:
    limiter = ConnectionLimiter(2)
    assert limiter.enter(OFFICE)
    assert limiter.enter(OFFICE)
    assert not limiter.enter(OFFICE)
    assert limiter.enter("192.0.2.8")
    limiter.leave(OFFICE)
    assert limiter.enter(OFFICE)
    assert not limiter.enter(OFFICE)


def test_a_64_counts_as_one_address() -> None:
    limiter = ConnectionLimiter(1)
    assert limiter.enter("2001:db8::1")
    assert not limiter.enter("2001:db8::2")


def test_zero_connections_is_no_limit_and_leaving_is_no_error() -> None:
    limiter = ConnectionLimiter(0)
    assert all(limiter.enter(OFFICE) for _ in range(10_000))
    limiter.leave(OFFICE)
    assert ConnectionLimiter(1).enter("")


def test_a_customer_with_many_ipv6_networks_has_sixteen_times_as_many() -> None:
    of_one_customer = [f"2001:db8:7:{number:x}::1" for number in range(2 * SITE_IS)]
    limiter = ConnectionLimiter(2)
    inside = [address for address in of_one_customer * 2 if limiter.enter(address)]
    assert len(inside) == 2 * SITE_IS
    for address in inside:
        limiter.leave(address)
    assert all(limiter.enter(address) for address in inside)
