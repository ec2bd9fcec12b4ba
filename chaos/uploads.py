"""Files that people of a schedule send and read, over HTTP, and what must hold of them in the end."""

import http.client
import json
import random
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from chat.tests.harness.uploads import image

from .record import Licence, Record
from .world import World, in_thread

if TYPE_CHECKING:
    from .people import Person
    from .trial import Trial

TIMEOUT: Final = 10.0  # seconds of one request
IMAGES: Final = 0.2  # share of files
READ_BACK: Final = 10  # files of a room
ROWS: Final = "SELECT state, stored_as, thumbnail_as FROM chat_file"
NEWEST: Final = (
    "SELECT key FROM chat_file WHERE room_key = %s AND message_id IS NOT NULL AND state = 1"
    " ORDER BY id DESC LIMIT %s"
)
LOST: Final = (
    "SELECT count(*) FROM chat_file f LEFT JOIN chat_message m ON m.id = f.message_id"
    " WHERE f.message_id IS NOT NULL AND (m.id IS NULL OR m.deleted_at IS NOT NULL)"
)
SWEEP: Final = """
from chat.files.sweeping import remove_lost, sweep
after = 0
while after := remove_lost(after):
    pass
while not sweep():
    pass
"""
STORED: Final = 1


def request(
    url: str, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
) -> tuple[int, bytes]:
    """Status and body; 0 where no answer came. `url`: any of the server's."""
    wire = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=TIMEOUT)
    with closing(wire):
        try:
            wire.request(method, path, body, dict(headers))
            answer = wire.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""


def upload(person: "Person", rng: random.Random) -> tuple[str, bytes | None] | None:
    """The id of a new file, and its bytes where they are stored as they were sent. None: it did not work."""
    is_image = rng.random() < IMAGES
    content = image(size=(rng.randrange(1, 80), 9)) if is_image else rng.randbytes(rng.randrange(1, 5000))
    headers = person.headers
    question = json.dumps({"room": person.place, "name": "file", "size": len(content)}).encode()
    status, answer = request(
        person.url, "POST", "/files/", {**headers, "Content-Type": "application/json"}, question
    )
    if status != 201:
        return None
    promised = json.loads(answer)
    sent = {**headers, "Upload-Ticket": promised["ticket"]}
    status, _answer = request(person.url, "PUT", promised["url"], sent, content)
    return (promised["id"], None if is_image else content) if status == 200 else None


async def check(trial: "Trial") -> None:
    """After the sweep: no file without a message, no message without its files, and nobody reads those of a
    room that was shut to them."""
    await in_thread(trial.world.site.shell, SWEEP)
    await _check_storage(trial.world, trial.record, trial.licence)
    outside = {sent.who for sent in trial.licence.excluded}
    for room in trial.rooms:
        keys = [key for (key,) in await trial.world.sql(NEWEST, room, READ_BACK)]
        people = [person for person in trial.people if person.place == room]
        for person in [p for p in people if p.name not in outside][:1]:
            for key, status, content in await _read(trial, person, keys):
                if status != 200 or content != trial.record.files.get(key, content):
                    trial.record.problem(f"{person.name} cannot read the file {key} of a message: {status}")
        for person in [p for p in people if p.name in outside][:1]:
            for key, status, _content in await _read(trial, person, keys):
                if status != 404:
                    trial.record.problem(
                        f"{person.name} reads {key} of a room that was shut to them: {status}"
                    )


async def _read(trial: "Trial", person: "Person", keys: list[str]) -> list[tuple[str, int, bytes]]:
    """Each file through one of the processes."""
    answers = []
    for key in keys:
        url = trial.world.ws_url(trial.rng.choice(trial.world.living()), person.place, through_proxy=False)
        answers.append((key, *await in_thread(request, url, "GET", f"/files/{key}/", person.headers)))
    return answers


async def _check_storage(world: World, record: Record, licence: Licence) -> None:
    ((lost,),) = await world.sql(LOST)
    if lost:
        record.problem(f"{lost} files have lost their message and are still there after the sweep")
    rows = await world.sql(ROWS)
    if removed := sum(state > STORED for state, *_names in rows):
        record.problem(f"{removed} files are removed and were not swept")
    if licence.rewound is not None:
        return  # the storage was not put back together with the database
    named = {name for _state, *names in rows for name in names if name}
    needed = {name for state, *names in rows if state == STORED for name in names if name}
    there = await in_thread(_names_in_storage, Path(world.site.environment()["FILES_ROOT"]))
    if missing := needed - there:
        record.problem(f"stored files have no bytes: {missing}")
    if extra := there - named:
        record.problem(f"bytes of no file are in the storage: {extra}")


def _names_in_storage(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
