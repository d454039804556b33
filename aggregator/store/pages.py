"""Lists and counts of entries for the pages."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aggregator.store import Row, Store
from aggregator.store.times import optional_time, with_times

TITLE = "coalesce(nullif(title, ''), substr(summary, 1, 100)) AS title"
"""The title of an entry for display: without one, the first words of its text."""

_COLUMNS = (
    "key, id, entries.agency AS agency, language, published, substr(summary, 1, 300) AS summary, "
    + TITLE
)
_OF_AGENCY = (
    "SELECT {0} FROM entries WHERE agency = ?1 AND published >= ?2 AND published < ?3"
    " UNION ALL SELECT {0} FROM credits JOIN entries ON entries.key = credits.entry"
    " WHERE credits.agency = ?1 AND entries.agency != ?1"
    " AND published >= ?2 AND published < ?3"
)
"""The entries of an agency's feed: its own and those credited to it.  Each half has an index."""

_LAST = "\U0010ffff"  # sorts after every time
_ALWAYS = ("", _LAST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An entry as a list shows it.  ``agency`` is an id, ``published`` aware, in UTC."""

    key: int
    id: str
    agency: str
    title: str
    summary: str
    language: str | None
    published: datetime


def dated_keys(store: Store) -> Iterator[int]:
    """Yield the rows of all entries that have pages, oldest row first."""
    last = -1
    while rows := store.rows(
        "SELECT key FROM entries WHERE published IS NOT NULL AND key > ? ORDER BY key LIMIT 1000",
        (last,),
    ):
        yield from (key for (key,) in rows)
        ((last,),) = rows[-1:]


def latest(store: Store, limit: int) -> list[Listed]:
    """Return the last published entries of all agencies, newest first."""
    return _listed(
        store,
        f"SELECT {_COLUMNS} FROM entries"
        " WHERE published IS NOT NULL ORDER BY published DESC, key DESC LIMIT ?",
        (limit,),
    )


def newest_ids(store: Store, limit: int) -> list[tuple[int, str]]:
    """Return rows and ids of the last published entries, newest first."""
    return store.rows(
        "SELECT key, id FROM entries WHERE published IS NOT NULL"
        " ORDER BY published DESC, key DESC LIMIT ?",
        (limit,),
    )


def of_agency(store: Store, agency: str, limit: int) -> list[Listed]:
    """Return the last published entries of an agency's feed, newest first."""
    return _of_span(store, agency, _ALWAYS, limit)


def of_year(store: Store, agency: str, year: str) -> list[Listed]:
    """Return the entries of an agency's feed of ``year``, of four digits, newest first."""
    return _of_span(store, agency, (year, f"{year}{_LAST}"), -1)


def entry_count(store: Store) -> int:
    """Return how many entries there are."""
    ((number,),) = store.rows("SELECT ifnull(sum(entries), 0) FROM agency_counts")
    return int(number)


def newest(store: Store) -> datetime | None:
    """Return when the last entry came out."""
    ((published,),) = store.rows("SELECT max(published) FROM entries")
    return optional_time(published)


def of_category(store: Store, term: str, limit: int, *, number: int, total: int) -> list[Listed]:
    """Return the last published entries of a category by rule, newest first.

    ``number`` of ``total`` entries have it.  Scanning by time until ``limit`` are found costs
    ``limit * total / number``; sorting all of them costs ``number``.  Does whichever costs less.
    """
    by_time = number * number > limit * total
    among = (
        "entries INDEXED BY entries_by_time WHERE EXISTS"
        " (SELECT 1 FROM kinds WHERE kinds.entry = entries.key AND term = ?)"
        if by_time
        else "kinds INDEXED BY kinds_by_term CROSS JOIN entries ON key = entry WHERE term = ?"
    )
    return _listed(
        store,
        f"SELECT {_COLUMNS} FROM {among}"
        " AND published IS NOT NULL ORDER BY published DESC, key DESC LIMIT ?",
        (term, limit),
    )


def keys_of_category(store: Store, term: str, limit: int) -> list[int]:
    """Return the last published entries of a category by rule, newest first."""
    rows = store.rows("SELECT entries FROM category_counts WHERE term = ?", (term,))
    number = rows[0][0] if rows else 0
    found = of_category(store, term, limit, number=number, total=entry_count(store))
    return [one.key for one in found]


def of_keys(store: Store, keys: Sequence[int]) -> list[Listed]:
    """Return the dated ones of these entries, in the order of ``keys``."""
    return _listed(
        store,
        "WITH given (place, wanted) AS (SELECT key, value FROM json_each(?))"
        f" SELECT {_COLUMNS} FROM given CROSS JOIN entries ON key = wanted"
        " WHERE published IS NOT NULL ORDER BY place",
        (json.dumps(list(keys)),),
    )


def of_period(store: Store, period: str, *, limit: int = -1, skip: int = 0) -> list[Listed]:
    """Return the entries of a month, as ``2024-05``, or of a day, newest first.

    Without the first ``skip`` of them, and at most ``limit``.
    """
    return _listed(
        store,
        f"SELECT {_COLUMNS} FROM entries WHERE published >= ? AND published < ?"
        " ORDER BY published DESC, key DESC LIMIT ? OFFSET ?",
        (period, f"{period}{_LAST}", limit, skip),
    )


def day_counts(store: Store, month: str) -> dict[str, int]:
    """Return how many entries each day of a month has, by the day as ``2024-05-17``."""
    rows = store.rows(
        "SELECT substr(published, 1, 10), count(*) FROM entries"
        " WHERE published >= ? AND published < ? GROUP BY 1 ORDER BY 1",
        (month, f"{month}{_LAST}"),
    )
    return dict(rows)


def days_of(store: Store, keys: Collection[int]) -> set[str] | None:
    """Return the days, as ``2024-05-17``, on which these entries are listed, or were before.

    None where one of them is gone, whose days are not known.
    """
    given = json.dumps(sorted(keys))
    among = "IN (SELECT value FROM json_each(?))"
    rows = store.rows(
        f"SELECT substr(published, 1, 10) FROM entries WHERE published IS NOT NULL AND key {among}",
        (given,),
    )
    if len(rows) < len(keys):
        return None
    earlier = store.rows(
        f"SELECT DISTINCT substr(published, 1, 10) FROM datings WHERE entry {among}", (given,)
    )
    return {day for (day,) in (*rows, *earlier)}


def _of_span(store: Store, agency: str, span: tuple[str, str], limit: int) -> list[Listed]:
    return _listed(
        store,
        f"{_OF_AGENCY.format(_COLUMNS)} ORDER BY published DESC, key DESC LIMIT ?4",
        (agency, *span, limit),
    )


def _listed(store: Store, sql: str, parameters: Row) -> list[Listed]:
    return [Listed(**with_times(row, "published")) for row in store.query(sql, parameters)]


def count(store: Store, agency: str) -> int:
    """Return how many entries an agency's feed has in all."""
    listed = _OF_AGENCY.format("1")
    ((number,),) = store.rows(f"SELECT count(*) FROM ({listed})", (agency, *_ALWAYS))
    return int(number)


def years(store: Store, agency: str) -> dict[str, int]:
    """Return how many entries of an agency's feed each year has, newest first."""
    return _counts(store, agency, 4, _ALWAYS)


def days(store: Store, agency: str, back: int) -> dict[date, int]:
    """Return how many entries each of the ``back`` days has that end with that of the newest."""
    newest = of_agency(store, agency, 1)
    if not newest:
        return {}
    last = newest[0].published.date()
    first = date.fromordinal(max(1, last.toordinal() - back + 1))
    counts = _counts(store, agency, 10, (first.isoformat(), _LAST))
    return {date.fromisoformat(day): number for day, number in counts.items()}


def _counts(store: Store, agency: str, length: int, span: tuple[str, str]) -> dict[str, int]:
    listed = _OF_AGENCY.format(f"substr(published, 1, {length}) AS part")
    sql = f"SELECT part, count(*) FROM ({listed}) GROUP BY part ORDER BY part DESC"
    return dict(store.rows(sql, (agency, *span)))
