"""Was anything lost? Compares what clients were sent with what is stored."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from .people import EVERY_STATE, Person, PlainReader
from .record import NOT_ALLOWED, Acked, Licence, Reaction, Record
from .stored import StoredMessage, StoredRoom, shown

SHOWN_AT_MOST = 4  # lines of a diff


def check_stored(room: str, stored: StoredRoom, record: Record, licence: Licence) -> None:
    """Acked ⊆ stored, stored once, places dense, and the newest acked state of each message is there, with
    every acked reaction that nobody wanted to withdraw."""
    places = [message.sequence for message in stored.messages]
    first = stored.purged_through + 1
    if places != list(range(first, stored.sequence + 1)):
        record.problem(
            f"{room}: places are not dense from {first} to {stored.sequence}: {_holes(first, places)}"
        )
    twice = [c for c, count in Counter(m.client_id for m in stored.messages).items() if count > 1]
    if twice:
        record.problem(f"{room}: stored more than once: {twice[:SHOWN_AT_MOST]}")
    by_sequence = {message.sequence: message for message in stored.messages}
    for ack in newest_states(record.acked, room, licence):
        if ack.sequence <= stored.purged_through:
            continue
        _check_ack(ack, by_sequence.get(ack.sequence), record)
    for ack in record.acked:
        message = by_sequence.get(ack.sequence)
        if ack.room == room and ack.reaction and message and not licence.forgets(ack):
            _check_reaction(ack.reaction, message, record)
        if ack.room == room and ack.kind == "post" and message and not licence.forgets(ack):
            _check_files(ack, message, record)


def _check_files(ack: Acked, message: StoredMessage, record: Record) -> None:
    if message.files != (() if message.deleted else ack.files):
        record.problem(f"acked with files, stored with others: {ack} {message}")


def newest_states(acked: Iterable[Acked], room: str, licence: Licence) -> list[Acked]:
    """The last acked state of each message that must still be there."""
    newest: dict[int, Acked] = {}
    for ack in acked:
        before = newest.get(ack.sequence)
        if ack.reaction or ack.room != room or licence.forgets(ack):
            continue
        if not before or before.revision <= ack.revision:
            newest[ack.sequence] = ack
    return list(newest.values())


def _check_ack(ack: Acked, message: StoredMessage | None, record: Record) -> None:
    if message is None:
        record.problem(f"acked, not stored: {ack}")
    elif ack.kind == "post" and message.client_id != ack.client_id:
        record.problem(f"acked, and something else is stored in its place: {ack} {message}")
    elif ack.text is None and not message.deleted:
        record.problem(f"a deletion was acked and is not stored: {ack} {message}")
    elif ack.text is not None and message.text != ack.text:
        record.problem(f"acked, stored differently: {ack} {message}")


def _check_reaction(reaction: Reaction, message: StoredMessage, record: Record) -> None:
    is_there = any(
        emoji == reaction.emoji and reaction.who in ids for emoji, _count, ids in message.reactions
    )
    if not (is_there or message.deleted or reaction in record.withdrawn):
        record.problem(f"acked, not stored: {reaction} {message}")


def check_log(person: Person, stored: StoredRoom, record: Record) -> None:
    """A client's log equals the database, and so does its cursor."""
    if person.cursor != (stored.epoch, stored.revision):
        record.problem(f"{person.name}: cursor {person.cursor}, stored {(stored.epoch, stored.revision)}")
    held = [shown(message) for message in person.messages]
    if held == stored.messages:
        return
    missing = [m for m in stored.messages if m.sequence not in person.log]
    wrong = [(h, s) for h, s in _pairs(held, stored.messages) if h != s]
    extra = sorted(person.log.keys() - {m.sequence for m in stored.messages})
    lines = [f"{person.name}'s log differs from the database ({person}):"]
    lines += [f"    missing {m}" for m in missing[:SHOWN_AT_MOST]]
    lines += [f"    holds   {h}\n    stored  {s}" for h, s in wrong[:SHOWN_AT_MOST]]
    lines += [f"    not stored: {extra[:20]}"] if extra else []
    record.problem("\n".join(lines))


