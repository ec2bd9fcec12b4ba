"""Who is in one room, through which process. Pure."""

import unicodedata
from bisect import bisect_left, insort
from collections.abc import Iterable

import msgspec

from ..protocol import Person

OURS = ""
"""This process, among those through which people are present."""
SHOWN_MAX = 100
"""People that a list names; of more than these it is the first ones, by name."""


class Roster:
    """Somebody is present while at least one process has an entry. The entry that came last is shown.

    Each change returns the ids of those who joined, changed or left by it.
    """

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self._by_origin: dict[str, dict[str, Person]] = {}
        self._order: list[tuple[str, str]] = []  # folded name and id: sorted, so a page needs no sorting

    def __len__(self) -> int:
        return len(self.people)

    def put(self, origin: str, person: Person) -> set[str]:
        entries = self._by_origin.setdefault(origin, {})
        if entries.get(person.id) == person:
            return set()
        entries[person.id] = person
        return self._show(person)

    def drop(self, origin: str, key: str) -> set[str]:
        entries = self._by_origin.get(origin, {})
        if entries.pop(key, None) is None:
            return set()
        elsewhere = next((entries[key] for entries in self._by_origin.values() if key in entries), None)
        if elsewhere:
            return self._show(elsewhere)
        self._forget(self.people.pop(key))
        return {key}

    def replace(self, origin: str, people: Iterable[Person]) -> set[str]:
        """This is everybody who is here through that process."""
        now = {person.id: person for person in people}
        changed = set[str]()
        for key in self._by_origin.get(origin, {}).keys() - now.keys():
            changed |= self.drop(origin, key)
        for person in now.values():
            changed |= self.put(origin, person)
        if not now:
            self._by_origin.pop(origin, None)
        return changed

    def rename(self, key: str, name: str) -> set[str]:
        """Through whichever processes they are here."""
        if key not in self.people:
            return set()
        for entries in self._by_origin.values():
            if key in entries:
                entries[key] = msgspec.structs.replace(entries[key], name=name)
        return self._show(msgspec.structs.replace(self.people[key], name=name))

    def origins(self) -> set[str]:
        return set(self._by_origin)

    def page(self) -> list[Person]:
        """The first 100, by name."""
        return [self.people[key] for _name, key in self._order[:SHOWN_MAX]]

    def search(self, query: str) -> list[Person]:
        """Everybody whose name contains the query, whatever the case, by name."""
        wanted = fold(query)
        return [self.people[key] for name, key in self._order if wanted in name]

    def _show(self, person: Person) -> set[str]:
        before = self.people.get(person.id)
        if before == person:
            return set()
        if before:
            self._forget(before)
        self.people[person.id] = person
        insort(self._order, (fold(person.name), person.id))
        return {person.id}

    def _forget(self, person: Person) -> None:
        del self._order[bisect_left(self._order, (fold(person.name), person.id))]


def fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()
