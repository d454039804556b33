"""Checks of the store for ``doctor``: is the file whole, and do its tables agree?

Reads only, and works on a store that is open for reading only.  Returns what is there; what should
be there is for ``status/doctor`` to say.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from aggregator.dedupe.history import Version
from aggregator.errors import StoreError
from aggregator.store import Store, open_empty, relayed
from aggregator.store.packing import LOST, read_html
from aggregator.store.schema import SEARCH_INDEX
from aggregator.store.sketches import BOILERPLATE
from aggregator.store.times import to_partial, to_time

TIMES = {
    "alarms": ("since", "raised", "updated", "ended"),
    "backfills": ("bound", "cutoff", "reached", "due", "poll_due"),
    "datings": ("published", "earliest", "latest"),
    "deliveries": ("received",),
    "documents": ("modified",),
    "entries": ("published", "updated", "changed", "dating_earliest", "dating_latest"),
    "evidence": ("moment",),
    "failing": ("since",),
    "given_up": ("until",),
    "hosts": ("wait_until",),
    "relayed": ("published", "earliest", "latest", "updated"),
    "removed": ("published", "seen"),
    "removed_evidence": ("moment",),
    "sightings": ("updated",),
    "sources": ("last_attempt", "last_success"),
    "subscriptions": ("lease_until", "due", "last_delivery"),
    "visits": ("moved_since", "gone", "due"),
    "webhook_queue": ("noted",),
    "webhooks": ("due", "failing", "delivered"),
}
"""The columns that hold times (``store.times``), by table."""

DATING = ("updated", "dating_basis", "dating_earliest", "dating_latest", "dating_evidence")
"""The columns that an entry with a date has."""

DAYS = {"documents": ("first_day", "last_day"), "history": ("day",)}
"""The columns that hold days."""

LISTS = {"relayed": ("revised",), "visits": ("skip_hours", "skip_days", "published")}
"""The columns that hold JSON."""

_MOST = 20  # findings that SQLite is asked for
_SHADOWS = ("data", "idx", "docsize", "config")  # tables behind FTS5, as SQLite documents them
_OF_ENTRIES = "entry IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A sighting, as far as its entry and its document follow from it.

    ``document`` is the row of the document, ``name`` and ``modified`` (RFC 3339) are the
    document's; what another Aggregator relayed is of the time that this states.
    """

    id: int
    document: int
    name: str
    modified: str
    position: int
    agency: str
    fingerprint: str
    how: str
    rule: str
    former: str | None
    feed: str
    is_relayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """An entry as its row has it, its texts by fingerprint (True: partial), and its sightings in
    the order of their arrival.  ``standing`` is the fingerprint of the current text; ``changed`` is
    RFC 3339, as stored.  ``told`` are the agencies of an entry that came from another Aggregator
    alone, as that tells them.
    """

    key: int
    id: str
    title: str
    agency: str
    credits: frozenset[str]
    categories: frozenset[str]
    standing: str
    changed: str | None
    dated: bool
    texts: dict[str, bool]
    seen: tuple[Seen, ...]
    told: tuple[str, ...] | None = None

    @property
    def versions(self) -> list[Version]:
        """The texts that were seen, each with its first sighting."""
        first: dict[str, Seen] = {}
        for seen in sorted(self.seen, key=lambda s: (s.modified, s.name, s.document, s.position)):
            if seen.fingerprint in self.texts:
                first.setdefault(seen.fingerprint, seen)
        return [
            Version(
                fingerprint=fingerprint,
                is_partial=self.texts[fingerprint],
                seen=to_time(seen.modified),
                document=seen.name,
                position=seen.position,
                arrival=seen.document,
                source=seen.feed,
            )
            for fingerprint, seen in first.items()
        ]


def damage(store: Store) -> list[str]:
    """Return what SQLite finds broken in the file, in its words, without the search index."""
    return [
        finding
        for (finding,) in store.rows(f"PRAGMA integrity_check({_MOST})")
        # From 3.44 on it also looks into FTS5 tables, which can be built again.
        if finding != "ok" and "inverted index" not in finding
    ]


