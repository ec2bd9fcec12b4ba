"""Sizes: what a message, a name, a frame, a socket may have. Pure."""

from typing import Final

ROOM_NAME_MAX: Final = 80  # code points
ROOM_KEY_MAX: Final = 255  # code points, folded
TEXT_MAX: Final = 4000  # code points
NAME_MAX: Final = 40  # characters
QUERY_MAX: Final = 200  # code points
FRAME_MAX: Final = 64 * 1024  # bytes
MESSAGE_MAX: Final = 128 * 1024  # bytes of a frame that the server reads; a larger one ends the connection
MENTIONS_MAX: Final = 10  # people whom a message names
IN_FLIGHT_MAX: Final = 32  # writes of a socket that wait for their answer
STATE_MAX: Final = 24 * 1024  # bytes of a message in a frame; names of reactions are left out above it
PAGE_SIZE: Final = 50  # messages
REACTORS_PAGE_SIZE: Final = 100  # people
FOUND_PAGE_SIZE: Final = 20  # messages
EARLIER_PAGE_SIZE: Final = 5  # texts; of a size that a frame of history has too
RESUME_MAX: Final = 500  # changes; a client that is further behind starts afresh
FILES_MAX: Final = 10  # files of a message
FILE_MAX: Final = 10 * 1024 * 1024  # bytes
FILE_NAME_MAX: Final = 120  # characters
ALT_MAX: Final = 500  # characters that describe a file
BODY_MAX: Final = 1024 * 1024  # bytes of a request


def body_limit(path: str) -> int:
    """Bytes that the body of a request to this path may have. What takes uploads gets more here."""
    return BODY_MAX
