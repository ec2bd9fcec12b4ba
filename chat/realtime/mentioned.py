"""Whom new messages of a room mention, so that reading one of them is noticed without asking the database."""

from collections.abc import Iterable

from ..journal.changes import Change


class Mentioned:
    def __init__(self) -> None:
        self._places: dict[str, tuple[int, int]] = {}
        """By person: the first and the last place that may be unread. Two numbers, however many mentions."""

    def note(self, changes: Iterable[Change], newest: int) -> bool:
        """Whether one of them, after `newest`, mentions everybody who was present."""
        is_of_all = False
        for message in (change.message for change in changes if change.message.mentions):
            for mention in message.mentions or ():
                if mention.id:
                    first, last = self._places.get(mention.id, (message.sequence, message.sequence))
                    self._places[mention.id] = min(first, message.sequence), max(last, message.sequence)
                elif message.sequence > newest:
                    is_of_all = True
        return is_of_all

    def reads(self, person: str, sequence: int) -> bool:
        """Somebody has read up to there: whether a mention of them may be among what they had not read."""
        first, last = self._places.get(person, (sequence + 1, 0))
        if sequence >= last:
            self._places.pop(person, None)
        elif sequence >= first:
            self._places[person] = sequence + 1, last
        return sequence >= first
