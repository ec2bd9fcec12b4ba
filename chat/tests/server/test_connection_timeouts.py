"""daphne's own look at its connections, which closes those that have timed out and pings the others."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import daphne.server
import pytest

from chat.server.daphne_connections import CHECK_INTERVAL, CHECKED_AT_ONCE


def test_timeouts_of_many_connections_are_checked_in_turn_and_those_that_are_gone_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = []
    monkeypatch.setattr(
        daphne.server,
        "reactor",
        SimpleNamespace(callLater=lambda seconds, step, *arguments: later.append((seconds, step, arguments))),
    )
    checked: list[int] = []
    connections = {SimpleConnection(number, checked): number for number in range(2 * CHECKED_AT_ONCE + 2)}
    server = SimpleNamespace(connections=connections)
    daphne.server.Server.timeout_checker(server)
    assert checked == list(range(CHECKED_AT_ONCE))
    del connections[list(connections)[-1]]
    for _ in range(2):
        seconds, step, arguments = later.pop()
        assert seconds == CHECK_INTERVAL / 3
        step(*arguments)
    assert checked == list(range(2 * CHECKED_AT_ONCE + 1))
    [(seconds, step, arguments)] = later
    assert seconds == CHECK_INTERVAL / 3
    step(*arguments)
    assert checked[2 * CHECKED_AT_ONCE + 1 :] == list(range(CHECKED_AT_ONCE))


class SimpleConnection:
    def __init__(self, number: int, checked: list[int]) -> None:
        self.check_timeouts = lambda: checked.append(number)
