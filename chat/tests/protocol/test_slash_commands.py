"""Slash commands: which messages are acts, and of whom they speak."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.access.permissions import RoomPermissions, meets
from chat.protocol import ProtocolError
from chat.protocol.commands import Act, Configure, Moderate, Post, Rename, Write
from chat.protocol.limits import TEXT_MAX
from chat.protocol.roles import Role
from chat.protocol.slash_commands import COMMANDS, Help, help_lines, meaning_of

ID = UUID(int=7)


def meant(text: str, reply_to: int | None = None) -> Write | Help:
    return meaning_of(Post(ID, text, reply_to))


def refused(text: str) -> str:
    with pytest.raises(ProtocolError) as caught:
        meant(text)
    assert (caught.value.code, caught.value.client_id) == ("invalid", ID)
    return str(caught.value.text)


def moderate(act: Act, **details: object) -> Moderate:
    return Moderate(ID, act, **details)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/topic Green tea", Configure(ID, topic="Green tea")),
        ("/topic off", Configure(ID, topic="")),
        ("/slow 10", Configure(ID, slow_mode=10)),
        ("/slow off", Configure(ID, slow_mode=0)),
        ("/readonly on", Configure(ID, read_only=True)),
        ("/readonly OFF", Configure(ID, read_only=False)),
        ("/me waves", Post(ID, "/me waves")),
        ("/ME\nwaves", Post(ID, "/me waves")),
        ("/nick Amber Otter", Rename(ID, "Amber Otter")),
        ("/kick bob", moderate(Act.KICK, name="bob")),
        ("  /KICK   Amber Otter ", moderate(Act.KICK, name="Amber Otter")),
        ('/kick "Amber Otter"', moderate(Act.KICK, name="Amber Otter")),
        ("/kick “Amber Otter”", moderate(Act.KICK, name="Amber Otter")),
        ("/ban bob", moderate(Act.BAN, name="bob")),
        ("/ban bob 10", moderate(Act.BAN, name="bob", seconds=600)),
        ("/ban bob 10 too loud", moderate(Act.BAN, name="bob", seconds=600, reason="too loud")),
        ("/ban Amber Otter 10 spam", moderate(Act.BAN, name="Amber Otter", seconds=600, reason="spam")),
        ("/ban Amber Otter 2 10 spam", moderate(Act.BAN, name="Amber Otter 2", seconds=600, reason="spam")),
        ('/ban "Amber Otter 2"', moderate(Act.BAN, name="Amber Otter 2")),
        ('/ban "Amber Otter" spam', moderate(Act.BAN, name="Amber Otter", reason="spam")),
        ('/ban "Amber Otter" 5', moderate(Act.BAN, name="Amber Otter", seconds=300)),
        ("/unban bob", moderate(Act.UNBAN, name="bob")),
        ("/mute Amber Otter", moderate(Act.MUTE, name="Amber Otter")),
        ("/mute Amber Otter 30", moderate(Act.MUTE, name="Amber Otter", seconds=1800)),
        ("/unmute Amber Otter", moderate(Act.UNMUTE, name="Amber Otter")),
        ("/mod 李 小龙", moderate(Act.PROMOTE, name="李 小龙")),
        ("/unmod bob", moderate(Act.DEMOTE, name="bob")),
        ("/purge bob 7", moderate(Act.PURGE, name="bob 7")),
        ("/admit bob", moderate(Act.ADMIT, name="bob")),
        ("/dismiss bob", moderate(Act.DISMISS, name="bob")),
        ("/pin 12", moderate(Act.PIN, sequence=12)),
        ("/pin #12", moderate(Act.PIN, sequence=12)),
        ("/pin", moderate(Act.PIN)),
        ("/unpin", moderate(Act.UNPIN)),
    ],
)
def test_a_command_is_the_act_it_says(text: str, command: Write) -> None:
    assert meant(text) == command


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "/",
        "//",
        "/ hello",
        "/etc/passwd",
        "/2",
        "/me2 x",
        "//kick bob",
        "see /kick",
        "/a.b",
        "",
        "/-)",
        "/_x_",
    ],
)
def test_everything_else_is_a_message(text: str) -> None:
    assert isinstance(meant(text), Post)


def test_an_unknown_command_is_not_posted_by_mistake() -> None:
    for text in ("/kik bob", "/shrug", "/привет мир"):
        reason = refused(text)
        assert reason.startswith(f"There is no command {text.split()[0]}.")
        assert "two slashes" in reason


@pytest.mark.parametrize(
    "text",
    [
        "/kick",
        "/ban",
        "/mute bob 0",
        "/mute bob 99999999999",
        "/topic",
        "/slow",
        "/slow fast",
        "/slow -1",
        "/slow 9" + "9" * 30,
        "/readonly",
        "/readonly maybe",
        "/nick",
        "/pin one",
        "/me",
        "/pin 0",
        "/unpin 3",
        '/kick "bob" now',
    ],
)
def test_a_command_that_does_not_fit_says_how_it_is_used(text: str) -> None:
    assert COMMANDS[text[1:].split(maxsplit=1)[0]].usage in refused(text)


def test_a_text_that_is_too_long_to_be_said_is_no_command() -> None:
    assert isinstance(meant("/nick " + "x" * (TEXT_MAX - 6) + "  "), Rename)
    assert isinstance(meant("/nick " + "x" * (TEXT_MAX - 5)), Post)


def test_an_action_may_be_an_answer() -> None:
    assert meant("/me nods", reply_to=7) == Post(ID, "/me nods", reply_to=7)


def test_what_is_answered_with_pin_is_pinned() -> None:
    assert meant("/pin", reply_to=7) == moderate(Act.PIN, sequence=7)
    assert meant("/pin 3", reply_to=7) == moderate(Act.PIN, sequence=3)


def test_help_names_every_command_that_one_may_give() -> None:
    def named(role: Role, *, offered: bool = False) -> set[str]:
        lines = help_lines(lambda needs: meets(needs, RoomPermissions(role, offered=offered)))
        usages = {usage for usage, _text in lines}
        return {word for word, command in COMMANDS.items() if command.usage in usages}

    assert meant("/help") == Help(ID)

    of_owners = {"mod", "unmod", "handover"}
    assert named(Role.VISITOR) == {"me", "nick"}
    assert named(Role.VISITOR, offered=True) == {"me", "nick", "accept", "decline"}
    assert named(Role.MEMBER) == {"me", "nick", "leave"}
    assert named(Role.MODERATOR) == set(COMMANDS) - of_owners - {"accept", "decline"}
    assert named(Role.OWNER) == set(COMMANDS) - {"accept", "leave"}


def test_two_slashes_say_one() -> None:
    for text, said in (
        ("//kick bob", "/kick bob"),
        ("//me waves", "\\/me waves"),
        ("///x", "//x"),
        ("//", "/"),
        ("x // y", "x // y"),
    ):
        assert meant(text, reply_to=3) == Post(ID, said, reply_to=3)


@given(
    st.text(max_size=60)
    | st.sampled_from(sorted(COMMANDS)).flatmap(lambda w: st.text().map(lambda t: f"/{w} {t}"))
)
def test_whatever_is_typed_it_is_a_command_a_message_or_invalid(text: str) -> None:
    try:
        assert meant(text).client_id == ID
    except ProtocolError as error:
        assert (error.code, error.client_id) == ("invalid", ID)
