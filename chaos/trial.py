"""One schedule, from the first visitor to the verdict."""

import asyncio
import json
import random
import subprocess
import sys
import time
import traceback
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from chat.tests.harness.environment import ROOT
from chat.tests.harness.servers import ServerProcess

from . import roster, uploads, verdict
from .faults import Fault
from .people import Person, PlainReader, Writer
from .record import Licence, Record, holds_by, now
from .schedule import Planned, Schedule
from .stored import counters, stored_room
from .world import World, in_thread, trouble_in

STRANGER: Final = [sys.executable, "-m", "chaos.stranger"]
WARM_UP: Final = 0.4  # seconds of talk before the first fault
SETTLE: Final = 15.0  # seconds in which everybody must hold everything after all is healed
ANSWER: Final = 25.0  # seconds in which every write must be answered
PROBES: Final = 30  # messages until hints must work again
PROBES_QUICK: Final = 6  # in a row
PROBE_LIMIT: Final = 0.5  # seconds a message takes at most when hints work (a look takes up to 2 s)


@dataclass
class Result:
    seed: int
    faults: list[str]
    description: str
    acked: int = 0
    deliveries: int = 0
    worst: float = 0.0  # seconds from an ack to the slowest connected reader
    allowed: float = 5.0  # seconds that its faults allow for that
    rosters: float = 0.0  # seconds after the end until every process said who is here
    seconds: float = 0.0
    lasted: dict[str, float] = field(default_factory=dict)  # fault → seconds
    stranger: str = ""  # in what way somebody misbehaved
    sent: int = 0  # how many frames, requests or connections that was
    hints: dict[str, int] = field(default_factory=dict)  # what was done to how many
    blackouts: list[float] = field(default_factory=list)  # seconds, one a person and restart
    problems: list[str] = field(default_factory=list)
    skipped: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Trial:
    """What a fault gets into its hands: the world, the people, and the licence to fill in."""

    def __init__(self, schedule: Schedule, world: World) -> None:
        self.schedule = schedule
        self.world = world
        self.rng = random.Random(schedule.seed)
        self.record = Record()
        self.licence = Licence(delay=schedule.delay)
        self.faults = [planned.fault() for planned in schedule.faults]
        self.rooms = [f"chaos-{schedule.seed}-{n}" for n in range(schedule.rooms)]
        self.shut: set[str] = set()  # rooms into which not everybody comes
        self.people: list[Person] = []
        self.plain: list[PlainReader] = []
        self.stop = asyncio.Event()
        self.hints: Counter[str] = Counter()  # to which the layer did something, by what it did
        self.blackouts: list[float] = []
        self.sent = 0  # by the stranger

    @property
    def writers(self) -> list[Writer]:
        return [person for person in self.people if isinstance(person, Writer)]

    @property
    def everybody(self) -> list[Person | PlainReader]:
        return [*self.people, *self.plain]

    async def run(self) -> Result:
        result = Result(self.schedule.seed, self.schedule.names, str(self.schedule))
        began = time.monotonic()
        self.world.new_log_lines()
        try:
            await self._play()
            await self._judge(result)
        except Exception:
            self.record.problem(f"the checker itself failed:\n{traceback.format_exc()}")
        finally:
            await self.world.heal()
            await asyncio.gather(*(p.leave() for p in self.everybody), return_exceptions=True)
        for name, log in self.world.new_log_lines():
            if trouble := trouble_in(log):
                self.record.problem(f"{name} logged trouble:\n{trouble}")
        result.lasted = {planned.fault.name: planned.lasting for planned in self.schedule.faults}
        result.stranger, result.sent = self.schedule.stranger, self.sent
        result.hints, result.blackouts = dict(self.hints), self.blackouts
        result.acked = len(self.record.acked)
        result.allowed = max([self.licence.delay, *(limit for _, _, limit in self.licence.delays)])
        result.problems = self.record.problems
        result.seconds = time.monotonic() - began
        return result

    def traces(self) -> dict[str, str]:
        """What every client received, and when: to explain a failure."""
        lines = {
            person.name: "\n".join(f"{at:.3f} {json.dumps(frame)}" for at, frame in person.trace)
            for person in self.people
        }
        return lines | {
            "acked": "\n".join(map(str, self.record.acked)),
            "ended": "\n".join(map(str, self.record.ended)),
            **{reader.name: f"{reader}\n{reader.seen}" for reader in self.plain},
        }

    # --- People ---

    def newcomer(
        self, room: str, server: int | None = None, *, proxied: bool = False, key: str = ""
    ) -> Person:
        number = len(self.people)
        if server is None:
            server = self.rng.randrange(len(self.world.servers))
        person = Person(f"reader-{number}", room, self.world, self.record, server, proxied=proxied, key=key)
        person.forgiving = self._was_rewound
        self.people.append(person)
        return person

    def another_room(self, name: str) -> str:
        self.rooms.append(room := f"{self.rooms[0]}-{name}")
        return room

    def any_server(self) -> ServerProcess:
        return self.world.servers[self.rng.choice(self.world.living())]

    def _was_rewound(self) -> bool:
        return self.licence.rewound is not None

    def _writer(self, number: int) -> Writer:
        schedule = self.schedule
        writer = Writer(
            f"writer-{number}",
            self.rng.choice(self.rooms),
            self.world,
            self.record,
            number % len(self.world.servers),
            pace=schedule.pace,
            lossy=schedule.lossy,
            rng=random.Random(self.rng.random()),
        )
        writer.forgiving = self._was_rewound
        self.people.append(writer)
        return writer

    async def _everybody_arrives(self) -> None:
        for number in range(self.schedule.writers):
            self._writer(number)
        for room in self.rooms:
            for _ in range(self.schedule.readers):
                self.newcomer(room)
            for server in range(len(self.world.servers)):
                name = f"plain-{len(self.plain)}"
                self.plain.append(PlainReader(name, room, self.world, self.record, server))
        await asyncio.gather(*(p.arrive() for p in self.everybody))

    # --- Play ---

    async def _play(self) -> None:
        await self._everybody_arrives()
        for fault in self.faults:
            await fault.prepare(self)
        talking = [asyncio.create_task(writer.talk(self.stop)) for writer in self.writers]
        began = now()
        try:
            await asyncio.gather(self._misbehave(), *map(self._strike, self.faults, self.schedule.faults))
            await asyncio.sleep(max(0.5, began + self.schedule.seconds - now()))
        finally:
            self.stop.set()
            await asyncio.gather(*talking)
        await self.world.heal()
        await asyncio.gather(*(writer.finish(ANSWER) for writer in self.writers))

    async def _misbehave(self) -> None:
        """As long as people talk, if the schedule has a stranger."""
        if way := self.schedule.stranger:
            ports = [str(server.port) for server in self.world.servers]
            words = [way, str(self.schedule.seconds), self.rooms[0], *ports]
            done = await in_thread(subprocess.run, [*STRANGER, *words], cwd=ROOT, stdout=subprocess.PIPE)
            self.sent = int(done.stdout or 0)
            if not self.sent:
                self.record.problem(f"a void schedule: the stranger did nothing with {way}")

    async def _strike(self, fault: Fault, planned: Planned) -> None:
        await asyncio.sleep(planned.at + WARM_UP)
        await fault.run(self, planned.lasting)

    # --- Check ---

    async def _judge(self, result: Result) -> None:
        await self._wait_for_excluded()
        for fault in self.faults:
            await fault.afterwards(self)
        for room in self.rooms:
            await self._settle(room)
        result.rosters = await roster.check_settled(self)
        await self._probe()
        for room in self.rooms:
            await self._judge_room(room)
        await uploads.check(self)
        verdict.check_closes(self.record, self.licence)
        verdict.check_excluded(self.people, self.record, self.licence)
        result.deliveries, result.worst = verdict.check_delays(self.everybody, self.record, self.licence)

    async def _wait_for_excluded(self) -> None:
        names = {sent.who for sent in self.licence.excluded}
        going = [person for person in self.people if person.name in names]
        await holds_by(now() + SETTLE, lambda: all(person.is_gone for person in going))

    async def _judge_room(self, room: str) -> None:
        await self._settle(room)
        here = [person for person in self.people if person.place == room and not person.is_gone]
        await asyncio.gather(*map(self._read_back, here))
        stored = await stored_room(self.world, room)
        verdict.check_stored(room, stored, self.record, self.licence)
        for person in here:
            verdict.check_log(person, stored, self.record)
        for reader in self.plain:
            if reader.place == room:
                verdict.check_plain(reader, stored, self.record, self.licence)

    async def _settle(self, room: str) -> None:
        """Wait until everybody holds what is stored; whoever does not in the end is check_log's to name."""
        deadline = now() + SETTLE
        here = [person for person in self.people if person.place == room and not person.is_gone]
        while now() < deadline:
            there = await counters(self.world, room)
            if all(p.cursor == there and p.connected for p in here) and self._is_heard(here[0]):
                await asyncio.sleep(0.1)  # what is still on the wire
                return
            await asyncio.sleep(0.1)

    def _is_heard(self, witness: Person) -> bool:
        """The plain readers of the room have received its newest message, at the latest by the 2 s check."""
        last = max((n for n, message in witness.log.items() if not message.get("deleted")), default=None)
        readers = [reader for reader in self.plain if reader.place == witness.place and reader.until is None]
        return last is None or bool(self.licence.rewound) or all(last in reader.seen for reader in readers)

    async def _read_back(self, person: Person) -> None:
        """Page back through the holes: a reset brings the newest page only, and edits bring single ones."""
        while hole := person.highest_hole():
            await person.history(hole + 1, 100, timeout=10)
            if person.highest_hole() == hole:
                return

    async def _probe(self) -> None:
        """Once all is well, hints must work again: a message reaches the other processes at once."""
        if self.world.topology.layer == "memory" or not self.schedule.probes:
            return
        quick, took = 0, 0.0
        for number in range(PROBES):
            took = await self._one_probe(number)
            quick = quick + 1 if took < PROBE_LIMIT else 0
            if quick == PROBES_QUICK:
                return
        self.record.problem(
            f"hints did not come back: message {PROBES} after the end still took {took:.1f} s"
        )

    async def _one_probe(self, number: int) -> float:
        writer = self.writers[number % len(self.writers)]
        room, began = writer.place, now()
        ack = await writer.post(f"probe {number}", timeout=15)
        for person in self.people:
            if person.place == room and not person.is_gone:
                await person.wait_until(lambda p: p.revision >= ack["revision"], 15, "the probe")
        return now() - began
