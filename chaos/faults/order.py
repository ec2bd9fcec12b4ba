"""People moderate during another fault. Who gets the ack of an act can rely on it."""

import asyncio
import contextlib
import datetime
from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Final

from chat.tests.harness.clients import Refused
from chat.tests.harness.people import Person as Visitor
from chat.tests.harness.people import manage_path
from chat.tests.harness.wires import Wire

from ..people import AWAY, Person, guest_cookie
from ..record import NOT_ALLOWED, Excluded, now
from ..world import in_thread
from .base import Fault

if TYPE_CHECKING:
    from ..trial import Trial

PATIENCE: Final = 60.0  # seconds for an act: none is given up before what is broken is healed
CHATTER: Final = 0.05  # seconds from one message to the next
OLD: Final = 30  # messages that are older than the room keeps them
DAYS_AGO: Final = 3


class OrderFault(Fault):
    """A room with an owner, and an act in the middle of what is broken."""

    touches = "order"
    never_alone = True
    owner: Person

    @classmethod
    def goes_with(cls, other: type[Fault]) -> bool:
        return other.touches in ("layer", "processes", "database")

    async def prepare(self, trial: "Trial") -> None:
        self.room = trial.another_room(self.name)
        self.owner = await self.arrives(trial, 0)
        await self.owner.post("this is my room", timeout=PATIENCE)

    async def arrives(self, trial: "Trial", server: int, key: str = "") -> Person:
        person = trial.newcomer(self.room, server % len(trial.world.servers), key=key)
        await person.arrive()
        return person

    async def everywhere(self, trial: "Trial") -> list[Person]:
        """One more person through each process."""
        return [await self.arrives(trial, number) for number in range(len(trial.world.servers))]

    async def run(self, trial: "Trial", seconds: float) -> None:
        await asyncio.sleep(trial.rng.uniform(0.0, seconds))
        asked = now()
        await self.act(trial)
        self.is_done(trial, asked, now())

    @abstractmethod
    async def act(self, trial: "Trial") -> None:
        """Returns when whoever asked for it got the ack."""

    def is_done(self, trial: "Trial", asked: float, done: float) -> None:
        """What is promised from now on."""

    async def on_page(self, trial: "Trial", **changes: str) -> None:
        """The owner changes settings on the room's page, however often that has to be tried."""
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(*AWAY):
                    visitor = Visitor(trial.any_server(), guest_cookie(self.owner.key))
                    if await in_thread(_is_set, visitor, self.room, changes):
                        return
                await asyncio.sleep(0.2)


def _is_set(visitor: Visitor, room: str, changes: dict[str, str]) -> bool:
    """False where there is no such page now."""
    if visitor.get(manage_path(room)).status != 200:
        return False
    words = visitor.set(room, **changes).words
    return "settings have been changed" in words or "That is already set" in words


class Silenced(OrderFault):
    """Charlie talks without end, in a tab through each process, until somebody sees to it."""

    refusal: ClassVar[str]

    async def prepare(self, trial: "Trial") -> None:
        await super().prepare(trial)
        charlie = await self.arrives(trial, 0)
        others = range(1, len(trial.world.servers))
        self.tabs = [charlie, *[await self.arrives(trial, n, charlie.key) for n in others]]
        await charlie.post("I was here", timeout=PATIENCE)
        self.first = next(iter(charlie.acks))
        self.done = float("inf")

    async def run(self, trial: "Trial", seconds: float) -> None:
        talking = [asyncio.create_task(self._talk(trial, tab)) for tab in self.tabs]
        await super().run(trial, seconds)
        await asyncio.wait(talking, timeout=seconds)
        for task in talking:
            task.cancel()

    async def _talk(self, trial: "Trial", tab: Person) -> None:
        """Until it is refused, or the socket is closed for good."""
        number = 0
        while not tab.is_gone:
            number, began = number + 1, now()
            try:
                await tab.post(f"{tab.name} rants {number}", timeout=PATIENCE)
            except Refused as refused:
                if refused.code != self.refusal:
                    trial.record.problem(f"{tab.name} was refused with {refused.code}, not {self.refusal}")
                return
            except (ConnectionError, *AWAY):
                return
            if began > self.done:
                trial.record.problem(f"{tab.name} said something {began - self.done:.1f} s after {self.name}")
            await asyncio.sleep(CHATTER)

    async def act(self, trial: "Trial") -> None:
        await self.owner.do("moderate", act=self.name, id=self.tabs[0].key, timeout=PATIENCE)

    def is_done(self, trial: "Trial", asked: float, done: float) -> None:
        self.done = done

    async def afterwards(self, trial: "Trial") -> None:
        statement = (
            "SELECT count(*) FROM chat_message m JOIN chat_room r ON r.id = m.room_id"
            " JOIN chat_participant p ON p.id = m.author_id"
            " WHERE r.key = %s AND p.key = %s AND m.revision > r.access_revision"
        )
        ((later,),) = await trial.world.sql(statement, self.room, self.tabs[0].key)
        if later:
            trial.record.problem(f"{later} messages of charlie are stored after the {self.name}")


