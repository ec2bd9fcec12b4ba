"""Why a file is not taken: a code, and the HTTP status that says the same."""

import errno
import logging
from collections.abc import Mapping
from typing import Any, Final

from ..protocol.errors import code_of, text_of
from ..text.translation import translated

logger = logging.getLogger(__name__)

DISK_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
STATUS: Final[Mapping[str, int]] = {
    "invalid": 400,
    "forbidden": 403,
    "not_found": 404,
    "slow": 408,
    "length_required": 411,
    "too_large": 413,
    "not_an_image": 422,
    "too_many_pixels": 422,
    "too_fast": 429,
    "quota": 429,
    "busy": 503,
    "unavailable": 503,
    "disk_full": 507,
}


class FileRefused(Exception):
    def __init__(self, key: str, wait: float = 0.0, **parameters: Any) -> None:
        """`key` of `protocol.errors.ERRORS`; `wait`: seconds after which it may be tried again."""
        super().__init__(key)
        self.key = key
        self.wait = wait
        self.parameters = parameters

    @property
    def status(self) -> int:
        """403 also for the codes of who may not write in a room."""
        return STATUS.get(code_of(self.key), 403)

    def as_json(self, language: str | None = None) -> dict[str, Any]:
        """The answer's body; the text in a language, or in the one that is active."""
        text = translated(text_of(self.key, self.parameters), language)
        body: dict[str, Any] = {"code": code_of(self.key), "text": text}
        return body | ({"retry_after": self.wait} if self.wait else {})


def refusal_of(error: Exception) -> FileRefused:
    """For what a storage or a disk raised."""
    logger.warning("A file was not stored: %r", error)
    if getattr(error, "errno", None) in DISK_FULL:
        return FileRefused("disk_full", wait=60)
    return FileRefused("unavailable.storage", wait=5)
