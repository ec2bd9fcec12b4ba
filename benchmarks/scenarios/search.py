"""How long a search takes among a million messages, over a socket; whether both databases find the same."""

import asyncio
import json
import time
from multiprocessing import Process
from typing import Any, Final

from chat.tests.harness.servers import Site

from ..contenders import LobbyDaphne, lobby
from ..dialects import ChatV1
from ..ground import Ground
from ..load import open_socket, percentile
from ..measurement import Measurement
from ..search_history import build_index, fill, index_size, texts
from ..wire import client_frame

QUERIES: Final = {
    "one_character": ["e", "日", "の", "z", "이"],
    "two_characters": ["th", "日本", "채팅", "ok", "여가"],
    "three_characters": ["the", "日本語", "für", "sto", "ple"],
    "common": ["the", "nicht", "です", "에서", "that"],
    "phrase": ['"of the"', '"is it you"', '"der die"', "日本語です", "채팅 은"],
    "rare": [],  # from the texts
    "absent": ["thounothat", "xyzzy", "上海上海上海上海", "theatestithe", "채팅한국에서채팅"],
    "punctuation": ["C++", "100%", "+", "<ok>", "?"],
    "small_room": ['in:"room 999" the', 'in:"room 999" e', 'in:"room 999" 日', 'in:"room 999" C++', "xyzzy"],
    "filters": ['from:"person 77"', "has:link", "before:2025-01-02", 'in:"room 500"', "from:person has:link"],
    "private": ["topsecret", "topsecret the", "topsec", 'in:"room 920"', "secret"],
}
ROUNDS: Final = 8
LIMIT: Final = 30.0  # seconds of one answer
Answers = dict[str, list[list[tuple[str, int]]]]


def searchable_sites(ground: Ground, count: int) -> dict[str, Site]:
    """By database: filled and indexed at the same time."""
    sites = {"sqlite": ground.site(), "postgres": ground.postgres_site()}
    there = {name: site for name, site in sites.items() if site}
    preparing = [Process(target=_prepare, args=(site, count)) for site in there.values()]
    for process in preparing:
        process.start()
    for process in preparing:
        process.join()
        assert process.exitcode == 0
    return there


def search(site: Site, name: str, count: int, other: Answers) -> Measurement:
    """`other`: what another database has found, to compare with; where it is empty, it is filled."""
    figures, found = asyncio.run(_asked(site, count))
    figures |= {"messages": count, "bytes_a_message": round(index_size(site))}
    if other:
        figures["same_results"] = float(found == other)
    other |= found
    return Measurement(name, "daphne", figures)


def _prepare(site: Site, count: int) -> None:
    fill(site, count)
    build_index(site)


async def _asked(site: Site, count: int) -> tuple[dict[str, float], Answers]:
    said = list(texts(count))
    rare = [_longest(said[int(share * count)]) for share in (0.0, 0.2, 0.4, 0.6, 0.9)]
    figures: dict[str, float] = {}
    answers: Answers = {}
    with lobby(LobbyDaphne, site).start() as server:
        socket = await open_socket(ChatV1(), server.port, "short")
        await socket.ready
        asker = Asker(socket)
        for kind, queries in (QUERIES | {"rare": rare}).items():
            answers[kind] = [(await asker.ask(query))[1] for query in queries]
            took = sorted([(await asker.ask(q))[0] for _ in range(ROUNDS) for q in queries])
            figures[f"{kind}_p50_ms"] = round(percentile(took, 0.5) / 1000, 1)
            figures[f"{kind}_p95_ms"] = round(percentile(took, 0.95) / 1000, 1)
        socket.transport.abort()
    figures["worst_p95_ms"] = max(value for name, value in figures.items() if name.endswith("_p95_ms"))
    return figures, answers


def _longest(text: str) -> str:
    return max(text.split(), key=len)[:40]


class Asker:
    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._answer: asyncio.Future[dict[str, Any]] | None = None
        socket.read(self._on_text)

    def _on_text(self, payload: bytes) -> None:
        if (
            self._answer
            and not self._answer.done()
            and (b'"type":"found"' in payload or b'"error"' in payload)
        ):
            self._answer.set_result(json.loads(payload))

    async def ask(self, query: str) -> tuple[int, list[tuple[str, int]]]:
        """Microseconds, and what was found: room and place of each."""
        self._answer = asyncio.get_running_loop().create_future()
        frame = json.dumps({"type": "search", "query": query, "everywhere": True})
        began = time.perf_counter_ns()
        self._socket.transport.write(client_frame(frame.encode()))
        async with asyncio.timeout(LIMIT):
            answer = await self._answer
        took = (time.perf_counter_ns() - began) // 1000
        assert answer["type"] == "found", answer
        return took, [(hit["room"], hit["message"]["sequence"]) for hit in answer["hits"]]