def orphans(store: Store) -> Counter[tuple[str, str]]:
    """Return how many rows of a table refer to missing rows of another."""
    return Counter(
        (table, parent) for table, _, parent, _ in store.each("PRAGMA foreign_key_check")
    )


def schema_differences(store: Store) -> list[tuple[str, str]]:
    """Return kind and name of the tables, indexes, triggers and views that are missing or differ.

    Tables and indexes are compared by name only: an older version may have written them.
    """
    parts = (
        "SELECT type, name, iif(type IN ('trigger', 'view'), sql, '') FROM main.sqlite_master"
        " WHERE sql IS NOT NULL"
    )
    with open_empty() as fresh:
        wanted = fresh.rows(parts)
    held = set(store.rows(parts))
    return [row[:2] for row in wanted if row not in held and SEARCH_INDEX not in row[1]]


def unreadable(store: Store) -> Iterator[tuple[str, str, int]]:
    """Yield table and column of values that cannot be read as what they are, and their number."""
    for table, column, condition in unreadable_columns():
        if number := _number(store, f"SELECT count(*) FROM {table} WHERE {condition}"):
            yield table, column, number
    for table, number in Counter(table for table, _, _ in unreadable_html(store)).items():
        yield table, "content_html", number


def unreadable_columns() -> Iterator[tuple[str, str, str]]:
    """Yield table, column, and the condition in SQL that its unreadable values meet."""
    for columns, condition in (
        (TIMES, "{0} != '' AND strftime('%Y-%m-%dT%H:%M:%SZ', {0}, '+0 days') IS NOT {0}"),
        ({"entries": DATING}, "published IS NOT NULL AND {0} IS NULL"),
        (DAYS, "date({0}, '+0 days') IS NOT {0}"),
        (LISTS, "NOT json_valid({0})"),
    ):
        for table, names in columns.items():
            for name in names:
                yield table, name, condition.format(name)


def unreadable_html(store: Store) -> Iterator[tuple[str, int, str]]:
    """Yield table, entry and fingerprint of the texts whose HTML cannot be read."""
    for table, key in (("entries", "key"), ("revisions", "entry")):
        for entry, fingerprint, kept, text in store.each(
            f"SELECT {key}, fingerprint, content_html, CAST(text AS BLOB) FROM {table}"
            " WHERE typeof(content_html) != 'text' AND content_html != ?",
            (LOST,),
        ):
            if read_html(kept, text) is None:
                yield table, entry, fingerprint


def impossible_notes(store: Store) -> dict[str, int]:
    """Return how many notes of each work list no entry can have caused."""
    return {
        table: number
        for table, condition in IMPOSSIBLE.items()
        if (number := _number(store, f"SELECT count(*) FROM {table} WHERE {condition}"))
    }


IMPOSSIBLE = {
    "to_categorise": "entry NOT IN (SELECT key FROM entries)",
    "to_relate": "date(day, '+0 days') IS NOT day",
    "to_archive": "date(month || '-01', '+0 days') IS NOT month || '-01'",
    "to_show": "EXISTS (SELECT 1 FROM entries WHERE key = entry AND entries.id != to_show.id)",
}
"""The notes in the work lists that no entry can have caused."""


def is_work_waiting(store: Store) -> bool:
    """Whether dates or relations are to be worked out again."""
    waiting = " UNION ALL ".join(
        f"SELECT 1 FROM {table}"
        for table in ("documents WHERE NOT dated", "to_relate", "to_redate")
    )
    return bool(store.rows(f"{waiting} LIMIT 1"))


