"""When a process is busy, so that what can wait waits."""

from types import SimpleNamespace
from typing import Any

from chat.server.runtime import BUSY, Runtime


def idle() -> Any:
    return SimpleNamespace(journal=SimpleNamespace(waiting=0), _connections=0, _connections_before=0)


def test_a_process_is_busy_while_a_crowd_comes_and_not_once_it_is_there() -> None:
    one = idle()
    one._connections = BUSY + 1
    assert [Runtime._is_busy(one), Runtime._is_busy(one)] == [True, False]
    one._connections = 0
    assert not Runtime._is_busy(one)


def test_a_process_is_busy_while_many_writes_wait() -> None:
    one = idle()
    one.journal.waiting = BUSY + 1
    assert [Runtime._is_busy(one), Runtime._is_busy(one)] == [True, True]
