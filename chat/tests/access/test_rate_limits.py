"""Rate limits: what a bucket lets through, how long a refused request waits, and which buckets are kept."""

import threading

import pytest
from django.conf import settings

from chat.access import rate_limits, token_buckets
from chat.access.client_address import SITE_IS
from chat.access.rate_limits import GUESSES, Kind, Limits, Rates, read_limits
from chat.access.token_buckets import REFUSALS, AttemptLimiter, Bucket, Limit
from chat.protocol.limits import IN_FLIGHT_MAX

OFFICE = "192.0.2.7"
DEFAULTS = {kind: read_limits(kind, settings.RATES[kind]) for kind in Kind}


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (rate_limits, token_buckets):
        monkeypatch.setattr(module, "time", clock)
    return clock


def messages(person: Limit | None, address: Limit | None = None) -> Rates:
    return Rates({Kind.MESSAGE: Limits(person, address)})


def passed(rates: Rates, tries: int, key: str = "alice", address: str = OFFICE) -> int:
    return sum(rates.take(Kind.MESSAGE, address, key) == 0 for _ in range(tries))


# --- Buckets ---


def test_a_full_bucket_lets_its_number_through_at_once_and_then_so_many_a_second(clock: Clock) -> None:
    rates = messages(Limit(40, 10))
    assert passed(rates, 100) == 40
    clock.now += 1
    assert passed(rates, 100) == 4
    clock.now += 10
    assert passed(rates, 100) == 40


def test_who_waits_as_long_as_asked_is_let_through(clock: Clock) -> None:
    rates = messages(Limit(3, 60))
    passed(rates, 3)
    wait = rates.take(Kind.MESSAGE, OFFICE, "alice")
    assert wait == pytest.approx(20)
    clock.now += wait - 0.01
    assert rates.take(Kind.MESSAGE, OFFICE, "alice") > 0
    clock.now += 0.02
    assert rates.take(Kind.MESSAGE, OFFICE, "alice") == 0


def test_the_limit_of_one_person_is_not_that_of_another(clock: Clock) -> None:
    rates = messages(Limit(5, 10), Limit(100, 10))
    assert passed(rates, 50, "alice") == 5
    assert passed(rates, 50, "bob") == 5


def test_the_limit_of_an_address_holds_for_a_person_of_many_names(clock: Clock) -> None:
    rates = messages(Limit(5, 10), Limit(20, 10))
    assert sum(passed(rates, 5, f"guest {number}") for number in range(100)) == 20
    assert passed(rates, 5, "bob", "192.0.2.8") == 5


def test_the_limit_of_a_person_is_the_same_from_two_addresses(clock: Clock) -> None:
    rates = messages(Limit(5, 10), Limit(100, 10))
    assert passed(rates, 50, "alice") == 5
    assert passed(rates, 50, "alice", "192.0.2.8") == 0


def test_a_refused_try_costs_nothing(clock: Clock) -> None:
    rates = messages(Limit(1, 1), Limit(10, 10))
    assert passed(rates, 100, "alice") == 1
    assert passed(rates, 100, "bob") == 1
    clock.now += 1
    assert rates.take(Kind.MESSAGE, OFFICE, "alice") == 0


def test_an_ipv6_visitor_is_a_64(clock: Clock) -> None:
    rates = messages(None, Limit(5, 10))
    assert sum(passed(rates, 1, address=f"2001:db8:1:2:{number:x}::1") for number in range(50)) == 5
    assert passed(rates, 50, address="2001:db8:1:3::1") == 5


def test_who_is_not_known_has_no_bucket_of_their_own(clock: Clock) -> None:
    rates = messages(Limit(1, 10), Limit(1, 10))
    assert passed(rates, 50, key="", address="") == 50


def test_refused_requests_get_different_times(clock: Clock) -> None:
    """What a client has on the way when it is refused would else come back together, again and again."""
    rates = messages(Limit(40, 10))
    passed(rates, 40)
    waits = [rates.take(Kind.MESSAGE, OFFICE, "alice") for _ in range(IN_FLIGHT_MAX)]
    assert waits == pytest.approx([(number + 1) / 4 for number in range(IN_FLIGHT_MAX)])
    start = clock.now
    for wait in waits:
        clock.now = start + wait
        assert rates.take(Kind.MESSAGE, OFFICE, "alice") == 0


def test_the_time_to_wait_is_bounded(clock: Clock) -> None:
    rates = messages(Limit(40, 10))
    waits = [rates.take(Kind.MESSAGE, OFFICE, "alice") for _ in range(10_000)]
    assert max(waits) == pytest.approx(0.25 + 200 * 0.25)
    slow = messages(Limit(1, 3600))
    assert max(slow.take(Kind.MESSAGE, OFFICE, "alice") for _ in range(1_000)) == pytest.approx(3600)


def test_an_outbox_of_two_hundred_is_sent_without_a_closed_socket(clock: Clock) -> None:
    """A phone that was offline sends all it has; each refused message comes back at the time that it got."""
    rates = Rates(DEFAULTS)
    refusals = Bucket(REFUSALS)
    waiting = [(clock.now, number) for number in range(200)]
    sent = 0
    while waiting:
        waiting.sort()
        on_the_way = [one for one in waiting[:IN_FLIGHT_MAX] if one[0] <= clock.now]
        for one in on_the_way:
            waiting.remove(one)
            wait = rates.take(Kind.MESSAGE, OFFICE, "alice")
            if wait:
                assert refusals.take()
                waiting.append((clock.now + wait, one[1]))
            else:
                sent += 1
        clock.now += 0.05
    assert sent == 200


