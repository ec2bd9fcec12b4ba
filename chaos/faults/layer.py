"""A channel layer that does what its specification allows, and a little more."""

from typing import TYPE_CHECKING, ClassVar, Final

from ..record import holds_by, now
from .base import Outage

if TYPE_CHECKING:
    from ..trial import Trial

STRIKES: Final = 10  # hints, at least, to which it must have been done
PATIENCE: Final = 20.0  # seconds that it lasts longer where little is said


class LayerFault(Outage):
    touches = "layer"
    needs = {"unreliable": True, "layer": "redis"}
    lasting = (2.0, 4.0)
    shares: ClassVar[dict[str, float]]
    strikes: ClassVar[str]  # what the layer calls it

    async def begin(self, trial: "Trial") -> None:
        self._before = trial.world.done_to_hints()
        trial.world.make_layer(**self.shares)

    async def end(self, trial: "Trial") -> None:
        def strikes() -> int:
            return trial.world.done_to_hints()[self.strikes] - self._before[self.strikes]

        if not await holds_by(now() + PATIENCE, lambda: strikes() >= STRIKES):
            trial.record.problem(f"a void schedule: only {strikes()} hints were {self.strikes}")
        trial.world.make_layer()
        trial.hints += trial.world.done_to_hints() - self._before


class PublishFails(LayerFault):
    name = "publish-fails"
    promise = "the ack stands; readers complete"
    shares = {"fail": 0.7}
    strikes = "failed"


class HintsDropped(LayerFault):
    name = "hints-dropped"
    promise = "readers complete"
    shares = {"drop": 0.5}
    strikes = "dropped"


class HintsDoubled(LayerFault):
    name = "hints-doubled"
    promise = "readers see every message once"
    shares = {"double": 0.7}
    strikes = "doubled"


class HintsReordered(LayerFault):
    name = "hints-reordered"
    promise = "readers see messages in order"
    shares = {"delay": 0.6, "double": 0.2}
    strikes = "reordered"


class HintsGarbled(LayerFault):
    name = "hints-garbled"
    promise = "a hint that is not understood means: read the database"
    shares = {"garble": 0.5}
    strikes = "garbled"


LAYER_FAULTS = [PublishFails, HintsDropped, HintsDoubled, HintsReordered, HintsGarbled]
