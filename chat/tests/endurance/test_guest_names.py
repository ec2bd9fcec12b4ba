"""Names that guests take leave rows behind: a network takes only so many."""

import asyncio

import pytest

from chat.access.rate_limits import GUEST_NAMES
from chat.tests.harness.clients import ChatClient, Refused
from chat.tests.harness.servers import Site
from chat.tests.harness.talk import together


async def test_a_network_takes_a_thousand_guest_names_an_hour(site: Site) -> None:
    server = site.daphne(RATE_LIMITS="on", RATE_ACTS="off,off", TRUSTED_PROXIES="1")

    def guest(address: str) -> ChatClient:
        return ChatClient(server.ws_url("tea"), headers={"X-Forwarded-For": address})

    crowd, bob = [guest("192.0.2.1") for _ in range(16)], guest("192.0.2.2")

    async def rename_all() -> None:
        await asyncio.gather(*(one.rename(f"Guest {n}", timeout=60) for n, one in enumerate(crowd)))

    async def rename_on_and_on() -> None:
        for _ in range(GUEST_NAMES.most):  # more than there may be, as time gives some back
            await rename_all()

    async with together(*crowd, bob):
        with pytest.raises(Refused) as refused:
            await rename_on_and_on()
        assert refused.value.code == "too_fast"
        assert refused.value.frame["retry_after"] > 0
        await bob.rename("Bob")
    server.assert_no_traceback()
