"""Redis away, frozen, slow, silent."""

import asyncio
from typing import TYPE_CHECKING

from chat.tests.harness.processes import Server

from ..record import Licence, now
from ..world import in_thread
from .base import Fault, HalfOpen, Outage, ServiceOutage
from .processes import restart_in_turn

if TYPE_CHECKING:
    from ..trial import Trial

REDIS = {"layer": "redis", "proxied": False}
PROXIED = {"layer": "redis", "proxied": True}


class RedisOutage(ServiceOutage):
    service = "redis"
    touches = "layer"
    needs = REDIS


class RedisKilled(RedisOutage):
    name = "redis-killed"
    promise = "sockets stay open, writes are acked, readers complete"
    long = 30.0
    often_long = 0.5
    breaks = Server.kill
    heals = Server.start


class RedisRestarted(RedisOutage):
    name = "redis-restarted"
    promise = "an empty Redis is as good as the one before"
    breaks = Server.restart
    heals = Server.restart


class RedisFrozen(RedisOutage):
    name = "redis-frozen"
    promise = "a partition without a reset: as when Redis is killed, within 10 s"
    lasting = (2.0, 5.0)
    long = 30.0
    often_long = 0.5
    breaks = Server.pause
    heals = Server.resume

    def excuse(self, licence: Licence, began: float, ended: float) -> None:
        licence.delays.append((began, ended + 5.0, 10.0))


class RedisSlow(Outage):
    name = "redis-slow"
    promise = "500 ms late, for 6 s or more: readers complete"
    touches = "layer"
    needs = PROXIED
    lasting = (6.0, 10.0)
    long = 30.0

    async def begin(self, trial: "Trial") -> None:
        assert trial.world.proxy
        trial.world.proxy.delay = 0.5

    async def end(self, trial: "Trial") -> None:
        assert trial.world.proxy
        trial.world.proxy.delay = 0.0


class RedisHalfOpen(HalfOpen):
    name = "redis-half-open"
    promise = "connections to Redis that pass nothing and never end: as when it is frozen, within 10 s"
    touches = "layer"
    needs = PROXIED
    long = 20.0

    def excuse(self, licence: Licence, began: float, ended: float) -> None:
        licence.delays.append((began, ended + 10.0, 10.0))


class RedisCut(Fault):
    name = "redis-cut"
    promise = "connections to Redis are reset again and again: readers complete"
    touches = "layer"
    needs = PROXIED

    async def run(self, trial: "Trial", seconds: float) -> None:
        proxy = trial.world.proxy
        assert proxy
        until = now() + seconds
        while now() < until:
            proxy.cut()
            await asyncio.sleep(trial.rng.uniform(0.05, 0.6))


class RedisAbsent(Fault):
    name = "redis-absent"
    promise = "absent when processes start and people connect: accepted, at the pace of the check"
    touches = "everything"
    needs = REDIS
    lasting = (1.0, 3.0)

    async def run(self, trial: "Trial", seconds: float) -> None:
        redis = trial.world.redis
        assert redis
        await in_thread(redis.kill)
        await restart_in_turn(trial, 0.0)
        newcomers = [trial.newcomer(room) for room in trial.rooms for _ in range(2)]
        await asyncio.gather(*(newcomer.arrive() for newcomer in newcomers))
        await asyncio.sleep(seconds)
        await in_thread(redis.start)


class NoLayer(Fault):
    name = "memory-layer"
    promise = (
        "several processes on the in-memory layer by mistake: correct within 2 s, and a warning in the log"
    )
    touches = "layer"
    needs = {"layer": "memory", "unreliable": False, "proxied": False}
    delay = 2.5  # the look every 2 s, and the reading itself

    async def run(self, trial: "Trial", seconds: float) -> None:
        await asyncio.sleep(seconds)
        silent = [server.name for server in trial.world.servers if "REDIS_URL" not in server.log()]
        if silent:
            trial.record.problem(f"no warning that the processes cannot reach each other: {silent}")


REDIS_FAULTS: list[type[Fault]] = [
    RedisKilled,
    RedisRestarted,
    RedisFrozen,
    RedisSlow,
    RedisHalfOpen,
    RedisCut,
    RedisAbsent,
    NoLayer,
]
