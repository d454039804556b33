"""What dating reads from the store, and the dates that it writes.

An entry's date depends on the digests around it, so dates are worked out by *windows*: two months,
with every digest that reaches into them or nearly.  A new document is marked as not dated;
``windows_to_date`` returns the windows which that concerns, so the cost follows what changed.  A
small store is one window.  See ``docs/decisions/dating.md``.

Entries that retention removed keep their places in digests and what they say about dates
(``removed`` and its tables, with keys below zero): they are dated with the others, which so keep
their dates, and are then ignored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from aggregator.model import Dating, Evidence, Shift
from aggregator.store import Row, Store, renditions
from aggregator.store.dating_windows import EVERYTHING, Window, period_of, periods, window_of
from aggregator.store.output import were_written
from aggregator.store.stated import replaced_dates
from aggregator.store.times import open_time_text, time_text, to_partial, to_time

if TYPE_CHECKING:
    from aggregator.dating.choice import Dated, Undated

SMALL = 1_500
"""Sightings up to which a store is one window."""

_MARGIN = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Context:
    """The entries and digests from which one window is dated.

    A node is the rank of an entry by its id.  ``keys`` are the rows by node; ``digests`` are the
    source and the nodes of each digest, newest first; ``reach`` is the span, with a margin, of the
    digests of each entry.
    """

    keys: list[int]
    entries: dict[int, Undated]
    digests: list[tuple[str, list[int]]]
    reach: dict[int, tuple[date, date]]


def windows_to_date(store: Store) -> list[Window]:
    """Return the windows in which a date may change, oldest first."""
    if not store.rows("SELECT 1 FROM documents WHERE NOT dated LIMIT 1"):
        return []
    concerned = store.rows(
        # Digests that are not dated yet, and those with an entry that another document has now.
        # The plus keeps SQLite from reading all digests.
        "SELECT first_day, last_day FROM documents WHERE NOT dated AND +ordered UNION"
        " SELECT first_day, last_day FROM documents WHERE +ordered AND key IN"
        " (SELECT document FROM sightings WHERE entry IN (SELECT entry FROM documents"
        " JOIN sightings ON document = documents.key WHERE NOT dated))"
    )
    return _windows(store, concerned)


def all_windows(store: Store) -> list[Window]:
    """Return the windows of all digests, oldest first."""
    return _windows(
        store, store.rows("SELECT DISTINCT first_day, last_day FROM documents WHERE ordered")
    )


def _windows(store: Store, concerned: Sequence[Row]) -> list[Window]:
    """Return the windows that digests of these first and last days reach into, or nearly."""
    if not concerned:
        return []
    ((sightings,),) = store.rows(
        "SELECT coalesce(sum(items), 0) FROM"
        " (SELECT items FROM documents WHERE ordered AND items > 0 LIMIT ?)",
        (SMALL + 1,),  # with so many the sum is larger than that
    )
    if sightings <= SMALL:
        return [EVERYTHING]
    found: set[int] = set()
    for first, last in concerned:
        start, end = date.fromisoformat(first) - _MARGIN, date.fromisoformat(last) + _MARGIN
        found.update(periods(start, end))
    return [window_of(period) for period in sorted(found)]


def context(store: Store, window: Window) -> Context:
    """Return the digests that reach into ``window``, or nearly, and what their entries say."""
    whole = window == EVERYTHING
    start = date.min if whole else window.first - _MARGIN
    end = date.max if whole else window.last + _MARGIN
    digests: dict[int, tuple[str, date, date, list[int]]] = {}
    for document, source, first_day, last_day, entry, _ in store.each(
        # The plus keeps SQLite from reading all documents, in this order.
        "SELECT +documents.key, source, first_day, last_day, entry, position FROM documents"
        " CROSS JOIN sightings ON sightings.document = documents.key"
        " WHERE ordered AND first_day <= ?1 AND last_day >= ?2"
        " UNION ALL SELECT +documents.key, source, first_day, last_day, s.removed, position"
        " FROM documents CROSS JOIN removed_sightings AS s ON s.document = documents.key"
        " WHERE ordered AND first_day <= ?1 AND last_day >= ?2 ORDER BY 1, 6",
        (end.isoformat(), start.isoformat()),
    ):
        if document not in digests:
            days = date.fromisoformat(first_day), date.fromisoformat(last_day)
            digests[document] = (source, *days, [])
        digests[document][3].append(entry)
    keys = _by_id(store, {entry for *_, entries in digests.values() for entry in entries})
    nodes = {key: node for node, key in enumerate(keys)}
    reach: dict[int, tuple[date, date]] = {}
    for _, first, last, entries in digests.values():
        for entry in entries:
            low, high = reach.get(nodes[entry], (first, last))
            reach[nodes[entry]] = min(low, first), max(high, last)
    return Context(
        keys=keys,
        entries={nodes[key]: said for key, said in _undated(store, keys).items()},
        digests=[(source, [nodes[key] for key in run]) for source, _, _, run in digests.values()],
        reach={node: (low - _MARGIN, high + _MARGIN) for node, (low, high) in reach.items()},
    )


def _by_id(store: Store, keys: set[int]) -> list[int]:
    rows = store.rows(
        "SELECT key, id FROM entries WHERE key IN (SELECT value FROM json_each(?1)) UNION ALL"
        " SELECT key, id FROM removed WHERE key IN (SELECT value FROM json_each(?1)) ORDER BY id",
        (json.dumps(sorted(keys)),),
    )
    return [key for key, _ in rows]


def in_no_digest(
    store: Store, limit: int, *, only_new: bool = True
) -> Iterator[list[tuple[int, Undated]]]:
    """Yield the entries which are in no digest, those of documents that are not dated yet or all.

    At most ``limit`` at a time, each document's from the top.  Those that came with their date are
    new once they are seen again.
    """
    is_new = (
        " NOT dated AND EXISTS (SELECT 1 FROM entries WHERE key = sightings.entry"
        " AND (published IS NULL OR dating_basis != 'upstream' OR dating_earliest != dating_latest"
        " OR EXISTS (SELECT 1 FROM sightings AS other"
        " WHERE other.entry = entries.key AND other.id != sightings.id))) AND"
    )
    # A cross join begins with the documents: those that are not dated have an index.  Entries are
    # not joined, since SQLite may read all of them into a Bloom filter first.
    keys = [
        key
        for key, _ in store.rows(
            "SELECT entry, min(modified || source || name) FROM documents CROSS JOIN"
            " sightings ON sightings.document = documents.key"
            f" WHERE{is_new if only_new else ''} NOT documents.ordered AND NOT EXISTS"
            " (SELECT 1 FROM sightings AS other JOIN documents AS digest"
            " ON digest.key = other.document WHERE other.entry = sightings.entry"
            " AND digest.ordered) GROUP BY entry"
            " ORDER BY 2, position, (SELECT id FROM entries WHERE key = entry)"
        )
    ]
    for start in range(0, len(keys), limit):
        batch = keys[start : start + limit]
        said = _undated(store, batch)
        yield [(key, said[key]) for key in batch]


def undated(store: Store, keys: Sequence[int]) -> set[int]:
    """Return which of these entries have no date."""
    select = "SELECT key FROM entries WHERE published IS NULL AND key IN"
    rows = store.rows(f"{select} (SELECT value FROM json_each(?))", (json.dumps(list(keys)),))
    return {key for (key,) in rows}


def window_of_undated(store: Store) -> Window | None:
    """Return the window of a digest with an entry that no window has dated, if there is one."""
    rows = store.rows(
        "SELECT last_day FROM entries JOIN sightings ON sightings.entry = entries.key"
        " JOIN documents ON documents.key = document AND ordered"
        " WHERE published IS NULL ORDER BY last_day LIMIT 1"
    )
    if not rows:
        return None
    last = date.fromisoformat(rows[0][0])
    return window_of(period_of(last))


def _undated(store: Store, keys: Sequence[int]) -> dict[int, Undated]:
    from aggregator.dating.choice import Undated

    listed, replaced = json.dumps(list(keys)), replaced_dates(store, keys)
    # In the order of the dates, and each once, however many documents have the text.
    evidence: dict[int, dict[Evidence, None]] = {}
    for sighting, *row in store.each(
        "SELECT * FROM (SELECT sighting, entry, place, phrase, role, first, last, weekday,"
        " shift_unit, shift, strength, evidence.reason, moment FROM sightings"
        " JOIN evidence ON sighting = id"
        " WHERE entry IN (SELECT value FROM json_each(?1)) UNION ALL"
        " SELECT 0, removed, place, phrase, role, first, last, weekday, shift_unit, shift,"
        " strength, reason, moment FROM removed_evidence"
        " WHERE removed IN (SELECT value FROM json_each(?1)))"
        # Of two dates that are stated the earlier one counts, and on one day a time before a day.
        " ORDER BY entry, place, substr(coalesce(moment, first), 1, 10), moment IS NULL, moment,"
        " first, phrase, role, strength",
        (listed,),
    ):
        if sighting not in replaced or row[1] != "header":
            evidence.setdefault(row[0], {})[_evidence((*row[1:],))] = None
    return {
        key: Undated(seen=to_time(modified), document=name, evidence=tuple(evidence.get(key, ())))
        # With a bare column beside min(), SQLite takes it from the row that has the minimum.
        for key, modified, name in store.rows(
            "SELECT entry, min(modified || ' ' || name), name FROM sightings JOIN documents"
            " ON documents.key = document WHERE entry IN (SELECT value FROM json_each(?1))"
            " GROUP BY entry UNION ALL SELECT key, seen || ' ' || document, document"
            " FROM removed WHERE key IN (SELECT value FROM json_each(?1))",
            (listed,),
        )
        for modified in [modified.partition(" ")[0]]
    }


def _evidence(row: Row) -> Evidence:
    place, phrase, role, first, last, weekday, unit, offset, strength, reason, moment = row
    return Evidence(
        place=place,
        phrase=phrase,
        role=role,
        first=to_partial(first),
        last=to_partial(last),
        weekday=weekday,
        shift=Shift(unit=unit, offset=offset) if unit is not None else None,
        strength=strength,
        reason=reason,
        moment=to_time(moment) if moment else None,
    )


class TimesTaken:
    """The times that entries other than those of the rows ``but`` have, on days that it ``holds``.

    Each time is looked up when it is asked for: a day may have thousands of entries.
    """

    def __init__(
        self, store: Store, holds: Callable[[date], bool], but: Collection[int] = ()
    ) -> None:
        self._store = store
        self._holds = holds
        self._but = frozenset(but)

    def __contains__(self, moment: object) -> bool:
        if not isinstance(moment, datetime) or not self._holds(moment.date()):
            return False
        rows = self._store.rows(
            "SELECT key FROM entries WHERE published = ?1 UNION ALL"
            " SELECT key FROM removed WHERE published = ?1",
            (time_text(moment),),
        )
        return any(key not in self._but for (key,) in rows)


def _when(row: Row) -> tuple[str, str]:
    """Return the day of an entry's row, or the time where upstream has one, and how it is known.

    The times of day of all others only keep the order of the list.
    """
    published, basis = row[:2]
    return (published if basis == "upstream" else published[:10]), basis


def save(store: Store, datings: Mapping[int, Dated], keys: Sequence[int], reason: str) -> int:
    """Write the dates of entries; return how many had another one before.

    ``datings`` are by node, and ``keys`` are the rows of the nodes; removed entries are skipped.  A
    date that changes, or the way in which it is known, is kept in the table ``datings`` with
    ``reason``, and ``updated`` is set with the first date only: a better date is not a change of
    the release.  Both are about dates that were in the feeds; one that was replaced before leaves
    no trace, so that a run which was interrupted has the result of one that was not.
    """
    datings = {node: dated for node, dated in datings.items() if keys[node] > 0}
    held = _held(store, [keys[node] for node in datings])
    changed = {
        keys[node]: _row(dated, keys)
        for node, dated in datings.items()
        if held[keys[node]] != _row(dated, keys)
    }
    # Readers see the first five fields of a dating; of these, windows alone move a little with
    # every digest near by.
    shown = [
        key for key, row in changed.items() if held[key][0] is not None and held[key][:5] != row[:5]
    ]
    moved = [key for key in shown if _when(held[key]) != _when(changed[key])]
    written = were_written(store, shown)
    unseen = set(shown).difference(written)
    store.execute_many(
        "INSERT INTO datings (entry, number, published, basis, earliest, latest, evidence, reason)"
        " SELECT ?1, (SELECT coalesce(max(number), 0) + 1 FROM datings WHERE entry = ?1),"
        " ?2, ?3, ?4, ?5, ?6, ?7",
        [(key, *held[key][:5], reason) for key in moved if written.get(key)],
    )
    store.execute_many(
        "UPDATE entries SET published = ?1, updated = iif(?11, coalesce(updated, ?1), ?1),"
        " dating_basis = ?2, dating_earliest = ?3, dating_latest = ?4, dating_evidence = ?5,"
        " dating_role = ?6, dating_conflict = ?7, dating_below = ?8, dating_above = ?9"
        " WHERE key = ?10",
        [(*row, key, key not in unseen) for key, row in changed.items()],
    )
    renditions.drop(store, shown)
    return len(moved)


def differing(store: Store, datings: Mapping[int, Dated], keys: Sequence[int]) -> list[int]:
    """Return the rows of entries with another date than these.

    Apart from the time of day: it is also chosen by which times others have.
    """
    datings = {node: dated for node, dated in datings.items() if keys[node] > 0}
    held = _held(store, [keys[node] for node in datings])
    rows = [(keys[node], held[keys[node]], _row(dated, keys)) for node, dated in datings.items()]
    return [
        key
        for key, old, new in rows
        if old[0] is not None and _without_time(old) != _without_time(new)
    ]


def _without_time(row: Row) -> Row:
    """Return a dating without what depends on its time of day.

    A time at which an entry was first seen is moved back by seconds, which may be to another day.
    """
    published, basis, earliest, *rest = row
    days = () if basis == "first-seen" else (published[:10], earliest[:10])
    return *days, basis, *rest


def _held(store: Store, keys: Sequence[int]) -> dict[int, Row]:
    rows = store.rows(
        "SELECT key, published, dating_basis, dating_earliest, dating_latest, dating_evidence,"
        " dating_role, dating_conflict, dating_below, dating_above FROM entries"
        " WHERE key IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keys)),),
    )
    return {row[0]: row[1:] for row in rows}


def _row(dated: Dated, keys: Sequence[int]) -> Row:
    dating: Dating = dated.dating
    return (
        time_text(dating.published),
        dating.basis,
        open_time_text(dating.earliest),
        open_time_text(dating.latest),
        dating.evidence,
        dating.role,
        dating.conflict,
        _row_of(dated.older, keys),
        _row_of(dated.newer, keys),
    )


def _row_of(node: int | None, keys: Sequence[int]) -> int | None:
    """Return the row of a node's entry, None if that was removed."""
    return keys[node] if node is not None and keys[node] > 0 else None


def last_document(store: Store) -> int:
    """Return the row of the newest document."""
    ((key,),) = store.rows("SELECT coalesce(max(key), 0) FROM documents")
    return int(key)


def to_date(store: Store, last: int) -> Row:
    """Return a summary of what is seen in the documents up to ``last`` that are not dated."""
    (found,) = store.rows(
        "SELECT count(*), total(document), total(entry), total(entry * (position + 1))"
        " FROM documents CROSS JOIN sightings ON document = documents.key"
        " WHERE NOT dated AND documents.key <= ?",
        (last,),
    )
    return found


def mark_dated(store: Store, last: int, before: Row) -> None:
    """Note that the documents up to ``last`` are dated.

    Unless they are no longer those of ``before``, as ``to_date`` returned it before they were
    dated: another process moved sightings meanwhile, and they have to be dated again.
    """
    if to_date(store, last) == before:
        store.execute("UPDATE documents SET dated = 1 WHERE NOT dated AND key <= ?", (last,))
