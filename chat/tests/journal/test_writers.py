"""Several writers at once, in threads and processes, on both databases."""

from concurrent.futures import ThreadPoolExecutor

from ..harness.servers import Site

OPPOSITE_ORDERS = """
import threading
from chat.journal.service import write
from chat.tests.harness.write_requests import ALICE, BOB, edit, post
from django.db import connection

failures, start = [], threading.Barrier(2)

def talk(who, rooms):
    try:
        start.wait()
        for n in range(40):
            outcomes = write([post(f"{who.name} {n}", who, room=room) for room in rooms]).outcomes
            assert all(hasattr(outcome, "sequence") for outcome in outcomes), outcomes
    except Exception as error:
        failures.append(repr(error))
    finally:
        connection.close()

rooms = ["tea", "coffee", "milk", "water"]
orders = [(ALICE, rooms), (BOB, rooms[::-1])]
threads = [threading.Thread(target=talk, args=order) for order in orders]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(failures)
"""

SAME_MESSAGES = """
import threading
from uuid import UUID
from chat.journal.service import write
from chat.tests.harness.write_requests import ALICE, post
from django.db import connection

found, start = [], threading.Barrier(4)

def resend():
    start.wait()
    try:
        numbers = []
        for n in range(40):
            requests = [post(f"message {k}", ALICE, client_id=UUID(int=k)) for k in (n, n + 1)]
            numbers += [(outcome.sequence, outcome.revision) for outcome in write(requests).outcomes]
        found.append(numbers)
    finally:
        connection.close()

threads = [threading.Thread(target=resend) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(found) == 4 and all(numbers == found[0] for numbers in found), found
print("the same numbers for all")
"""

ONE_WRITER = """
from chat.journal.service import write
from chat.tests.harness.write_requests import ALICE, BOB, post
for n in range(50):
    write([post(f"{{n}} {{k}} of {who}", {who}, room=("tea", "coffee")[k % 2]) for k in range(4)])
"""


def test_writers_that_take_the_same_rooms_in_opposite_orders_do_not_deadlock(any_site: Site) -> None:
    assert any_site.shell(OPPOSITE_ORDERS).strip() == "[]"
    for room in ("tea", "coffee", "milk", "water"):
        assert sorted(any_site.texts(room)) == sorted(
            f"{who} {n}" for n in range(40) for who in ("Alice", "Bob")
        )
    assert set(any_site.sql("SELECT sequence, revision FROM chat_room")) == {(80, 80)}


def test_writers_that_send_the_same_messages_store_each_once(any_site: Site) -> None:
    assert any_site.shell(SAME_MESSAGES).strip() == "the same numbers for all"
    assert any_site.texts("tea") == [f"message {n}" for n in range(41)]
    assert any_site.sql("SELECT sequence, revision FROM chat_room") == [(41, 41)]


def test_writers_in_several_processes_share_the_numbers(any_site: Site) -> None:
    with ThreadPoolExecutor() as both:
        list(both.map(any_site.shell, [ONE_WRITER.format(who=who) for who in ("ALICE", "BOB")]))
    for room, parity in (("tea", 0), ("coffee", 1)):
        rows = any_site.sql(
            "SELECT m.sequence, m.revision, m.sent_at FROM chat_message m"
            " JOIN chat_room r ON r.id = m.room_id WHERE r.name = %s ORDER BY m.sequence",
            room,
        )
        assert [(sequence, revision) for sequence, revision, _ in rows] == [(n, n) for n in range(1, 201)]
        assert [sent for *_, sent in rows] == sorted(sent for *_, sent in rows)
        for who in ("ALICE", "BOB"):
            mine = [text for text in any_site.texts(room) if text.endswith(who)]
            assert mine == [f"{n} {k} of {who}" for n in range(50) for k in (parity, parity + 2)]


def test_a_bad_draft_costs_only_itself_on_either_database(any_site: Site) -> None:
    code = r"""
from chat.journal.service import write
from chat.tests.harness.write_requests import ALICE, BOB, post, rename
for bad in ("", "nul \0", "half \ud83e", "x" * 4001):
    written = write([post("one"), post(bad, BOB), rename(bad, BOB), post("two")])
    print([type(outcome).__name__ for outcome in written.outcomes])
"""
    assert any_site.shell(code).splitlines() == ["['Stored', 'Refused', 'Refused', 'Stored']"] * 4
    assert any_site.texts("tea") == ["one", "two"] * 4


def test_a_draft_that_the_database_itself_refuses_costs_only_itself(any_site: Site) -> None:
    """An identity that does not fit its column: no rule of ours says so, and SQLite does not mind."""
    code = """
from chat.access.identity import Identity
from chat.journal.service import write
from chat.tests.harness.write_requests import post
long = Identity("k" * 33, "Mallory")
print([type(o).__name__ for o in write([post("one"), post("mine", long), post("two")]).outcomes])
"""
    expected = ["Stored", "Stored" if any_site.is_sqlite else "Refused", "Stored"]
    assert any_site.shell(code).splitlines()[-1] == str(expected)
    assert [text for text in any_site.texts("tea") if text != "mine"] == ["one", "two"]


MARKS_BESIDE_A_BATCH = """
import threading
from chat.journal.service import write
from chat.unread.read_marks import store
from chat.journal.sql import lock_rooms
from chat.tests.harness.write_requests import ALICE, BOB, post
from django.db import connection, transaction

write([post("hello", ALICE, room="a"), post("hello", ALICE, room="b"), post("hello", BOB, room="c")])

def mark():
    try:
        store({("b", "bob"): 1, ("a", "bob"): 1})
        print("stored")
    except Exception as error:
        print(repr(error))
    finally:
        connection.close()

with transaction.atomic():
    lock_rooms(["a", "b"])
    marking = threading.Thread(target=mark)
    marking.start()
    marking.join(60)
"""


def test_new_members_read_marks_do_not_wait_for_a_batch_in_their_rooms(pg_site: Site) -> None:
    """PostgreSQL locks the room of a new membership against its removal: no reason to wait for a message."""
    assert pg_site.shell(MARKS_BESIDE_A_BATCH).split() == ["stored"]
