"""Whether somebody who reads on may have read a mention of them: never missed, and seldom asked in vain."""

from msgspec.structs import replace

from chat import protocol
from chat.journal.changes import Change
from chat.realtime.mentioned import Mentioned

from .test_replay_buffer import change


def mention(sequence: int, person: str | None) -> Change:
    plain = change(sequence, sequence).message
    message = replace(plain, mentions=[protocol.Mention("somebody", person)])
    return Change(message, protocol.encode_message(message))


def test_each_mention_is_noticed_when_it_is_read_and_not_again() -> None:
    mentioned = Mentioned()
    assert not mentioned.note([mention(3, "bob"), change(4, 4), mention(7, "bob"), mention(5, "alice")], 0)
    assert [mentioned.reads("bob", place) for place in (2, 3, 7, 7, 9)] == [False, True, True, False, False]
    assert mentioned.reads("alice", 9)
    assert not mentioned.reads("charlie", 9)


def test_a_new_message_may_mention_everybody_and_an_edited_one_does_so_no_more() -> None:
    assert Mentioned().note([mention(8, None)], 7)
    assert not Mentioned().note([mention(8, None)], 8)