def test_rates_that_are_off_let_everything_through() -> None:
    assert passed(Rates({}), 10_000) == 10_000


# --- What is kept ---


def test_full_buckets_of_a_flood_of_addresses_are_forgotten(clock: Clock) -> None:
    rates = messages(Limit(40, 10), Limit(400, 10))
    most = 0
    for number in range(20_000):
        rates.take(Kind.MESSAGE, f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", f"guest {number}")
        clock.now += 0.001
        most = max(most, rates.count)
    assert most < 2_000  # a bucket with one token missing is full again after 0.25 s
    for number in range(most):
        clock.now += 1
        rates.take(Kind.MESSAGE, f"10.9.0.{number % 256}", f"later {number}")
    assert rates.count <= 4


def test_buckets_that_are_not_full_stay_through_a_flood(clock: Clock) -> None:
    rates = messages(Limit(40, 10))
    passed(rates, 40, "mallory")
    for number in range(5_000):
        clock.now += 0.001
        rates.take(Kind.MESSAGE, OFFICE, f"guest {number}")
    assert passed(rates, 100, "mallory") == 20


def test_the_number_of_buckets_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_buckets, "BUCKETS_MAX", 1_000)
    rates = messages(None, Limit(1, 86_400))
    for number in range(5_000):
        rates.take(Kind.MESSAGE, f"2001:db8:{number:x}::1")
        rates.take(Kind.MESSAGE, f"2001:db8:{number:x}::1")
    assert rates.count <= 2_000, "of /64s and of /48s"


def test_threads_take_no_token_twice() -> None:
    rates = messages(Limit(1_000, 86_400), Limit(100_000, 1))
    taken: list[int] = []
    threads = [threading.Thread(target=lambda: taken.append(passed(rates, 500))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 1_000


# --- Refusals ---


def test_requests_on_the_way_when_a_client_is_refused_do_not_close_its_socket(clock: Clock) -> None:
    refusals = Bucket(REFUSALS)
    for _ in range(6):
        assert all(refusals.take() for _ in range(IN_FLIGHT_MAX))


def test_a_client_that_ignores_refusals_loses_its_socket(clock: Clock) -> None:
    refusals = Bucket(REFUSALS)
    assert [refusals.take() for _ in range(201)].index(False) == 200
    slow = Bucket(REFUSALS)
    for _ in range(1_000):
        clock.now += 0.25
        assert slow.take()


# --- All together ---


def test_people_are_not_held_back_by_the_defaults(clock: Clock) -> None:
    """An office of 200 behind one address, each writing every 10 s; and all of them back after a restart."""
    rates = Rates(DEFAULTS)
    for _second in range(60):
        clock.now += 1
        for number in range(20):
            assert rates.take(Kind.MESSAGE, OFFICE, f"colleague {number}") == 0
    for number in range(200):
        for _tab in range(2):
            assert rates.take(Kind.CONNECT, OFFICE) == 0
            assert rates.take(Kind.ASK, OFFICE, f"colleague {number}") == 0


# --- The /48 of IPv6 addresses ---


def test_a_customer_with_many_ipv6_networks_is_counted_as_sixteen() -> None:
    rates = messages(None, Limit(10, 3600))
    of_one_customer = [f"2001:db8:7:{number:x}::1" for number in range(2 * SITE_IS)]
    assert sum(passed(rates, 10, address=address) for address in of_one_customer) == 10 * SITE_IS
    assert passed(rates, 10, address="2001:db8:8::1") == 10


def test_a_customer_with_many_ipv6_networks_does_not_use_up_the_guesses_at_an_account() -> None:
    rates = Rates(DEFAULTS)
    addresses = [f"2001:db8:7:{number:x}::1" for number in range(2 * SITE_IS)]
    tries = [rates.take(Kind.PASSWORD, address) for address in addresses for _ in range(60)]
    assert tries.count(0) < GUESSES.most


# --- Guesses ---


def test_wrong_passwords_for_one_account_are_counted_from_all_addresses(clock: Clock) -> None:
    guesses = AttemptLimiter(Limit(3, 60))
    for _ in range(3):
        assert guesses.wait("alice") == 0
        guesses.record("alice")
    assert guesses.wait("alice") == pytest.approx(20)
    assert guesses.wait("bob") == 0
    clock.now += 21
    assert guesses.wait("alice") == 0
    assert AttemptLimiter(None).wait("alice") == 0


def test_edits_count_as_messages_over_a_long_time_since_each_keeps_a_text(clock: Clock) -> None:
    kinds = Kind.MESSAGE, Kind.EDIT
    texts = dict(zip(kinds, ("off,off,10/1d", "20/1s,off"), strict=True))
    rates = Rates({kind: read_limits(kind, text) for kind, text in texts.items()})
    assert [rates.take(kind, OFFICE, "alice") for kind in kinds * 5] == [0] * 10
    assert all(rates.take(kind, OFFICE, "alice") for kind in kinds)
    assert not any(rates.take(kind, "198.51.100.7", "alice") for kind in kinds)


def test_an_address_has_a_second_limit_for_messages_over_a_long_time(clock: Clock) -> None:
    rates = Rates({Kind.MESSAGE: read_limits(Kind.MESSAGE, "off,10/1s,25/1d")})
    for wanted in (10, 10, 5, 0):
        assert passed(rates, 20) == wanted
        clock.now += 1
    assert rates.take(Kind.MESSAGE, OFFICE) > 3000
    assert passed(rates, 20, address="192.0.2.8") == 10
