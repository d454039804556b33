"""What the doctor asks of a store: is it whole, and do its tables agree with one another?

Reads only, and works on a store that is open for reading only.  Says what is there; what it should
be is for ``aggregator/doctor.py`` to work out.
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
"""What builds the search index anew, for a person to run."""

_MOST = 20  # pieces of damage that SQLite is asked to name
_SHADOWS = ("data", "idx", "docsize", "config")  # of an FTS5 table, as SQLite documents them


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A sighting, as far as its entry and its document follow from it.

    ``document`` is the row of the document, ``name`` and ``modified`` (RFC 3339) are its own.
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
    """An entry as its row has it, its texts by fingerprint (True: cut short), and its sightings
    as they came in.  ``changed`` is RFC 3339, as stored.
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
        """The texts that were seen, each with where it was seen first."""
        first: dict[str, Version] = {}
        for seen in sorted(self.seen, key=lambda seen: (seen.modified, seen.name, seen.position)):
            if seen.fingerprint in self.texts and seen.fingerprint not in first:
                first[seen.fingerprint] = Version(
                    fingerprint=seen.fingerprint,
                    is_partial=self.texts[seen.fingerprint],
                    seen=to_time(seen.modified),
                    document=seen.name,
                    position=seen.position,
                )
        return list(first.values())


def damage(store: Store) -> list[str]:
    """What SQLite finds broken in the file, in its words; nothing of the search index."""
    return [
        said
        for (said,) in store.rows(f"PRAGMA integrity_check({_MOST})")
        # From 3.44 on it looks into FTS5 tables too, which can be built anew.
        if said != "ok" and "inverted index" not in said
    ]


def orphans(store: Store) -> Counter[tuple[str, str]]:
    """How many rows of a table refer to rows of another that are not there."""
    return Counter(
        (table, parent) for table, _, parent, _ in store.each("PRAGMA foreign_key_check")
    )


def has_search_index(store: Store) -> bool:
    """Whether the table of the search index is there at all."""
    return bool(store.rows("SELECT 1 FROM main.sqlite_master WHERE name = 'entries_fts'"))


def not_indexed(store: Store) -> tuple[int, int]:
    """How many entries the search index lacks, and how many it has that are none."""
    ((lacking,),) = store.rows(
        "SELECT count(*) FROM entries WHERE key NOT IN (SELECT id FROM entries_fts_docsize)"
    )
    ((gone,),) = store.rows(
        "SELECT count(*) FROM entries_fts_docsize WHERE id NOT IN (SELECT key FROM entries)"
    )
    return lacking, gone


def search_index_agrees(store: Store) -> bool:
    """Whether the search index has the words that the entries have, and no other.

    FTS5's own check is an INSERT, which a store open for reading refuses.  So the index is copied
    to the temporary schema, without the texts, and checked there against the store's own entries.
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
    """Source, name, items and sightings of each digest that lacks a sighting or has too many.

    Items whose entries retention removed are none that it lacks.
    Of a feed's document, items that stood in the one before it the same are not seen anew.
    """
    return store.each(
        "SELECT source, name, items, count(sightings.id) FROM documents LEFT JOIN sightings"
        " ON sightings.document = documents.key WHERE ordered GROUP BY documents.key"
        " HAVING items - removed != count(sightings.id) ORDER BY source, name"
    )


def sketches_of_nobody(store: Store) -> int:
    """How many keys the sketch index has that are no entry's."""
    ((number,),) = store.rows(
        "SELECT count(*) FROM (SELECT entry FROM sketches UNION SELECT entry FROM sketch_log)"
        " WHERE entry != ? AND entry NOT IN (SELECT key FROM entries)",
        (BOILERPLATE,),
    )
    return int(number)


def sketches_in_log(store: Store) -> int:
    """How many texts wait in the log of the sketch index."""
    ((number,),) = store.rows("SELECT count(*) FROM sketch_log")
    return int(number)


def entry_count(store: Store) -> int:
    """How many entries there are."""
    ((number,),) = store.rows("SELECT count(*) FROM entries")
    return int(number)


def all_histories(store: Store, batch: int) -> Iterator[list[History]]:
    """Every entry, ``batch`` at a time, in the order of their rows."""
    last = -1
    while keys := [
        key
        for (key,) in store.rows(
            "SELECT key FROM entries WHERE key > ? ORDER BY key LIMIT ?", (last, batch)
        )
    ]:
        yield list(histories(store, keys).values())
        last = keys[-1]


def histories(store: Store, keys: Collection[int]) -> dict[int, History]:
    """The entries of these rows."""
    listed = json.dumps(sorted(keys))
    texts: dict[int, dict[str, bool]] = {}
    for key, fingerprint, is_partial in store.rows(
        "SELECT key, fingerprint, truncated OR is_summary FROM entries"
        " WHERE key IN (SELECT value FROM json_each(?1)) UNION ALL"
        " SELECT entry, fingerprint, truncated OR is_summary FROM revisions"
        " WHERE entry IN (SELECT value FROM json_each(?1))",
        (listed,),
    ):
        texts.setdefault(key, {})[fingerprint] = bool(is_partial)
    credited: dict[int, set[str]] = {}
    for key, agency in store.rows(
        "SELECT entry, agency FROM credits WHERE entry IN (SELECT value FROM json_each(?))",
        (listed,),
    ):
        credited.setdefault(key, set()).add(agency)
    seen = _seen(store, listed)
    return {
        key: History(
            key=key,
            id=entry_id,
            title=title,
            agency=agency,
            credits=frozenset(credited.get(key, ())),
            standing=fingerprint,
            changed=changed,
            dated=published is not None,
            texts=texts[key],
            seen=tuple(seen.get(key, ())),
        )
        for key, entry_id, title, agency, fingerprint, changed, published in store.rows(
            "SELECT key, id, title, agency, fingerprint, changed, published FROM entries"
            " WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key",
            (listed,),
        )
    }


def _seen(store: Store, listed: str) -> dict[int, list[Seen]]:
    found: dict[int, list[Seen]] = {}
    for entry, number, document, name, modified, position, agency, *rest in store.rows(
        "SELECT entry, sightings.id, document, name, modified, position, agency, fingerprint, how,"
        " rule, former FROM sightings JOIN documents ON documents.key = document"
        " WHERE entry IN (SELECT value FROM json_each(?)) ORDER BY sightings.id",
        (listed,),
    ):
        fingerprint, how, rule, former = rest
        found.setdefault(entry, []).append(
            Seen(
                id=number,
                document=document,
                name=name,
                modified=modified,
                position=position,
                agency=agency,
                fingerprint=fingerprint,
                how=how,
                rule=rule,
                former=former,
            )
        )
    return found


def header_days(store: Store, sightings: Sequence[int]) -> dict[int, date]:
    """The day that the header of each sighting states, for those that have a whole one."""
    days: dict[int, date] = {}
    for sighting, first in store.rows(
        "SELECT sighting, first FROM evidence WHERE place = 'header'"
        " AND sighting IN (SELECT value FROM json_each(?)) ORDER BY sighting, position DESC",
        (json.dumps(list(sightings)),),
    ):
        day = to_partial(first).to_date()
        if day is None:
            days.pop(sighting, None)
        else:
            days[sighting] = day
    return days
