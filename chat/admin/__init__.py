"""The admin: looks at everything; what a room's people see changes only through the journal."""

from . import invite, membership, message, moderation, participant, presence, room  # registers them

__all__ = ["invite", "membership", "message", "moderation", "participant", "presence", "room"]
