"""What dating needs of the store, and what it gives back."""

from collections.abc import Iterator
from datetime import datetime

from aggregator.model import Evidence
from aggregator.normalise.dating import Undated
from aggregator.store import Row, Store
from aggregator.store.times import time_text, to_partial, to_time

BATCH = 500


def undated_batches(store: Store) -> Iterator[list[Undated]]:
    """The entries that have no date yet, oldest first, a few hundred at a time.

    Within a document the last item is the oldest; documents follow their own times and names.
    """
    while rows := store.rows(
        "SELECT entries.key, modified, name FROM entries"
        " JOIN sightings ON sightings.entry = entries.key AND how = 'new'"
        " JOIN documents ON documents.key = sightings.document"
        " WHERE published IS NULL ORDER BY documents.key, position DESC LIMIT ?",
        (BATCH,),
    ):
        keys = [key for key, *_ in rows]
        evidence = _evidence(store, keys)
        yield [
            Undated(
                key=key,
                seen=to_time(modified),
                document=name,
                evidence=tuple(evidence.get(key, ())),
            )
            for key, modified, name in rows
        ]


def times_taken(store: Store, first: datetime, last: datetime) -> set[datetime]:
    """The times that entries have between two times."""
    rows = store.rows(
        "SELECT published FROM entries WHERE published BETWEEN ? AND ?",
        (time_text(first), time_text(last)),
    )
    return {to_time(moment) for (moment,) in rows}


def _evidence(store: Store, keys: list[int]) -> dict[int, list[Evidence]]:
    marks = ", ".join("?" * len(keys))
    found: dict[int, list[Evidence]] = {}
    for row in store.rows(
        "SELECT entry, place, phrase, role, first, last, weekday, strength, moment FROM evidence"
        f" WHERE entry IN ({marks}) ORDER BY entry, position",
        keys,
    ):
        found.setdefault(row[0], []).append(_one(row[1:]))
    return found


def _one(row: Row) -> Evidence:
    place, phrase, role, first, last, weekday, strength, moment = row
    return Evidence(
        place=place,
        phrase=phrase,
        role=role,
        first=to_partial(first),
        last=to_partial(last),
        weekday=weekday,
        strength=strength,
        moment=to_time(moment) if moment else None,
    )
