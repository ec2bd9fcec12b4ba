"""The rows T1 to T12 of the tutorial's table that need no browser."""

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from channels.auth import AuthMiddleware
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from channels.sessions import CookieMiddleware, SessionMiddleware
from django.urls import reverse

from .conftest import Pair
from .harness.admin_pages import AdminPages
from .harness.clients import ChatClient, PlainClient
from .harness.environment import ROOT
from .harness.hints import joined
from .harness.servers import Daphne, RedisServer, ServerProcess, Site
from .harness.talk import never_left
from .harness.wires import Wire


class RunServer(ServerProcess):
    """`python manage.py runserver` as it comes, with its reloader."""

    name = "runserver"

    def command(self) -> Sequence[str | Path]:
        return [sys.executable, ROOT / "manage.py", "runserver", f"127.0.0.1:{self.port}"]


def test_t1_and_t2_the_pages_are_named_index_and_room() -> None:
    assert reverse("index") == "/chat/"
    assert reverse("room", args=["tea"]) == "/chat/tea/"


def test_t2_the_room_page_has_what_the_tutorials_script_looks_for(lobby: Daphne) -> None:
    html = lobby.get("/chat/lobby/").text
    assert "Chat Room" in re.findall(r"<title>(.*?)</title>", html)[0]
    for name in ("chat-log", "chat-message-input", "chat-message-submit"):
        assert len(re.findall(rf'id="{name}"', html)) == 1
    assert '<script id="room-name" type="application/json">"lobby"</script>' in html
    assert re.search(r'<textarea id="chat-message-input"[^>]* autofocus', html)
    assert re.search(r'<button id="chat-message-submit"[^>]*>.*?Send', html, re.DOTALL)


def test_t3_a_guest_is_given_a_name_and_asked_for_nothing(lobby: Daphne) -> None:
    answer = lobby.get("/chat/lobby/")
    assert answer.status == 200
    assert "guest=" in answer.headers["Set-Cookie"]
    assert '"name": "' in answer.text
    assert "sessionid" not in answer.headers["Set-Cookie"]


async def test_t5_the_socket_has_the_pages_host_and_the_rooms_name(lobby: Daphne, room: str) -> None:
    page = urlsplit(lobby.room_url(room))
    async with PlainClient(f"ws://{page.netloc}/ws{page.path}") as alice:
        await alice.say("hello")
        await alice.wait_until(lambda alice: alice.texts == ["hello"])
    assert lobby.site.texts(room) == ["hello"]


async def test_t6_a_socket_without_a_subprotocol_speaks_as_in_the_tutorial(lobby: Daphne, room: str) -> None:
    async with PlainClient(lobby.ws_url(room)) as alice, PlainClient(lobby.ws_url(room)) as bob:
        await alice.send_raw('{"message":"hello"}')
        for person in (alice, bob):
            await person.wait_until(lambda person: person.frames)
            assert person.frames[0]["message"] == "hello"


async def test_t7_all_of_a_room_and_nobody_else_get_a_message_across_two_processes(
    hinted_pair: Pair, shared_redis: RedisServer, room: str
) -> None:
    one, other = hinted_pair
    rooms = (f"{room}_1", f"{room}_2")
    async with (
        PlainClient(one.ws_url(rooms[0])) as alice,
        PlainClient(other.ws_url(rooms[0])) as bob,
        PlainClient(one.ws_url(rooms[1])) as charlie,
        ChatClient(other.ws_url(rooms[1])) as dora,
    ):
        for name in rooms:
            await joined(shared_redis, name)
        await alice.say("hello from the one")
        await alice.wait_until(lambda alice: len(alice.texts) == 1)
        await bob.wait_until(lambda bob: len(bob.texts) == 1)
        await bob.say("hello from the other")
        await dora.post("hello, room_2")
        for person in (alice, bob):
            await person.wait_until(lambda person: len(person.texts) == 2)
            assert person.texts == ["hello from the one", "hello from the other"]
        await charlie.wait_until(lambda charlie: charlie.texts == ["hello, room_2"])
        await dora.wait_until(lambda dora: dora.texts == ["hello, room_2"])


def test_t7_the_socket_is_reached_through_the_tutorials_layers() -> None:
    from mysite.asgi import application

    router = application.application
    assert isinstance(router, ProtocolTypeRouter)
    layer = router.application_mapping["websocket"]
    for expected in (OriginValidator, CookieMiddleware, SessionMiddleware, AuthMiddleware):
        assert isinstance(layer, expected)
        layer = layer.application if isinstance(layer, OriginValidator) else layer.inner
    assert isinstance(layer, URLRouter)
    assert issubclass(layer.routes[0].callback.consumer_class, AsyncWebsocketConsumer)


