"""Images as they are stored: decoded and encoded anew in a process of their own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from .refused import FileRefused, refusal_of
from .storage import temporary_file

WORKER: Final = Path(__file__).with_name("image_worker.py")
TIMEOUT: Final = 120.0  # seconds, on a machine that is busy; of the processor it gets 10 at most


class Picture(NamedTuple):
    file: IO[bytes]
    thumbnail: IO[bytes]  # WEBP
    type: str  # MIME
    width: int
    height: int
    preview: str  # a data URI


@contextmanager
def encode_anew(source: IO[bytes]) -> Iterator[Picture]:
    """Without metadata and upright; raises FileRefused (`not_an_image`, `too_many_pixels`)."""
    with temporary_file() as picture, temporary_file() as thumbnail:
        answer = _run_worker(source, picture, thumbnail)
        if "error" in answer:
            raise FileRefused(answer["error"])
        yield Picture(picture, thumbnail, **answer)


def _run_worker(source: IO[bytes], *outputs: IO[bytes]) -> dict[str, Any]:
    source.seek(0)
    descriptors = [output.fileno() for output in outputs]
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(WORKER), *map(str, descriptors)],
            stdin=source,
            capture_output=True,
            pass_fds=descriptors,
            env={},
            cwd="/",
            timeout=TIMEOUT,
            check=True,
        )
    except subprocess.SubprocessError:
        return {"error": "not_an_image"}
    except OSError as error:
        raise refusal_of(error) from None
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
