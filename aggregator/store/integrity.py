"""Checks of the store for ``doctor``: is the file whole, and do its tables agree?

Reads only, and works on a store that is open for reading only.  Returns what is there; what should
be there is for ``status/doctor`` to say.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from aggregator.dedupe.history import Version
from aggregator.errors import StoreError
from aggregator.store import Store
from aggregator.store.sketches import BOILERPLATE
from aggregator.store.times import to_partial, to_time

REBUILD = "INSERT INTO entries_fts(entries_fts) VALUES('rebuild')"
"""Builds the search index again, for a person to run."""

_MOST = 20  # findings that SQLite is asked for
_SHADOWS = ("data", "idx", "docsize", "config")  # tables behind FTS5, as SQLite documents them
_OF_ENTRIES = "entry IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A sighting, as far as its entry and its document follow from it.

    ``document`` is the row of the document, ``name`` and ``modified`` (RFC 3339) are the
    document's.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """An entry as its row has it, its texts by fingerprint (True: partial), and its sightings in
    the order of their arrival.  ``standing`` is the fingerprint of the current text; ``changed`` is
    RFC 3339, as stored.
    """

    key: int
    id: str
    title: str
    agency: str
    credits: frozenset[str]
    standing: str
    changed: str | None
    dated: bool
    texts: dict[str, bool]
    seen: tuple[Seen, ...]

    @property
    def versions(self) -> list[Version]:
        """The texts that were seen, each with its first sighting."""
        first: dict[str, Seen] = {}
        for seen in sorted(self.seen, key=lambda seen: (seen.modified, seen.name, seen.position)):
            if seen.fingerprint in self.texts:
                first.setdefault(seen.fingerprint, seen)
        return [
            Version(
                fingerprint=fingerprint,
                is_partial=self.texts[fingerprint],
                seen=to_time(seen.modified),
                document=seen.name,
                position=seen.position,
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
    except StoreError as error:
        code = getattr(error.__cause__, "sqlite_errorcode", 0)
        if code & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        return False
    finally:
        store.rows("DROP TABLE temp.entries_fts")
        store.rows("DROP VIEW temp.entries")
    return True


def incomplete_documents(store: Store) -> Iterator[tuple[str, str, int, int]]:
    """Yield source, name, items and sightings of each digest where the last two differ.

    Items whose entries retention removed need no sighting.  Documents of feeds are not checked:
    items that were the same in the document before get no new sighting.
    """
    return store.each(
        "SELECT source, name, items, count(sightings.id) FROM documents LEFT JOIN sightings"
        " ON sightings.document = documents.key WHERE ordered GROUP BY documents.key"
        " HAVING items - removed != count(sightings.id) ORDER BY source, name"
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
    credited: dict[int, set[str]] = {}
    for key, agency in store.rows(f"SELECT entry, agency FROM credits WHERE {_OF_ENTRIES}", listed):
        credited.setdefault(key, set()).add(agency)
    seen: dict[int, list[Seen]] = {}
    for row in store.query(
        "SELECT entry, sightings.id, document, name, modified, position, agency, fingerprint, how,"
        " rule, former FROM sightings JOIN documents ON documents.key = document"
        f" WHERE {_OF_ENTRIES} ORDER BY sightings.id",
        listed,
    ):
        seen.setdefault(row.pop("entry"), []).append(Seen(**row))
    return {
        row["key"]: History(
            **row | {"dated": bool(row["dated"])},
            credits=frozenset(credited.get(row["key"], ())),
            texts=texts[row["key"]],
            seen=tuple(seen.get(row["key"], ())),
        )
        for row in store.query(
            "SELECT key, id, title, agency, fingerprint AS standing, changed,"
            " published IS NOT NULL AS dated FROM entries"
            " WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key",
            listed,
        )
    }


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
