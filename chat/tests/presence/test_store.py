"""Presence in the database: the rows of processes and connections."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Connection, Participant, Process
from chat.presence import store
from chat.presence.store import Changes, Entry
from chat.protocol import Person


def entries(count: int, room: str = "tea") -> dict[store.Place, Entry | None]:
    return {(room, f"{n}"): Entry(Person(f"{n}", f"Name {n}"), "2001:db8::1") for n in range(count)}


def test_a_thousand_who_join_and_leave_cost_few_statements(db: None) -> None:
    store.register("one", 1, Changes())
    with CaptureQueriesContext(connection) as statements:
        assert store.write("one", 2, Changes(entries(1000)))
    assert len(statements) <= 20
    assert Connection.objects.count() == 1000
    gone = Changes(dict.fromkeys(entries(1000)), {f"{n}": "2001:db8::1" for n in range(1000)})
    with CaptureQueriesContext(connection) as statements:
        assert store.write("one", 3, gone)
    assert len(statements) <= 20
    assert Connection.objects.count() == 0


def test_what_is_written_again_is_there_once(db: None) -> None:
    store.register("one", 1, Changes(entries(3)))
    for version in (2, 3):
        store.write("one", version, Changes(entries(3)))
    ((_version, rooms),) = store.read_people(["tea", "coffee"]).values()
    assert [one.name for one in rooms["tea"]] == ["Name 0", "Name 1", "Name 2"]
    assert rooms.keys() == {"tea"}
    assert Connection.objects.live().count_people(["tea", "coffee"]) == {"tea": 3}


def test_one_person_through_two_processes_counts_once(db: None) -> None:
    store.register("one", 1, Changes(entries(3)))
    store.register("other", 1, Changes(entries(4)))
    assert Connection.objects.live().count_people(["tea"]) == {"tea": 4}


def test_a_process_whose_lease_has_expired_does_not_count_and_is_removed(db: None) -> None:
    Participant.objects.create(key="3", name="Dora")
    store.register("one", 1, Changes(entries(3)))
    store.register("dead", 1, Changes(entries(4)))
    Process.objects.filter(pk="dead").update(renewed_at="2020-01-01T00:00:00Z")
    assert {row.origin: row.is_expired for row in Process.objects.leases()} == {"one": False, "dead": True}
    assert Connection.objects.live().count_people(["tea"]) == {"tea": 3}
    assert store.read_people(["tea"]).keys() == {"one"}
    store.remove_expired()
    assert [row.origin for row in Process.objects.leases()] == ["one"]
    assert Connection.objects.count() == 3
    assert Participant.objects.get(key="3").last_seen_at
    store.renew("dead")
    assert not store.write("dead", 2, Changes(entries(1)))
    assert Connection.objects.count() == 3


def test_rows_of_another_version_than_ours_are_not_changed(db: None) -> None:
    """A backup was restored: they are written anew."""
    store.register("one", 4, Changes(entries(3)))
    assert not store.write("one", 8, Changes(dict.fromkeys(entries(3))))
    assert Connection.objects.count() == 3
    store.register("one", 9, Changes(entries(1)))
    assert [row.version for row in Process.objects.leases()] == [9]
    assert Connection.objects.count() == 1


def test_names_that_have_changed_are_those_of_people_who_are_here_through_the_process(db: None) -> None:
    store.register("one", 1, Changes(entries(3) | entries(2, "coffee")))
    store.register("other", 1, Changes(entries(5)))
    for key, name in (("0", "Name 0"), ("1", "Zoë"), ("4", "Dora")):
        Participant.objects.create(key=key, name=name)
    assert store.changed_names("one") == {"1": "Zoë"}
