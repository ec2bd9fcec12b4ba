"""The wire: text frames to typed commands, typed events to text frames. Pure: no Django, no I/O."""

from .codec import *
from .commands import *
from .events import *
