"""Related entries in the store, and the days for which they have to be found again.

Triggers note the days, by agency, of all entries whose day, text or agency changed;
``spans_to_relate`` yields them as spans, and ``save`` takes them off the list.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from aggregator.model import Evidence, Related
from aggregator.store import Row, Store, renditions
from aggregator.store.pages import TITLE
from aggregator.store.stated import links_of
from aggregator.store.times import optional_time, to_partial

if TYPE_CHECKING:
    from aggregator.dedupe.related import Release

Pair = tuple[int, int]
"""The rows of two entries, the one that came out earlier first."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days of one agency, both included, on which something changed."""

    agency: str
    first: date
    last: date


def is_waiting(store: Store) -> bool:
    """Whether a day changed since entries were last related."""
    return bool(store.rows("SELECT 1 FROM to_relate LIMIT 1"))


def spans_to_relate(store: Store, gap: timedelta, most: timedelta) -> Iterator[Span]:
    """Yield the days that changed since entries were last related.

    Days within ``gap`` of each other are one span, up to ``most`` long.
    """
    yield from _spans(
        store.rows("SELECT agency, day FROM to_relate ORDER BY agency, day"), gap, most
    )


def all_spans(store: Store, gap: timedelta, most: timedelta) -> Iterator[Span]:
    """Yield the days on which entries came out, in spans as of ``spans_to_relate``."""
    rows = store.rows(
        "SELECT DISTINCT agency, substr(published, 1, 10) FROM entries"
        " WHERE published IS NOT NULL ORDER BY 1, 2"
    )
    yield from _spans(rows, gap, most)


def far_from_removed(store: Store, entries: Collection[int], days: int) -> list[int]:
    """Return those of ``entries`` without a removed one that came out within ``days`` of them."""
    rows = store.rows(
        "SELECT key FROM entries WHERE key IN (SELECT value FROM json_each(?1)) AND NOT EXISTS"
        " (SELECT 1 FROM removed WHERE removed.published BETWEEN"
        " date(entries.published, -?2 || ' days') AND date(entries.published, ?2 || ' days'))",
        (json.dumps(sorted(entries)), days),
    )
    return [key for (key,) in rows]


def _spans(rows: Iterable[Row], gap: timedelta, most: timedelta) -> Iterator[Span]:
    span: Span | None = None
    for agency, text in rows:
        day = date.fromisoformat(text)
        joins = span is not None and agency == span.agency
        if span is not None and joins and day - span.last <= gap and day - span.first < most:
            span = Span(agency, span.first, day)
            continue
        if span is not None:
            yield span
        span = Span(agency, day, day)
    if span is not None:
        yield span


def releases(store: Store, agency: str, first: date, last: date, length: int) -> Iterator[Release]:
    """Yield an agency's entries of these days as they came out, with ``length`` characters."""
    from aggregator.dedupe.related import Release

    for key, entry_id, title, text, language, *times in store.each(
        "SELECT key, id, title, substr(text, 1, ?), language, published, dating_earliest,"
        " dating_latest FROM entries WHERE agency = ? AND published >= ? AND published < ?"
        " ORDER BY published, id",
        (length, agency, first.isoformat(), _after(last)),
    ):
        published, earliest, latest = map(optional_time, times)
        assert published is not None
        yield Release(
            key=key,
            id=entry_id,
            title=title,
            text=text,
            language=language,
            published=published,
            earliest=earliest,
            latest=latest,
        )


def _after(day: date) -> str:
    return (day + timedelta(1)).isoformat() if day < date.max else "9999-12-31Z"


def agency_name(store: Store, agency: str) -> str:
    """Return the name of an agency."""
    rows = store.rows("SELECT name FROM agencies WHERE id = ?", (agency,))
    return str(rows[0][0]) if rows else agency


