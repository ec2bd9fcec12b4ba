"""Everything that may break, each with what is promised meanwhile."""

from .base import Fault
from .database import DATABASE_FAULTS
from .layer import LAYER_FAULTS
from .order import ORDER_FAULTS
from .people import PEOPLE_FAULTS
from .processes import PROCESS_FAULTS
from .redis import REDIS_FAULTS
from .truth import TRUTH_FAULTS

__all__ = ["ALL", "Fault"]

ALL: list[type[Fault]] = [
    *REDIS_FAULTS,
    *LAYER_FAULTS,
    *PROCESS_FAULTS,
    *DATABASE_FAULTS,
    *TRUTH_FAULTS,
    *PEOPLE_FAULTS,
    *ORDER_FAULTS,
]
