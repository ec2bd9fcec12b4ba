"""Every state: the table is filled by the modules that reach them."""

from . import files, pages, room
from .table import STATES

__all__ = ["STATES", "files", "pages", "room"]