def days_said(store: Store, keys: Collection[int]) -> dict[int, list[Evidence]]:
    """Return what the texts of entries say about days."""
    found: dict[int, list[Evidence]] = {key: [] for key in keys}
    for entry, place, phrase, role, first, last in store.each(
        "SELECT DISTINCT entry, place, phrase, role, first, last FROM sightings JOIN evidence"
        " ON sighting = id WHERE place != 'header' AND role != 'history' AND shift IS NULL"
        " AND entry IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(keys)),),
    ):
        found[entry].append(
            Evidence(
                place=place,
                phrase=phrase,
                role=role,
                first=to_partial(first),
                last=to_partial(last),
            )
        )
    return found


def held(store: Store, agency: str, first: date, last: date) -> dict[Pair, str]:
    """Return the stored pairs, with reasons, the later of which is one of these entries."""
    return {
        (earlier, later): reason
        for earlier, later, reason in store.each(
            "SELECT one.key, two.key, reason FROM entries AS two"
            " JOIN related ON related.entry = two.key JOIN entries AS one ON one.key = other"
            " WHERE two.agency = ? AND two.published >= ? AND two.published < ?"
            " AND (one.published, one.id) < (two.published, two.id)",
            (agency, first.isoformat(), _after(last)),
        )
    }


def save(store: Store, span: Span, before: Mapping[Pair, str], now: Mapping[Pair, str]) -> None:
    """Replace the pairs ``before`` by those of ``now``, and take ``span`` off the list.

    The renditions of entries are dropped whose relations changed, or the entry they point to.
    """
    gone = [pair for pair in before if pair not in now]
    come = [(pair, reason) for pair, reason in now.items() if before.get(pair) != reason]
    store.execute_many("DELETE FROM related WHERE entry = ? AND other = ?", _both_ways(gone))
    store.execute_many(
        "INSERT OR REPLACE INTO related VALUES (?, ?, ?)",
        [(*way, reason) for pair, reason in come for way in _both_ways([pair])],
    )
    days = (span.agency, span.first.isoformat(), span.last.isoformat())
    pointing = store.rows(
        "SELECT other FROM to_relate JOIN entries ON entries.agency = to_relate.agency"
        " AND published >= day AND published < day || 'U' JOIN related ON entry = key"
        " WHERE to_relate.agency = ? AND day BETWEEN ? AND ?",
        days,
    )
    changed = {key for pair in gone for key in pair} | {key for pair, _ in come for key in pair}
    renditions.drop(store, sorted(changed.union(key for (key,) in pointing)))
    store.execute("DELETE FROM to_relate WHERE agency = ? AND day BETWEEN ? AND ?", days)


def _both_ways(pairs: Sequence[Pair]) -> list[Pair]:
    return [way for one, other in pairs for way in ((one, other), (other, one))]


def drop(store: Store, entries: Collection[int]) -> None:
    """Remove the relations of entries that are about to be removed."""
    listed = json.dumps(sorted(entries))
    pointing = store.rows(
        "SELECT DISTINCT other FROM related WHERE entry IN (SELECT value FROM json_each(?))",
        (listed,),
    )
    renditions.drop(store, [key for (key,) in pointing])
    for column in ("entry", "other"):
        store.execute(
            f"DELETE FROM related WHERE {column} IN (SELECT value FROM json_each(?))", (listed,)
        )


def of_entries(store: Store, keys: Sequence[int]) -> dict[int, list[Related]]:
    """Return the entries related to each of ``keys``, as they came out."""
    rows = store.rows(
        f"SELECT entry, other, id, {TITLE}, reason FROM related JOIN entries ON key = other"
        " WHERE published IS NOT NULL AND entry IN (SELECT value FROM json_each(?))"
        " ORDER BY entry, published, id",
        (json.dumps(list(keys)),),
    )
    links = links_of(store, sorted({row[1] for row in rows})) if rows else {}
    found: dict[int, list[Related]] = {}
    for entry, other, entry_id, title, reason in rows:
        addresses = (link.href for link in links.get(other, ()) if link.rel == "alternate")
        found.setdefault(entry, []).append(
            Related(id=entry_id, title=title, href=next(addresses, entry_id), reason=reason)
        )
    return found
