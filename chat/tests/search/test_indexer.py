"""The index follows the messages, and goes with them."""

import asyncio
from io import StringIO
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from chat.database.statements import select
from chat.database.threads import DatabaseThreads
from chat.journal.forgetting import forget_participant
from chat.journal.retention import purge_expired
from chat.journal.service import write
from chat.models import Message, Participant, Room, SearchPending
from chat.models.participant import Leaving
from chat.protocol import Act
from chat.search import contents, index, indexer, sqlite
from chat.server.indexing import Indexing

from ..harness.old_messages import DAY, said_before
from ..harness.write_requests import BOB, act, change, delete, done, edit, post, react, stored
from .asking import ask, found, index_all, said

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("any_database")]


def entries() -> set[int]:
    """The messages (ids) that have an entry."""
    key = "rowid" if connection.vendor == "sqlite" else "message_id"
    return {pk for (pk,) in select(f"SELECT {key} FROM chat_searchentry", [])}


def indexed() -> set[int]:
    """The places of the messages that have an entry; 0 for an entry without its message."""
    pks = entries()
    places = dict(Message.objects.filter(pk__in=pks).values_list("pk", "sequence"))
    return {places.get(pk, 0) for pk in pks}


def test_every_message_gets_an_entry_in_steps_over_all_rooms() -> None:
    write([post(f"tea {n}") for n in range(120)])
    write([post("one", room=f"room {n}") for n in range(5)])
    steps = 0
    while indexer.index_step(50):
        steps += 1
    assert steps == 3
    assert not SearchPending.objects.exists()
    assert entries() == {*Message.objects.values_list("pk", flat=True)}


def test_a_deletion_removes_the_entry_in_its_own_transaction() -> None:
    write([post("tea one"), post("tea two")])
    index_all()
    with transaction.atomic():
        write([delete(1)])
        assert indexed() == {2}
        transaction.set_rollback(True)
    assert indexed() == {1, 2}
    stored(delete(1))
    assert indexed() == {2}


def test_an_edit_removes_the_entry_and_the_indexer_brings_a_new_one() -> None:
    stored(post("first"))
    index_all()
    stored(edit(1, "second", 1))
    assert indexed() == set()
    index_all()
    assert indexed() == {1}


def test_a_reaction_leaves_the_entry_as_it_is() -> None:
    stored(post("first"))
    index_all()
    stored(react(1, "👍", BOB))
    assert indexed() == {1}
    index_all()
    assert found("first") == ["first"]


def test_entries_go_with_purged_and_expired_messages_and_with_rooms() -> None:
    said_before(2, 31 * DAY)
    write([post("mine"), post("of bob", BOB), post("elsewhere", room="coffee")])
    done(change(retention_days=30))
    index_all()
    purge_expired()
    assert indexed() == {1, 3, 4}
    done(act(Act.PURGE, id="bob"))
    assert indexed() == {1, 3}
    Room.objects.get(key="tea").delete()
    assert indexed() == {1}
    Message.objects.all().delete()
    assert indexed() == set()


@pytest.mark.parametrize("leaving", Leaving)
def test_entries_name_nobody_who_is_forgotten(leaving: Leaving) -> None:
    write([post("mine"), post("of bob", BOB)])
    index_all()
    forget_participant(Participant.objects.get(key="bob"), delete_texts=leaving == Leaving.MESSAGES_GO)
    assert indexed() == {1}
    index_all()
    assert found("from:bob") == []
    assert found("of") == (["of bob"] if leaving == Leaving.MESSAGES_STAY else [])


def test_a_message_that_changes_before_it_is_stored_is_not_indexed_as_it_was() -> None:
    stored(post("first"))
    [row] = Message.objects.values_list(*contents.COLUMNS)
    entry = contents.entry_of(*row)
    stored(edit(1, "second", 1))
    index.add([entry], ())
    assert indexed() == set()
    index_all()
    assert found("second") == ["second"]


def test_no_entry_outlives_a_message_that_is_deleted_while_it_is_indexed() -> None:
    """Whichever of the two commits first."""
    write([post(f"tea {n}") for n in range(40)])

    def delete_all() -> None:
        try:
            for sequence in range(1, 41):
                stored(delete(sequence))
        finally:
            connection.close()

    deleting = Thread(target=delete_all)
    deleting.start()
    try:
        while deleting.is_alive():
            indexer.begin_anew()
            indexer.index_step()
            deleting.join(0.005)  # SQLite has one writer, and is not fair
    finally:
        deleting.join()
    assert indexed() == set()
    index_all()
    assert indexed() == set()
    assert not SearchPending.objects.exists()


def test_the_command_goes_on_where_it_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    write([post(f"tea {n}") for n in range(120)])
    step = indexer.index_step

    def stop_after_one() -> int:
        step(50)
        raise KeyboardInterrupt

    monkeypatch.setattr("chat.search.indexer.index_step", stop_after_one)
    with pytest.raises(KeyboardInterrupt):
        call_command("index_messages", stdout=StringIO())
    monkeypatch.undo()
    assert len(indexed()) == 50
    call_command("index_messages", stdout=(output := StringIO()))
    assert "70 of 70" in output.getvalue()
    assert len(indexed()) == 120
    call_command("index_messages", stdout=(output := StringIO()))
    assert "The index has everything." in output.getvalue()


def test_an_index_that_is_made_anew_finds_everything_meanwhile() -> None:
    write([post(f"tea {n}") for n in range(60)])
    index_all()
    indexer.begin_anew()
    indexer.index_step(50)
    assert len(ask("tea", limit=100).hits) == 60
    call_command("index_messages", "--anew", stdout=(output := StringIO()))
    assert "60 of 60" in output.getvalue()
    assert len(ask("tea", limit=100).hits) == 60


def test_migrations_leave_what_removes_entries() -> None:
    """A migration that rebuilds the table of messages drops SQLite's triggers: they are made again."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in sqlite.TRIGGERS:
                cursor.execute(f"DROP TRIGGER {name}")
    call_command("migrate", verbosity=0)
    stored(post("tea"))
    index_all()
    said("tea").delete()
    assert indexed() == set()


def test_a_running_process_indexes_what_is_written() -> None:
    write([post(f"tea {n}") for n in range(indexer.STEP + 60)])

    async def follow() -> None:
        threads = DatabaseThreads(1, "search")
        following = Indexing(threads, lambda: False)
        async with asyncio.timeout(60):
            while await threads.run(SearchPending.objects.exists):  # noqa: ASYNC110  another thread changes it
                await asyncio.sleep(0.05)
        following.stop()
        await threads.run(connections.close_all)  # after the step that has begun
        threads.stop()

    asyncio.run(follow())
    assert len(indexed()) == indexer.STEP + 60
