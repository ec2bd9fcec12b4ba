"""A channel layer that does what its specification allows, and a little more."""

from typing import TYPE_CHECKING, ClassVar

from .base import Outage

if TYPE_CHECKING:
    from ..trial import Trial


class LayerFault(Outage):
    touches = "layer"
    needs = {"unreliable": True}
    lasting = (2.0, 4.0)
    shares: ClassVar[dict[str, float]]

    async def begin(self, trial: "Trial") -> None:
        trial.world.make_layer(**self.shares)

    async def end(self, trial: "Trial") -> None:
        trial.world.make_layer()


class PublishFails(LayerFault):
    name = "publish-fails"
    promise = "the ack stands; readers complete"
    shares = {"fail": 0.7}


class HintsDropped(LayerFault):
    name = "hints-dropped"
    promise = "readers complete"
    shares = {"drop": 0.5}


class HintsDoubled(LayerFault):
    name = "hints-doubled"
    promise = "readers see every message once"
    shares = {"double": 0.7}


class HintsReordered(LayerFault):
    name = "hints-reordered"
    promise = "readers see messages in order"
    shares = {"delay": 0.6, "double": 0.2}


class HintsGarbled(LayerFault):
    name = "hints-garbled"
    promise = "a hint that is not understood means: read the database"
    shares = {"garble": 0.5}


LAYER_FAULTS = [PublishFails, HintsDropped, HintsDoubled, HintsReordered, HintsGarbled]
