"""Reactions in a window: whose they are, and the picker of emoji."""

import asyncio
from contextlib import AsyncExitStack

from ..harness.clients import ChatClient
from ..harness.menus import company
from ..harness.servers import Daphne
from ..harness.windows import OpenWindow, expect

NAMED = 20  # people under an emoji, in a message


async def test_a_chip_is_pressed_also_when_one_is_not_among_those_who_are_named(
    lobby: Daphne, open_window: OpenWindow, room: str
) -> None:
    [alice] = await company(open_window, lobby, room, "Alice")
    async with AsyncExitStack() as stack:
        others = [ChatClient(lobby.ws_url(room)) for _ in range(NAMED + 1)]
        await asyncio.gather(*map(stack.enter_async_context, others))
        await asyncio.gather(*(other.do("react", sequence=1, emoji="👍") for other in others))
    chip = alice.locator(".chip:not(.waiting)")
    await expect(chip).to_have_text("👍 21")
    await expect(chip).to_have_attribute("aria-pressed", "false")
    await chip.click()
    await expect(chip).to_have_text("👍 22")
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await alice.reload()
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await chip.click()
    await expect(chip).to_have_text("👍 21")
    await expect(chip).to_have_attribute("aria-pressed", "false")
    await alice.reload()
    await expect(chip).to_have_attribute("aria-pressed", "false")
