"""Random ids on the wire. Migrations name these functions as defaults of columns: they stay here. Pure."""

import secrets
from uuid import uuid4


def new_key() -> str:
    """A participant's public id. No secret: the cookie that carries a guest's is signed."""
    return uuid4().hex


def new_file_key() -> str:
    """A file's public id."""
    return secrets.token_urlsafe(16)


def new_epoch() -> str:
    """A name for the counters of a room: another one says that they have begun anew."""
    return secrets.token_hex(8)