def wrong_feed_ids(store: Store) -> list[tuple[str, str]]:
    """Return source and id of the ids of feeds that lead to no entry or to one without them.

    An id that a removed entry had may be gone.
    """
    return store.rows(
        "SELECT source, upstream_id FROM upstream_ids AS held WHERE NOT EXISTS"
        " (SELECT 1 FROM sightings JOIN documents ON documents.key = document"
        " WHERE sightings.entry = held.entry AND sightings.upstream_id = held.upstream_id"
        " AND documents.source = held.source)"
        " UNION SELECT source, upstream_id FROM sightings"
        " JOIN documents ON documents.key = document WHERE upstream_id IS NOT NULL"
        " AND (source, upstream_id) NOT IN (SELECT source, upstream_id FROM upstream_ids)"
        " AND (source, upstream_id) NOT IN (SELECT source, upstream_id FROM removed_ids)"
    )


def lacking_titles(store: Store, titles: Sequence[tuple[int | None, int]]) -> set[int]:
    """Return the entries that are not in the index of titles under a number of theirs.

    ``titles`` are numbers, None for titles that are not indexed, with entries.
    """
    rows = store.rows(
        "SELECT value ->> 1 FROM json_each(?) WHERE value ->> 0 IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM titles WHERE number = value ->> 0 AND entry = value ->> 1)",
        (json.dumps(titles),),
    )
    return {entry for (entry,) in rows}


def has_search_index(store: Store) -> bool:
    """Whether the table of the search index exists."""
    return bool(store.rows("SELECT 1 FROM main.sqlite_master WHERE name = 'entries_fts'"))


def not_indexed(store: Store) -> tuple[int, int]:
    """Return how many entries the search index lacks, and how many it has that are gone."""
    docsize = "SELECT id FROM entries_fts_docsize"
    lacking = _number(store, f"SELECT count(*) FROM entries WHERE key NOT IN ({docsize})")
    gone = _number(store, f"SELECT count(*) FROM ({docsize} EXCEPT SELECT key FROM entries)")
    return lacking, gone


def search_index_agrees(store: Store) -> bool:
    """Whether the search index has the words of the entries, and no others.

    FTS5's own check is an INSERT, which a store that is open for reading refuses.  So the index is
    copied to the temporary schema, without the texts, and checked there against the entries.
    """
    made = store.rows("SELECT sql FROM main.sqlite_master WHERE name = 'entries_fts'")
    if not made:
        return False
    store.rows("CREATE TEMP VIEW entries AS SELECT key AS rowid, * FROM main.entries")
    store.rows(made[0][0].replace("CREATE VIRTUAL TABLE ", "CREATE VIRTUAL TABLE temp.", 1))
    try:
        for shadow in _SHADOWS:
            copy = f"temp.entries_fts_{shadow}"
            store.rows(f"DELETE FROM {copy}")
            store.rows(f"INSERT INTO {copy} SELECT * FROM main.entries_fts_{shadow}")
        store.rows("INSERT INTO temp.entries_fts (entries_fts, rank) VALUES ('integrity-check', 1)")
    except StoreError:  # its words are others, or a table behind it is missing
        return False
    finally:
        store.rows("DROP TABLE temp.entries_fts")
        store.rows("DROP VIEW temp.entries")
    return True


def incomplete_documents(store: Store) -> Iterator[tuple[int, str, str, int, int]]:
    """Yield row, source, name, items and sightings of each digest where the last two differ.

    Items whose entries retention removed need no sighting.  Documents of feeds are not checked:
    items that were the same in the document before get no new sighting.
    """
    return store.each(
        "SELECT documents.key, source, name, items, count(sightings.id) FROM documents"
        " LEFT JOIN sightings ON sightings.document = documents.key WHERE ordered"
        " GROUP BY documents.key HAVING items - removed != count(sightings.id)"
        " ORDER BY source, name"
    )


def sketches_of_nobody(store: Store) -> int:
    """Return how many keys in the sketch index are not of an entry."""
    return _number(
        store,
        "SELECT count(*) FROM (SELECT entry FROM sketches UNION SELECT entry FROM sketch_log)"
        f" WHERE entry != {BOILERPLATE} AND entry NOT IN (SELECT key FROM entries)",
    )


