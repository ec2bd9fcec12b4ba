"""The only process of a site is killed or restarted while people write: nothing is lost or doubled."""

import asyncio

from ..harness.clients import ChatClient
from ..harness.servers import Site
from ..harness.talk import Talk, all_heard, together
from ..server.test_worker_killed import Start, both_servers


class Guest(ChatClient):
    """Keeps the codes with which connections ended on which it had been welcomed."""

    def __init__(self, url: str) -> None:
        super().__init__(url, reconnect=True)
        self.sent_away: list[int] = []

    async def _read_one_connection(self) -> None:
        self.welcome = {}
        await super()._read_one_connection()
        if self.welcome:
            self.sent_away.append(self.close_codes[-1])


async def test_a_process_killed_alone_is_found_again_with_everything(any_site: Site, room: str) -> None:
    """No second process, no Redis: the clients wait for it to come back."""
    server = any_site.daphne()
    people = [ChatClient(server.ws_url(room), reconnect=True) for _ in range(3)]
    async with together(*people):
        talk = Talk(*people, pause=0)
        async with talk.going_on():
            for _ in range(2):
                await talk.more(100)
                await asyncio.to_thread(server.kill)
                await asyncio.to_thread(server.start)
            await talk.more(50)
        await all_heard(any_site, room, talk, people)
        server.assert_no_traceback()


@both_servers
async def test_sigterm_under_load_loses_and_duplicates_nothing(site: Site, room: str, start: Start) -> None:
    server = start(site)
    people = [Guest(server.ws_url(room)) for _ in range(4)]
    async with together(*people):
        talk = Talk(*people, pause=0)
        async with talk.going_on():
            for _ in range(2):
                await talk.more(100)
                for person in people:
                    await person.wait_until(lambda one: one.connected and one.welcome, 30, "a welcome")
                await asyncio.to_thread(server.terminate)
                await asyncio.to_thread(server.start)
            await talk.more(50)
        await all_heard(site, room, talk, people)
        # Who connects in the very last moment may find the server gone instead.
        assert all(set(person.sent_away) == {4012} and len(person.sent_away) >= 2 for person in people)
        server.assert_no_traceback()
