"""Presence in the database: the rows of processes and connections."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Connection, Participant, Process
from chat.presence import store
from chat.presence.store import Changes, Entry
from chat.protocol import Person


def entries(count: int, room: str = "tea") -> dict[store.Place, Entry | None]:
    return {(room, f"{n}"): Entry(Person(f"{n}", f"Name {n}"), "2001:db8::1") for n in range(count)}


def whole(count: int) -> dict[store.Place, Entry]:
    return {place: entry for place, entry in entries(count).items() if entry}


def test_a_thousand_who_join_and_leave_cost_few_statements(db: None) -> None:
    store.register("one", 1, {}, {})
    with CaptureQueriesContext(connection) as statements:
        assert store.write("one", Changes(entries(1000))) == 2
    assert len(statements) <= 20
    assert Connection.objects.count() == 1000
    gone = Changes(dict.fromkeys(entries(1000)), {f"{n}": "2001:db8::1" for n in range(1000)})
    with CaptureQueriesContext(connection) as statements:
        assert store.write("one", gone) == 3
    assert len(statements) <= 20
    assert Connection.objects.count() == 0


def test_what_is_written_again_is_there_once(db: None) -> None:
    store.register("one", 1, whole(3), {})
    for _ in range(2):
        store.write("one", Changes(entries(3)))
    ((_version, rooms),) = store.read_people(["tea", "coffee"]).values()
    assert [one.name for one in rooms["tea"]] == ["Name 0", "Name 1", "Name 2"]
    assert rooms.keys() == {"tea"}
    assert Connection.objects.live().count_people(["tea", "coffee"]) == {"tea": 3}


def test_one_person_through_two_processes_counts_once(db: None) -> None:
    store.register("one", 1, whole(3), {})
    store.register("other", 1, whole(4), {})
    assert Connection.objects.live().count_people(["tea"]) == {"tea": 4}


def test_a_process_whose_lease_has_expired_does_not_count_and_is_removed(db: None) -> None:
    Participant.objects.create(key="3", name="Dora")
    store.register("one", 1, whole(3), {})
    store.register("dead", 1, whole(4), {})
    Process.objects.filter(pk="dead").update(renewed_at="2020-01-01T00:00:00Z")
    assert {row.origin: row.is_expired for row in Process.objects.leases()} == {"one": False, "dead": True}
    assert Connection.objects.live().count_people(["tea"]) == {"tea": 3}
    assert store.read_people(["tea"]).keys() == {"one"}
    store.remove_expired()
    assert [row.origin for row in Process.objects.leases()] == ["one"]
    assert Connection.objects.count() == 3
    assert Participant.objects.get(key="3").last_seen_at
    assert not store.renew("dead")
    assert store.write("dead", Changes(entries(1))) is None
    assert Connection.objects.count() == 3


def test_a_new_name_reaches_the_rows_of_other_processes_and_shows_by_their_version(db: None) -> None:
    store.register("one", 1, whole(2), {})
    store.register("other", 7, whole(2), {})
    store.register("third", 4, {}, {})
    store.rename({"1": "Zoë"}, but="one")
    assert {row.origin: row.version for row in Process.objects.leases()} == {"one": 1, "other": 8, "third": 4}
    names = Connection.objects.filter(process="other").values_list("name", flat=True)
    assert set(names) == {"Name 0", "Zoë"}


def test_the_names_that_people_have_are_those_of_their_rows_however_many_are_asked_for(db: None) -> None:
    store.register("one", 1, whole(3), {})
    for key in ("1", "2", "7"):
        Participant.objects.create(key=key, name="Zoë")
    assert store.names_of("one", {"0", "1"}) == {"1": "Zoë"}
    assert store.names_of("one", {f"{n}" for n in range(1001)}) == {"1": "Zoë", "2": "Zoë"}