def sketches_in_log(store: Store) -> int:
    """Return how many texts wait in the log of the sketch index."""
    return _number(store, "SELECT count(*) FROM sketch_log")


def entry_keys(store: Store) -> list[int]:
    """Return the rows of all entries."""
    return [key for (key,) in store.rows("SELECT key FROM entries ORDER BY key")]


def entry_count(store: Store) -> int:
    """Return how many entries there are."""
    return _number(store, "SELECT count(*) FROM entries")


def _number(store: Store, sql: str) -> int:
    ((number,),) = store.rows(sql)
    return int(number)


def all_histories(store: Store, batch: int) -> Iterator[list[History]]:
    """Yield all entries, ``batch`` at a time, in the order of their rows."""
    last = -1
    while rows := store.rows(
        "SELECT key FROM entries WHERE key > ? ORDER BY key LIMIT ?", (last, batch)
    ):
        keys = [key for (key,) in rows]
        yield list(histories(store, keys).values())
        last = keys[-1]


def histories(store: Store, keys: Collection[int]) -> dict[int, History]:
    """Return the entries of these rows."""
    listed = [json.dumps(sorted(keys))]
    texts: dict[int, dict[str, bool]] = {}
    for key, fingerprint, is_partial in store.rows(
        "SELECT * FROM (SELECT key AS entry, fingerprint, truncated OR is_summary FROM entries"
        " UNION ALL SELECT entry, fingerprint, truncated OR is_summary FROM revisions)"
        f" WHERE {_OF_ENTRIES}",
        listed,
    ):
        texts.setdefault(key, {})[fingerprint] = bool(is_partial)
    credited = _values(store, "SELECT entry, agency FROM credits", listed)
    terms = _values(store, "SELECT entry, term FROM categories", listed)
    seen: dict[int, list[Seen]] = {}
    for row in store.query(
        "SELECT entry, sightings.id, document, name,"
        " coalesce(relayed.updated, modified) AS modified,"
        " iif(relayed.updated IS NULL, position, 0) AS position, agency, fingerprint, how,"
        " rule, former, iif(upstream_id IS NOT NULL, source, '') AS feed,"
        " relayed.sighting IS NOT NULL AS is_relayed FROM sightings"
        " JOIN documents ON documents.key = document"
        " LEFT JOIN relayed ON relayed.sighting = sightings.id"
        f" WHERE {_OF_ENTRIES} ORDER BY sightings.id",
        listed,
    ):
        seen.setdefault(row.pop("entry"), []).append(Seen(**row))
    told = {key: one.agencies for key, one in relayed.told(store, keys).items() if one.is_owned}
    return {
        row["key"]: History(
            **row | {"dated": bool(row["dated"])},
            credits=frozenset(credited.get(row["key"], ())),
            categories=frozenset(terms.get(row["key"], ())),
            texts=texts[row["key"]],
            seen=tuple(seen.get(row["key"], ())),
            told=told.get(row["key"]),
        )
        for row in store.query(
            "SELECT key, id, title, agency, fingerprint AS standing, changed,"
            " published IS NOT NULL AS dated FROM entries"
            " WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key",
            listed,
        )
    }


def _values(store: Store, select: str, listed: Sequence[str]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for key, value in store.rows(f"{select} WHERE {_OF_ENTRIES}", listed):
        found.setdefault(key, set()).add(value)
    return found


def header_days(store: Store, sightings: Sequence[int]) -> dict[int, date]:
    """Return the day that the header of each sighting states, where it states a whole one."""
    days: dict[int, date | None] = {}
    for sighting, first in store.rows(
        "SELECT sighting, first FROM evidence WHERE place = 'header'"
        " AND sighting IN (SELECT value FROM json_each(?)) ORDER BY sighting, position DESC",
        (json.dumps(list(sightings)),),
    ):
        days[sighting] = to_partial(first).to_date()
    return {sighting: day for sighting, day in days.items() if day is not None}
