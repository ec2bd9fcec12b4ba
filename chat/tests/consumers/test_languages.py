"""Each person in a room is told in the language that they chose, or that their browser asks for."""

from ..harness.clients import ChatClient
from ..harness.servers import Daphne

JAPANESE = {"Accept-Language": "ja, en;q=0.5"}


async def test_a_refusal_is_in_the_language_of_whoever_is_refused(lobby: Daphne, room: str) -> None:
    url = lobby.ws_url(room)
    async with (
        ChatClient(url) as alice,
        ChatClient(url, headers=JAPANESE) as bob,
        ChatClient(url, headers=JAPANESE, cookies={"language": "ru"}) as charlie,
    ):
        for person in (alice, bob, charlie):
            await person.send_raw('{"type": "dance"}')
            await person.wait_until(lambda person: person.errors)
        assert [person.errors[0]["code"] for person in (alice, bob, charlie)] == ["unknown_type"] * 3
        assert [person.errors[0]["message"] for person in (alice, bob, charlie)] == [
            "There is no such command.",
            "そのコマンドはありません。",
            "Такой команды нет.",
        ]


async def test_a_notice_and_the_help_are_in_the_language_of_whoever_asked(lobby: Daphne, room: str) -> None:
    async with ChatClient(lobby.ws_url(room), cookies={"language": "ru"}) as alice:
        await alice.post("привет")
        notice = await alice.post("/topic чай")
        commands = await alice.post("/help")
    assert notice["notice"] == "Настройки комнаты изменены."
    assert "/nick name – сменить имя" in commands["notice"].splitlines()
