from .message import Message
from .participant import Participant
from .room import Room

__all__ = ["Message", "Participant", "Room"]
