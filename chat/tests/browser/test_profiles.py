"""The harness itself: a browser context that several tests use one after another."""

from ..harness.servers import Daphne
from ..harness.windows import Profiles


async def test_a_context_that_is_given_back_knows_nothing_of_the_person_before(
    lobby: Daphne, profiles: Profiles, room: str
) -> None:
    context = await profiles.take()
    page = await context.new_page()
    await page.goto(lobby.room_url(room))
    await page.evaluate("() => { localStorage.kept = sessionStorage.kept = 'a draft'; }")
    assert await context.cookies() != []
    await profiles.give_back(context, {lobby.url})
    assert await profiles.take() is context
    assert await context.cookies() == []
    page = await context.new_page()
    await page.goto(lobby.room_url(room))
    assert await page.evaluate("() => [localStorage.kept, sessionStorage.kept]") == [None, None]
    await profiles.give_back(context, {lobby.url})
