"""The admin: it shows everything and moderates the whole site. A room is managed under /manage/."""

from . import ban, participant, records, room  # registers them

__all__ = ["ban", "participant", "records", "room"]
