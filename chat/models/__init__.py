from .invite import Invite
from .membership import Membership
from .message import Message
from .moderation import AuditEntry, Ban, Block, Report
from .participant import Participant
from .presence import Connection, Process
from .reaction import Reaction
from .room import FilterAction, Room
from .scheduled_task import ScheduledTask

__all__ = [
    "AuditEntry",
    "Ban",
    "Block",
    "Connection",
    "FilterAction",
    "Invite",
    "Membership",
    "Message",
    "Participant",
    "Process",
    "Reaction",
    "Report",
    "Room",
    "ScheduledTask",
]
