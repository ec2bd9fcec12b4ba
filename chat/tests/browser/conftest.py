"""A site that tests of the browser may break, and people who need no window."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
import pytest_asyncio

from ..conftest import MakeSite
from ..harness.clients import ChatClient
from ..harness.pages import new_guest
from ..harness.servers import Daphne, ServerProcess

OpenSocket = Callable[..., Awaitable[ChatClient]]


@pytest.fixture(scope="session")
def daphne_to_break(new_sqlite_site: MakeSite) -> Iterator[Daphne]:
    site = new_sqlite_site()
    yield site.daphne()
    site.close()


@pytest.fixture
def fragile(daphne_to_break: Daphne) -> Daphne:
    """A running daphne that tests share, and may freeze and kill, and whose database they may empty and put
    back: a test leaves nothing there that another one needs."""
    daphne_to_break.resume()
    if not daphne_to_break.alive:
        daphne_to_break.start()
    return daphne_to_break


@pytest_asyncio.fixture(loop_scope="session")
async def open_socket() -> AsyncIterator[OpenSocket]:
    """`bob = await open_socket(server, room, "Bob")`: somebody who is in the room without a window, under
    this name. `cookies` says who it is."""
    clients: list[ChatClient] = []

    async def open_one(
        server: ServerProcess,
        room: str,
        name: str = "",
        cookies: dict[str, str] | None = None,
        **options: Any,
    ) -> ChatClient:
        clients.append(client := ChatClient(server.ws_url(room), cookies=cookies or new_guest(), **options))
        await client.open()
        if name:
            await client.rename(name)
        return client

    yield open_one
    for client in clients:
        await client.close()
