"""The admin: everything can be looked at, and the whole site moderated. A room is managed under /manage/."""

from . import ban, participant, records, room  # registers them

__all__ = ["ban", "participant", "records", "room"]
