"""The site that pictures are taken of: its people, its rooms, and windows of any size."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from playwright.async_api import Browser, BrowserContext, Page, WebSocketRoute

from chat.tests.harness.clients import ChatClient
from chat.tests.harness.pages import is_connected
from chat.tests.harness.people import Person
from chat.tests.harness.servers import Daphne, Site
from chat.tests.harness.static_files import collect_static
from chat.tests.harness.uploads import Uploader
from chat.tests.harness.windows import add_cookies

SIZES: Final = {True: [(360, 740)], False: [(768, 1024), (1280, 800), (1920, 1080)]}
SCHEMES: Final = ("light", "dark")
NAMES: Final = ("Amina", "Yuki", "Mateo")


def new_site() -> Daphne:
    """A process that serves an empty database."""
    site = Site("")
    site.database_url = f"sqlite:///{site.directory / 'lobby.sqlite3'}"
    site.manage("migrate", "-v", "0")
    return site.daphne()


class World(contextlib.ExitStack):
    """Amina owns every room; Yuki and Mateo are guests as well."""

    def __init__(self, browser: Browser) -> None:
        super().__init__()
        self.browser = browser
        collect_static()
        self.server = self._serve()
        self.people: dict[str, Person] = {}
        self.keys: dict[str, str] = {}
        """Public ids, by name."""

    def _serve(self) -> Daphne:
        server = new_site()
        self.callback(server.site.close)
        return server

    def empty_server(self) -> Daphne:
        return self._serve()

    async def arrive(self, *names: str) -> None:
        """These people choose their names."""
        for name in names:
            self.people[name] = Person(self.server)
            async with self.people[name].chat("hall") as client:
                await client.rename(name)
                self.keys[name] = client.you["id"]

    def chat(self, name: str, room: str) -> ChatClient:
        return self.people[name].chat(room)

    async def talk(self, room: str, lines: list[tuple[str, str]]) -> None:
        for name, text in lines:
            async with self.chat(name, room) as client:
                await client.post(text)

    async def room(self, room: str, **columns: Any) -> None:
        """A room of Amina's in which Mateo has spoken, with these values in its row."""
        await self.talk(
            room,
            [
                ("Amina", "Welcome, everybody."),
                ("Mateo", "Thank you! What is this room about?"),
                ("Amina", "About what we plant this spring, and who waters it in summer."),
            ],
        )
        for column, value in columns.items():
            statement = f"UPDATE chat_room SET {column} = %s WHERE name = %s"  # noqa: S608  of the table of states
            self.server.site.sql(statement, value, room)

    async def moderate(self, room: str, act: str, name: str, **fields: Any) -> None:
        async with self.chat("Amina", room) as owner:
            await owner.do("moderate", act=act, id=self.keys[name], **fields)

    async def upload(self, name: str, room: str, file_name: str, content: bytes) -> str:
        """The id of a stored file."""
        uploader = Uploader(self.server, room, person=self.people[name])
        return str((await asyncio.to_thread(uploader.upload, file_name, content))["id"])

    def window(self, *, is_phone: bool) -> "Window":
        return Window(self, is_phone=is_phone)


class Window:
    """A person's window, desk or phone."""

    def __init__(self, world: World, *, is_phone: bool) -> None:
        self.world = world
        self.is_phone = is_phone
        self._contexts: list[BrowserContext] = []
        self._clients: list[ChatClient] = []

    async def open(
        self, path: str, name: str = "Mateo", server: Daphne | None = None, **options: Any
    ) -> Page:
        """`name`: who looks; empty: somebody new."""
        width, height = SIZES[self.is_phone][-1]
        context = await self.world.browser.new_context(
            viewport={"width": width, "height": height},
            locale="en-GB",
            reduced_motion="reduce",
            has_touch=self.is_phone,
            is_mobile=self.is_phone,
            **options,
        )
        self._contexts.append(context)
        context.set_default_timeout(20_000)
        url = (server or self.world.server).url
        cookies: Mapping[str, str] = self.world.people[name].cookies if name else {}
        await add_cookies(context, url, cookies)
        page = await context.new_page()
        await page.goto(url + quote(path, safe="/?=#&"))
        return page

    async def enter(self, room: str, name: str = "Mateo", **options: Any) -> Page:
        page = await self.open(f"/chat/{room}/", name, **options)
        await is_connected(page)
        if not self.is_phone:
            await page.locator("#rooms li").first.wait_for(state="attached")
        return page

    async def enter_without_site(self, room: str, *, answers: bool) -> Page:
        """The page comes, its socket is closed again and again, or is never answered."""

        async def handle(socket: WebSocketRoute) -> None:
            if not answers:
                await socket.close(code=4012)

        page = await self.open(f"/chat/{room}/")
        await page.route_web_socket("**/ws/**", handle)
        await page.reload()
        return page

    async def keep(self, client: ChatClient) -> None:
        """Somebody else is here as long as the window."""
        self._clients.append(client)
        await client.open()

    async def picture(self, page: Page, width: int, height: int, scheme: str) -> bytes:
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.wait_for_timeout(250)  # what follows a size is drawn
        return await page.screenshot()

    async def close(self) -> None:
        for client in self._clients:
            await client.close()
        for context in self._contexts:
            await context.unroute_all(behavior="ignoreErrors")
            await context.close()