def test_t8_the_layer_is_reached_from_a_shell(redis_site: Site) -> None:
    code = """
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
layer = get_channel_layer()
async def there_and_back():
    channel = await layer.new_channel()
    await layer.send(channel, {"type": "hello"})
    return await layer.receive(channel)
print([base.__module__ for base in type(layer).__mro__][1], async_to_sync(there_and_back)())
"""
    assert redis_site.shell(code).strip() == "channels_redis.pubsub {'type': 'hello'}"


async def test_t9_a_database_that_is_busy_does_not_stop_the_event_loop(lobby: Daphne, room: str) -> None:
    server, site = lobby, lobby.site
    async with Wire(server.ws_url(room)) as alice, PlainClient(server.ws_url(room)) as bob:
        with site.locked():
            waiting = await alice.post("waits")
            await bob.send_raw("nonsense")
            await bob.wait_until(lambda bob: bob.errors)
            assert not alice.of("ack")
        assert (await alice.answer_to(waiting))["type"] == "ack"
        await bob.wait_until(lambda bob: bob.texts == ["waits"])


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The source as somebody has cloned it, without anybody's `.env`."""
    for folder in ("chat", "mysite", "templates"):
        ignored = shutil.ignore_patterns("tests", "__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / "manage.py", tmp_path)
    return tmp_path


def run_in(clone: Path, code: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
        cwd=clone,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
    )


def test_t10_without_a_secret_key_nothing_starts(clone: Path) -> None:
    for environment in ({}, {"SECRET_KEY": ""}):
        done = run_in(clone, "import mysite.asgi; print('started')", **environment)
        assert done.returncode != 0
        assert "started" not in done.stdout
        assert "SECRET_KEY" in done.stderr


def test_t10_settings_come_from_a_env_file_and_the_environment_wins(clone: Path) -> None:
    (clone / ".env").write_text("SECRET_KEY=from-the-file\nLANGUAGE_CODE=de\nTIME_ZONE=Europe/Berlin\n")
    code = "from django.conf import settings as s; print(s.SECRET_KEY, s.LANGUAGE_CODE, s.TIME_ZONE, s.DEBUG)"
    done = run_in(clone, code, LANGUAGE_CODE="ja", TIME_ZONE="Asia/Tokyo")
    assert done.stdout.strip() == "from-the-file ja Asia/Tokyo False", done.stderr


async def test_t10_language_and_time_zone_are_settings(site: Site) -> None:
    server = site.daphne(LANGUAGE_CODE="ja", TIME_ZONE="Asia/Tokyo")
    async with ChatClient(server.ws_url("日本語")) as alice:
        await alice.post("こんにちは")
        page = server.get(server.room_url("日本語"))
        index = server.get("/chat/")
        await alice.send_raw('{"type": "dance"}')
        await alice.wait_until(lambda alice: alice.errors)
    assert alice.errors[0]["message"] == "そのコマンドはありません。"
    assert (page.status, index.status) == (200, 200)
    assert '<html lang="ja"' in page.text
    assert '<html lang="ja"' in index.text
    assert re.search(r'<time datetime="[^"]+\+09:00"', index.text)
    assert "日本語" in index.text
    assert server.get("/chat/../").status == 404
    assert '<html lang="ja"' in server.get("/admin/login/").text


async def test_t11_the_admin_shows_the_models_and_what_is_done_there_reaches_open_sockets(site: Site) -> None:
    server = site.daphne()
    async with ChatClient(server.ws_url("tea")) as alice:
        for text in ("one", "two", "three"):
            await alice.post(text)
        admin = await asyncio.to_thread(AdminPages, site, server)
        index = await asyncio.to_thread(admin.read, "/admin/")
        for name in ("Rooms", "Participants", "Messages"):
            assert name in index
        for path, shown in (("room", "tea"), ("participant", alice.you["name"]), ("message", "three")):
            for query in ("", f"?q={shown.split()[0]}"):
                assert shown in await asyncio.to_thread(admin.read, f"/admin/chat/{path}/{query}")
        (participant,) = site.sql("SELECT id FROM chat_participant WHERE key = %s", alice.you["id"])[0]
        chosen = {"action": "purge_everywhere", "_selected_action": str(participant)}
        await asyncio.to_thread(admin.send, "/admin/chat/participant/", **chosen)
        await alice.wait_until(lambda alice: not alice.texts)
        assert never_left(alice)
        assert alice.resets == 1
    server.assert_no_traceback()


async def test_t12_runserver_serves_http_and_websocket_together(site: Site, room: str) -> None:
    server = RunServer(site, {"DEBUG": "on"})
    site.servers.append(server)
    server.start()
    page = server.get(server.room_url(room))
    assert page.status == 200
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
        assert server.get(path).status == 200
    async with PlainClient(server.ws_url(room)) as alice:
        await alice.say("hello")
        await alice.wait_until(lambda alice: alice.texts == ["hello"])


def test_t12_daphne_stands_first_in_the_installed_apps() -> None:
    from django.conf import settings

    assert settings.INSTALLED_APPS[0] == "daphne"
    assert settings.ASGI_APPLICATION == "mysite.asgi.application"
