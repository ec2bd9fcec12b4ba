"""The admin: everything can be looked at, and the whole site moderated. A room is managed under /manage/."""

from . import invite, membership, message, moderation, participant, presence, room  # registers them

__all__ = ["invite", "membership", "message", "moderation", "participant", "presence", "room"]
