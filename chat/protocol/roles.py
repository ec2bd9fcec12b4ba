"""What a participant is in a room. Pure."""

from enum import StrEnum


class Role(StrEnum):
    """In ascending order. A visitor has a membership row only because of a read mark."""

    VISITOR = "visitor"
    MEMBER = "member"
    MODERATOR = "moderator"
    OWNER = "owner"
