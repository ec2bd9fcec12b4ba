"""However large and strange what a guest sends is: a person in another room is answered promptly."""

import asyncio
import contextlib
import json
from itertools import cycle
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from chat.protocol.limits import FRAME_MAX, TEXT_MAX

from ..conftest import MakeSite
from ..harness.strange_frames import TEXTS, largest_frames
from ..harness.wires import Wire
from .measuring import assert_at_most, p95_of, prompt_limit
from .test_journal_costs import FILTERS

AT_ONCE = 6
PAUSE = 0.05  # seconds


def strange_frames() -> list[str]:
    """One of each kind of field and value."""
    texts = dict(largest_frames(FRAME_MAX))
    return [text for name, text in texts.items() if not name.startswith(("delete.", "seen.", "history."))]


def filtered_texts() -> list[str]:
    texts = [(unit * TEXT_MAX)[:TEXT_MAX] for unit in (*TEXTS, "ア", " ab", "⁗", "各")]
    return [json.dumps({"type": "post", "client_id": str(uuid4()), "message": text}) for text in texts]


async def send_on_and_on(url: str, frames: list[str]) -> None:
    """Six at once; when they are answered, the next six. Who is sent away comes back."""
    endless = cycle(frames)
    while True:
        with contextlib.suppress(ConnectionClosed, OSError, AssertionError):
            async with Wire(url) as mallory:
                while mallory.connected:
                    for _ in range(AT_ONCE):
                        await mallory.send_raw(next(endless))
                    await mallory.ask("history", "history")
                    await asyncio.sleep(PAUSE)
        await asyncio.sleep(PAUSE)


@pytest.mark.parametrize("kind", ["frames", "filtered"])
async def test_costly_texts_of_one_guest_delay_nobody(make_site: MakeSite, room: str, kind: str) -> None:
    site = make_site(RATE_LIMITS="off")
    server = site.daphne()
    async with Wire(server.ws_url(f"{room}-quiet")) as alice, Wire(server.ws_url(room)) as owner:
        await owner.answer_to(await owner.post("mine"))
        site.sql("UPDATE chat_room SET filter_words = %s", "\n".join(FILTERS.values()))

        async def ask() -> None:
            await alice.answer_to(await alice.post("hello"))

        limit = prompt_limit(await p95_of(ask))
        frames = strange_frames() if kind == "frames" else filtered_texts()
        mallory = asyncio.create_task(send_on_and_on(server.ws_url(room), frames))
        try:
            await assert_at_most(limit, lambda: p95_of(ask, 100), f"an ack beside costly {kind}, in seconds")
            assert not mallory.done()
        finally:
            mallory.cancel()
    server.assert_no_traceback()
