"""Redis away, frozen, slow, silent."""

import asyncio
from typing import TYPE_CHECKING

from ..record import now
from ..world import in_thread
from .base import Fault
from .processes import restart_in_turn

if TYPE_CHECKING:
    from ..trial import Trial

REDIS = {"layer": "redis", "proxied": False}
PROXIED = {"layer": "redis", "proxied": True}


class RedisKilled(Fault):
    name = "redis-killed"
    promise = "sockets stay open, writes are acked, readers complete"
    touches = "layer"
    needs = REDIS
    long = 30.0

    async def run(self, trial: "Trial", seconds: float) -> None:
        redis = trial.world.redis
        assert redis
        await in_thread(redis.kill)
        await asyncio.sleep(seconds)
        await in_thread(redis.start)


class RedisRestarted(Fault):
    name = "redis-restarted"
    promise = "an empty Redis is as good as the one before"
    touches = "layer"
    needs = REDIS

    async def run(self, trial: "Trial", seconds: float) -> None:
        redis = trial.world.redis
        assert redis
        await in_thread(redis.restart)
        await asyncio.sleep(seconds)
        await in_thread(redis.restart)


class RedisFrozen(Fault):
    name = "redis-frozen"
    promise = "a partition without a reset: as when Redis is killed, within 10 s"
    touches = "layer"
    needs = REDIS
    lasting = (2.0, 5.0)
    long = 30.0

    async def run(self, trial: "Trial", seconds: float) -> None:
        redis = trial.world.redis
        assert redis
        began = now()
        redis.pause()
        await asyncio.sleep(seconds)
        redis.resume()
        trial.licence.delays.append((began, now() + 5.0, 10.0))


class RedisSlow(Fault):
    name = "redis-slow"
    promise = "500 ms late: readers complete"
    touches = "layer"
    needs = PROXIED

    async def run(self, trial: "Trial", seconds: float) -> None:
        proxy = trial.world.proxy
        assert proxy
        proxy.delay = 0.5
        await asyncio.sleep(seconds)
        proxy.delay = 0.0


class RedisHalfOpen(Fault):
    name = "redis-half-open"
    promise = "connections to Redis that pass nothing and never end: as when it is frozen, within 10 s"
    touches = "layer"
    needs = PROXIED
    long = 20.0

    async def run(self, trial: "Trial", seconds: float) -> None:
        proxy = trial.world.proxy
        assert proxy
        began = now()
        proxy.hush()
        await asyncio.sleep(seconds)
        trial.licence.delays.append((began, now() + 10.0, 10.0))


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