class BannedMeanwhile(Silenced):
    name = "ban"
    promise = "none of their messages is stored after it; their sockets end with 4403 in time, none opens"
    refusal = "banned"

    def is_done(self, trial: "Trial", asked: float, done: float) -> None:
        super().is_done(trial, asked, done)
        trial.licence.excluded += [Excluded(tab.name, asked, done) for tab in self.tabs]

    async def afterwards(self, trial: "Trial") -> None:
        await super().afterwards(trial)
        await stays_out(trial, self.room, self.tabs[0].headers)


class MutedMeanwhile(Silenced):
    name = "mute"
    promise = (
        "no message of theirs is stored after it; what they said before is still acked, and they still read"
    )
    refusal = "muted"

    async def afterwards(self, trial: "Trial") -> None:
        await super().afterwards(trial)
        charlie = self.tabs[0]
        again = {"type": "post", "client_id": self.first, "message": "I was here"}
        before = charlie.acks.pop(self.first)
        await charlie.send(again)
        await charlie.wait_until(lambda charlie: self.first in charlie.acks, PATIENCE, "the ack of a resend")
        if charlie.acks[self.first]["sequence"] != before["sequence"]:
            trial.record.problem("what was said before the mute got another place when it was sent again")
        try:
            await charlie.post("and I talk on", timeout=PATIENCE)
        except Refused as refused:
            if refused.code == self.refusal:
                return
        trial.record.problem(f"charlie talks on after the {self.name}")


class MadePrivate(OrderFault):
    name = "made-private"
    promise = "who never posted there is closed with 4403 in time and does not come in again; members stay"

    async def prepare(self, trial: "Trial") -> None:
        await super().prepare(trial)
        for member in await self.everywhere(trial):
            await member.post("I may stay", timeout=PATIENCE)
            await member.drop()  # and comes back as a member
        newcomer = await self.arrives(trial, 1)
        await newcomer.post("I have only just become one", timeout=PATIENCE)
        self.outsiders = await self.everywhere(trial)
        trial.shut.add(self.room)

    async def act(self, trial: "Trial") -> None:
        await self.on_page(trial, is_private="on")

    def is_done(self, trial: "Trial", asked: float, done: float) -> None:
        trial.licence.excluded += [Excluded(outsider.name, asked, done) for outsider in self.outsiders]

    async def afterwards(self, trial: "Trial") -> None:
        await stays_out(trial, self.room, self.outsiders[0].headers)


async def stays_out(trial: "Trial", room: str, headers: dict[str, str]) -> None:
    """Through no process does somebody enter, or receive what is posted there."""
    for number in range(len(trial.world.servers)):
        stranger = Wire(trial.world.ws_url(number, room, through_proxy=False), headers=headers)
        await stranger.open()
        with contextlib.suppress(AssertionError):
            await stranger.wait_closed(20)
        code = stranger.close_code
        if code != NOT_ALLOWED or stranger.frames:
            trial.record.problem(f"{room} let somebody in through server {number}: {code} {stranger.frames}")
        await stranger.close()


class PurgedMeanwhile(OrderFault):
    name = "retention"
    promise = "what is older than the room keeps is removed; open and returning browsers drop it too"
    talks = True

    async def prepare(self, trial: "Trial") -> None:
        await super().prepare(trial)
        for number in range(1, OLD):
            await self.owner.post(f"old news {number}", timeout=PATIENCE)
        before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=DAYS_AGO)
        room = "(SELECT id FROM chat_room WHERE key = %s)"
        statement = f"UPDATE chat_message SET sent_at = %s WHERE room_id = {room}"  # noqa: S608
        await trial.world.sql(statement, before.strftime("%Y-%m-%d %H:%M:%S.%f+00:00"), self.room)
        await self.everywhere(trial)
        self.sleeper = await self.arrives(trial, 1)
        self.sleeper.asleep.set()
        await self.sleeper.drop()
        await self.on_page(trial, retention_days="1")

    async def run(self, trial: "Trial", seconds: float) -> None:
        talking = asyncio.create_task(self._talk())
        try:
            await super().run(trial, seconds)
        finally:
            self.talks = False
            await talking  # to the answer of the last one: nothing comes later
        self.sleeper.asleep.clear()

    async def _talk(self) -> None:
        while self.talks:
            await self.owner.post("news", timeout=PATIENCE)
            await asyncio.sleep(CHATTER)

    async def act(self, trial: "Trial") -> None:
        """By the command: it is a process of its own, and ends with an error while the database is away."""
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(AssertionError):
                    await in_thread(trial.world.site.manage, "purge_expired")
                    return
                await asyncio.sleep(0.2)

    async def afterwards(self, trial: "Trial") -> None:
        statement = "SELECT purged_through FROM chat_room WHERE key = %s"
        ((through,),) = await trial.world.sql(statement, self.room)
        if through != OLD:
            trial.record.problem(f"{self.room}: removed up to {through}, not {OLD}")


ORDER_FAULTS: list[type[Fault]] = [BannedMeanwhile, MutedMeanwhile, MadePrivate, PurgedMeanwhile]