def _pairs(
    held: list[StoredMessage], stored: list[StoredMessage]
) -> list[tuple[StoredMessage, StoredMessage]]:
    by_sequence = {message.sequence: message for message in stored}
    return [(m, by_sequence[m.sequence]) for m in held if m.sequence in by_sequence]


def check_plain(reader: PlainReader, stored: StoredRoom, record: Record, licence: Licence) -> None:
    """Each message once and in order, and none left out that was acked while the reader was there."""
    if licence.rewound:
        return
    if any(later <= earlier for earlier, later in pairwise(reader.seen)):
        record.problem(f"{reader.name}: twice or out of order: {_disorder(reader.seen)}")
    seen = set(reader.seen)
    deleted = {message.sequence for message in stored.messages if message.deleted}
    until = reader.until - licence.limit_at(reader.until) if reader.until else float("inf")
    due = [
        ack.sequence
        for ack in record.acked
        if ack.room == reader.place
        and ack.kind == "post"
        and reader.since < ack.at < until
        and ack.sequence > stored.purged_through
    ]
    if missing := sorted(set(due) - seen - deleted):
        record.problem(f"{reader.name}: never saw {missing[:20]} of {len(due)} posts")


def _disorder(seen: list[int]) -> str:
    for place, (earlier, later) in enumerate(pairwise(seen)):
        if later <= earlier:
            return f"… {seen[max(0, place - 3) : place + 5]} …"
    return ""


def _holes(first: int, places: list[int]) -> str:
    expected = set(range(first, (places[-1] if places else 0) + 1))
    doubled = [place for place, count in Counter(places).items() if count > 1]
    return f"missing {sorted(expected - set(places))[:10]}, doubled {doubled[:10]}"


def check_closes(record: Record, licence: Licence) -> None:
    for end in record.ended:
        if not licence.excuses(end):
            record.problem(f"{end.who}'s socket on server {end.server} was closed with {end.code}: {end.why}")


def check_excluded(people: list[Person], record: Record, licence: Licence) -> None:
    """Whoever a room was shut to had no socket in it within 5 s of the later of the word that it was done and
    the database being readable."""
    for sent in licence.excluded:
        ends = [end.at for end in record.ended if end.who == sent.who and end.code == NOT_ALLOWED]
        if not ends:
            record.problem(f"{sent.who} was excluded, and is still there")
            continue
        since = max(person.since for person in people if person.name == sent.who)
        took = ends[0] - licence.readable_from(max(sent.done, since))
        limit = max(5.0, licence.limit_at(sent.done))
        if took > limit:
            record.problem(
                f"{sent.who}'s socket ended {took:.1f} s after it was excluded (limit {limit:.0f} s)"
            )


def check_delays(readers: list[Person | PlainReader], record: Record, licence: Licence) -> tuple[int, float]:
    """How many deliveries there were, and the longest time from an ack to a connected reader."""
    deliveries, worst = 0, 0.0
    for reader in readers:
        for ack in record.acked:
            if ack.room != reader.place or licence.forgets(ack):
                continue
            delay = delay_of(ack, reader, record, licence)
            if delay is None:
                continue
            deliveries += 1
            worst = max(worst, delay)
            limit = licence.limit_at(ack.at)
            if delay > limit:
                record.problem(
                    f"{reader.name} on server {reader.server} saw {ack.kind} {ack.sequence} of {ack.room}"
                    f" {delay:.1f} s after its ack at {ack.at:.3f} (limit {limit:.0f} s)"
                )
    return deliveries, worst


def delay_of(ack: Acked, reader: Person | PlainReader, record: Record, licence: Licence) -> float | None:
    """Seconds from the latest of ack, connection and readable database; None where no delivery was due."""
    if isinstance(reader, PlainReader) and ack.kind != "post":
        return None
    sights = record.sights[reader.name].get(ack.sequence, [])
    for sight in sights:
        if sight.revision >= ack.revision or sight.revision == EVERY_STATE:
            if record.left_to_history(reader.name, ack, sight.at):
                return None
            due = max(ack.at, sight.since)
            return sight.at - max(due, licence.readable_from(due))
    return None  # whether it was due at all is check_log's and check_plain's question
